//! The C library of `embedded-mach`, which is the crate `mach` here: a checked list of what it exports, and nothing else.
//!
//! There is one file for each header in `include/` that declares functions or variables. The compiler checks each
//! signature against the Rust function of the same name, and `tests/headers/` checks it against the header. The crate is
//! one of its own, so that no Rust program exports these symbols.
#![cfg(target_os = "linux")]

/// Exports functions of a module of `mach` under their names.
macro_rules! functions {
    ($mach:ident::$module:ident: $(
        fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?;
    )+) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($($argument: $type),*) $(-> $result)? {
            // SAFETY: the caller made the same promise.
            unsafe { $mach::$module::$name($($argument),*) }
        }
    )+};
}

/// Exports variables of a module of `mach` that get their values when the library is loaded.
macro_rules! variables {
    ($mach:ident::$module:ident: $($name:ident: $type:ty;)+) => {
        $(
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals, reason = "the name is that of the C header")]
            static mut $name: $type = 0;
        )+

        // Programs read variables, so these must be right before their constructors run, also where program and library
        // are linked into one file. The loader runs what such sections name by their numbers: 99 sets the variables of
        // `mach`, numbers from 101 on and sections without one are the program's.
        #[used]
        #[unsafe(link_section = ".init_array.00100")]
        static AT_LOAD: extern "C" fn() = set;

        extern "C" fn set() {
            // SAFETY: the loader calls this once, before any other code of the program could use the variables.
            unsafe {
                $($name = $mach::$module::$name;)+
            }
        }
    };
}

mod bootstrap;
mod clock;
mod clock_priv;
mod clock_reply;
mod exc;
mod fileport;
mod host_priv;
mod libbsm;
mod mach;
mod mach_error;
mod mach_eventlink;
mod mach_host;
mod mach_init;
mod mach_port;
mod mach_sync_ipc;
mod mach_time;
mod mach_traps;
mod mach_vm;
mod message;
mod mig;
mod mk_timer;
mod ndr;
mod semaphore;
mod task;
mod thread_act;
mod thread_switch;
mod vm_map;
mod vm_page_size;
