// The page is a file of its own because rustdoc collects the examples of a page, and checks its links, also where the
// crate is empty.
#![cfg_attr(target_os = "linux", doc = include_str!("lib.md"))]
#![cfg_attr(
    not(target_os = "linux"),
    doc = "Mach IPC for Linux: empty on other systems, which have `mach2` or no Mach."
)]
#![cfg(target_os = "linux")]

// calls → kernel → wire → sys → headers: each room uses only those below it, which tests/rooms.rs watches.
mod calls;
mod headers;
mod kernel;
pub mod linux;
mod sys;
mod wire;

pub use calls::by_header::{
    bootstrap, clock, clock_priv, clock_reply, dyld, error, exc, extra, host_info, mach_eventlink,
    mach_host, mach_init, mach_port, mach_time, message, mig, mk_timer, semaphore, task,
    task_special_ports, thread_act, thread_info, thread_policy, thread_state, thread_switch, traps,
    vm, vm_page_size,
};
pub use headers::{
    boolean, clock_types, cpu_families as machine, dyld_kernel, exception_types,
    host_special_ports, kern_return, loader, mach_debug, mach_types, mach_voucher_types,
    memory_object_types, ndr, notify, policy, port, structs, sync_policy, task_info, task_inspect,
    thread_special_ports, thread_status, time_value, vm_attributes, vm_behavior, vm_inherit,
    vm_prot, vm_purgable, vm_region, vm_statistics, vm_sync, vm_types,
};
