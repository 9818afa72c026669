//! The headers: types, constants and inline functions, under the paths that `mach2` has them.
//!
//! Nothing here knows of the rest of the crate.

/// Declares many constants that are told apart by their names.
macro_rules! numbered {
    ($type:ty, $what:literal; $($name:ident = $value:expr,)*) => {$(
        #[doc = concat!($what, " `", stringify!($name), "`.")]
        #[allow(non_upper_case_globals, reason = "the names are those of the C headers")]
        pub const $name: $type = $value;
    )*};
}

/// Declares other names of types.
macro_rules! aliases {
    ($($name:ident = $type:ty,)*) => {$(
        #[doc = concat!("Another name of `", stringify!($type), "`.")]
        pub type $name = $type;
    )*};
}

/// Declares structures whose fields mean what they mean on macOS.
macro_rules! laid_out {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty,)* }) => {
        #[doc = concat!("Laid out as C has it: `", stringify!($name), "`.")]
        $(#[$meta])*
        #[allow(non_snake_case, reason = "the names are those of the C headers")]
        pub struct $name {
            $(
                #[doc = concat!("`", stringify!($field), "`.")]
                pub $field: $type,
            )*
        }
    };
}

pub mod boolean;
pub mod clock_types;
pub mod cpu_families;
pub mod dyld_kernel;
pub mod exception_types;
pub mod host_special_ports;
pub mod kern_return;
pub mod loader;
pub mod mach_debug;
pub mod mach_types;
pub mod mach_voucher_types;
pub mod memory_object_types;
pub mod ndr;
pub mod notify;
pub mod policy;
pub mod port;
pub mod structs;
pub mod sync_policy;
pub mod task_info;
pub mod task_inspect;
pub mod thread_special_ports;
pub mod thread_status;
pub mod time_value;
pub mod vm_attributes;
pub mod vm_behavior;
pub mod vm_inherit;
pub mod vm_prot;
pub mod vm_purgable;
pub mod vm_region;
pub mod vm_statistics;
pub mod vm_sync;
pub mod vm_types;

// These declare calls as well: programs see them whole, as `calls/by_header/` puts them together.
pub(crate) mod bootstrap;
pub(crate) mod error;
pub(crate) mod exc;
pub(crate) mod host_info;
pub(crate) mod mach_eventlink_types;
pub(crate) mod mach_time;
pub(crate) mod message;
pub(crate) mod mig;
pub(crate) mod mk_timer;
pub(crate) mod task_messages;
pub(crate) mod task_special_ports;
pub(crate) mod thread_info;
pub(crate) mod thread_policy;
pub(crate) mod thread_switch;

// What `port` and `vm_types`, which use each other in C, are both made of.
mod machine;
