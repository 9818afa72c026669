//! Threads: their ports, and giving the processor away.

use core::cell::Cell;
use core::ffi::c_int;

use nix::unistd::gettid;

use super::clock::{mach_absolute_time, mach_wait_until};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_SUCCESS, kern_return_t};
use crate::headers::mach_types::thread_port_t;
use crate::headers::message::mach_msg_timeout_t;
use crate::headers::port::{MACH_PORT_NULL, MPO_INSERT_SEND_RIGHT, mach_port_name_t};
use crate::headers::thread_switch::{
    SWITCH_OPTION_DEPRESS, SWITCH_OPTION_NONE, SWITCH_OPTION_WAIT,
};
use crate::kernel::namespace::construct::Options;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::task;

thread_local! {
    /// The thread's port, and the process in which the name means it.
    static THREAD: Cell<(i32, mach_port_name_t)> = const { Cell::new((0, MACH_PORT_NULL)) };
}

/// A new reference to the calling thread's port.
pub unsafe extern "C" fn mach_thread_self() -> thread_port_t {
    let thread = gettid().as_raw();
    let mut kernel = task::lock();
    let (pid, name) = THREAD.get();
    let known = match kernel.kernel_object(name) {
        Some(&KernelObject::Thread(named)) if pid == kernel.pid && named == thread => {
            kernel.space.get(name).and_then(|entry| entry.port())
        }
        _ => None,
    };
    let right = match known {
        Some(key) => kernel.copy_send(key),
        None => kernel.thread_right(thread),
    };
    let name = kernel.copyout_right(right).unwrap_or(MACH_PORT_NULL);
    THREAD.set((kernel.pid, name));
    name
}

/// As [`mach_thread_self`].
pub unsafe extern "C" fn thread_self_trap() -> mach_port_name_t {
    // SAFETY: no argument could be wrong.
    unsafe { mach_thread_self() }
}

/// A new port for a reply, with a send right beside the receive right, which cannot be moved. Priorities do not follow its messages.
pub unsafe extern "C" fn thread_get_special_reply_port() -> mach_port_name_t {
    let options = Options {
        flags: MPO_INSERT_SEND_RIGHT,
        thread_replies: true,
        ..Options::default()
    };
    task::lock().construct(options).unwrap_or(MACH_PORT_NULL)
}

/// Lets other threads run, or sleeps for `option_time` milliseconds. Which thread runs next cannot be chosen.
pub unsafe extern "C" fn thread_switch(
    _thread_name: mach_port_name_t,
    option: c_int,
    option_time: mach_msg_timeout_t,
) -> kern_return_t {
    match option {
        SWITCH_OPTION_NONE | SWITCH_OPTION_DEPRESS => std::thread::yield_now(),
        // SAFETY: the calls take numbers.
        SWITCH_OPTION_WAIT => unsafe {
            mach_wait_until(mach_absolute_time() + u64::from(option_time) * 1_000_000);
        },
        _ => return KERN_INVALID_ARGUMENT,
    }
    KERN_SUCCESS
}
