//! The calls, with C's signatures: raw pointers and the kernel's lock end here.
//!
//! Every function is `unsafe`, as in `mach2`: out-parameters must point to memory that can be written, names are
//! the caller's responsibility.
#![allow(
    clippy::missing_safety_doc,
    reason = "one rule for all: pointers are valid for what the call reads or writes, as its C header says"
)]

pub(crate) mod attributes;
pub(crate) mod bootstrap;
pub(crate) mod by_header;
mod children;
pub(crate) mod clock;
pub(crate) mod clock_port;
mod elsewhere;
pub(crate) mod error_strings;
pub(crate) mod errors;
pub(crate) mod eventlink;
pub(crate) mod exc_guard;
pub(crate) mod exception_ports;
pub(crate) mod fileport;
pub(crate) mod guards;
pub(crate) mod host;
pub(crate) mod kobject;
pub(crate) mod message;
pub(crate) mod mig;
pub(crate) mod names;
pub(crate) mod pages;
pub(crate) mod refused;
pub(crate) mod registered;
pub(crate) mod rights;
pub(crate) mod rounding;
pub(crate) mod semaphore;
pub(crate) mod server;
pub(crate) mod sets;
pub(crate) mod space;
pub(crate) mod special_ports;
pub(crate) mod subsets;
pub(crate) mod task;
pub(crate) mod task_info;
pub(crate) mod thread;
pub(crate) mod thread_info;
pub(crate) mod thread_policy;
pub(crate) mod timer;
pub(crate) mod tokens;
pub(crate) mod vm;
mod words;

use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_SUCCESS, kern_return_t,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::objects::kobject::{KernelObject, TaskPort};
use crate::kernel::task::Locked;

/// The kernel, if `task` is this task. Others cannot be worked on: nobody has the right to.
fn kernel_of(task: mach_port_name_t) -> Result<Locked, kern_return_t> {
    kernel_by(task, TaskPort::Control)
}

/// The kernel, if `task` is a port of this task's that is good for as much.
fn kernel_by(task: mach_port_name_t, least: TaskPort) -> Result<Locked, kern_return_t> {
    let kernel = crate::kernel::task::lock();
    if kernel.is_self(task, least) {
        Ok(kernel)
    } else {
        Err(crate::headers::message::MACH_SEND_INVALID_DEST)
    }
}

/// Whether `task` is this task, for calls that need nothing of the kernel: they do not hold its lock.
fn check_task(task: mach_port_name_t) -> Result<(), kern_return_t> {
    check_task_by(task, TaskPort::Control)
}

/// As [`check_task`], by a port that is good for as much.
fn check_task_by(task: mach_port_name_t, least: TaskPort) -> Result<(), kern_return_t> {
    kernel_by(task, least).map(drop)
}

/// The kernel, if `host` is the host's port.
fn kernel_of_host(host: mach_port_name_t) -> Result<Locked, kern_return_t> {
    let mut kernel = crate::kernel::task::lock();
    match kernel.object(host) {
        Ok(KernelObject::Host) => Ok(kernel),
        Err(KERN_INVALID_NAME | KERN_INVALID_RIGHT) => {
            Err(crate::headers::message::MACH_SEND_INVALID_DEST)
        }
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

/// A result as C wants it.
fn code(result: Result<(), kern_return_t>) -> kern_return_t {
    match result {
        Ok(()) => KERN_SUCCESS,
        Err(code) => code,
    }
}

/// Writes an out-parameter on success.
///
/// # Safety
/// `out` is valid for a write.
unsafe fn give<T>(out: *mut T, result: Result<T, kern_return_t>) -> kern_return_t {
    match result {
        Ok(value) => {
            // SAFETY: the caller's promise.
            unsafe { out.write(value) };
            KERN_SUCCESS
        }
        Err(code) => code,
    }
}
