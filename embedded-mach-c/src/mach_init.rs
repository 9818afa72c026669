//! `mach/mach_init.h`: the ports that a task starts with.

use mach::boolean::boolean_t;
use mach::kern_return::kern_return_t;
use mach::mach_types::{host_t, task_name_t};
use mach::port::mach_port_t;
use mach::vm_types::vm_size_t;

functions! {
    mach::traps:

    fn mach_task_self() -> mach_port_t;
}

functions! {
    mach::mach_init:

    fn mach_thread_self() -> mach_port_t;
    fn mach_host_self() -> mach_port_t;
}

functions! {
    mach::extra:

    fn mach_task_is_self(task: task_name_t) -> boolean_t;
    fn host_page_size(host: host_t, out_page_size: *mut vm_size_t) -> kern_return_t;
}

#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
static mach_task_self_: mach_port_t = mach::traps::mach_task_self_;
