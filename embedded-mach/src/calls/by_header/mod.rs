//! The headers that declare calls, as programs import them: the calls, and all that `headers/` has of the same header.
//!
//! The crate's root shows these, and those of `headers/` that declare no calls.

pub mod bootstrap;
pub mod clock;
pub mod clock_priv;
pub mod clock_reply;
pub mod dyld;
pub mod error;
pub mod exc;
pub mod extra;
pub mod host_info;
pub mod mach_eventlink;
pub mod mach_host;
pub mod mach_init;
pub mod mach_port;
pub mod mach_time;
pub mod message;
pub mod mig;
pub mod mk_timer;
pub mod semaphore;
pub mod task;
pub mod task_special_ports;
pub mod thread_act;
pub mod thread_info;
pub mod thread_policy;
pub mod thread_state;
pub mod thread_switch;
pub mod traps;
pub mod vm;
pub mod vm_page_size;
