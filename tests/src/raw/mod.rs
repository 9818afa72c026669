//! The Mach calls on names, one for one, with results in place of out-parameters.
//!
//! A call that gives nothing returns its code; one that gives something returns it, or its code as an error. Nothing
//! is asserted here but what a test cannot go on without: the functions of [`made`].

mod attributes;
mod guards;
pub mod made;
mod names;
mod rights;
mod sets;

use std::cell::Cell;
use std::ptr::NonNull;

use mach_ports::ffi::extra;
use mach_ports::ffi::kern_return::{KERN_SUCCESS, kern_return_t};
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};
use mach_ports::ffi::traps::mach_task_self;

pub use attributes::*;
pub use guards::*;
pub use names::*;
pub use rights::*;
pub use sets::*;

/// What a call gives, or its code.
pub type Given<T> = Result<T, kern_return_t>;

fn given<T>(code: kern_return_t, value: T) -> Given<T> {
    if code == KERN_SUCCESS {
        Ok(value)
    } else {
        Err(code)
    }
}

/// This task.
#[must_use]
pub fn task() -> mach_port_name_t {
    // SAFETY: reads a static.
    unsafe { mach_task_self() }
}

thread_local! {
    static TARGET: Cell<mach_port_name_t> = const { Cell::new(MACH_PORT_NULL) };
}

/// The task whose names this thread's calls are about.
fn target() -> mach_port_name_t {
    match TARGET.get() {
        MACH_PORT_NULL => task(),
        other => other,
    }
}

/// Has the calls in `work` made on another task's names, by its port.
pub fn on<T>(other: mach_port_name_t, work: impl FnOnce() -> T) -> T {
    struct Before(mach_port_name_t);
    impl Drop for Before {
        fn drop(&mut self) {
            TARGET.set(self.0);
        }
    }
    let _before = Before(TARGET.replace(other));
    work()
}

/// An array that a call has allocated, taken over and freed.
fn take_array(array: *mut u32, count: u32) -> Vec<u32> {
    let Some(start) = NonNull::new(array).filter(|_| count > 0) else {
        return Vec::new();
    };
    // SAFETY: the call that gave the array put as many words there.
    let words = unsafe { std::slice::from_raw_parts(start.as_ptr(), count as usize) }.to_vec();
    let size = words.len() * size_of::<u32>();
    // SAFETY: the array is this task's, and nothing refers to it any more.
    let code = unsafe { extra::vm_deallocate(task(), start.as_ptr() as usize, size) };
    assert_eq!(code, KERN_SUCCESS, "vm_deallocate of a given array");
    words
}
