//! `bootstrap_*`.

use core::ffi::{CStr, c_char, c_int};

use super::give;
use crate::headers::bootstrap::{BOOTSTRAP_MAX_NAME_LEN, BOOTSTRAP_UNKNOWN_SERVICE};
use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, kern_return_t};
use crate::headers::message::MACH_SEND_INVALID_DEST;
use crate::headers::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, mach_port_t};
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::other_tasks::directory;
use crate::kernel::task;

/// The task's bootstrap port.
#[allow(non_upper_case_globals, reason = "the name is that of the C header")]
pub static mut bootstrap_port: mach_port_t = task::BOOTSTRAP;

/// A service name, if it is one.
///
/// # Safety
/// `name` is null or a string.
unsafe fn name_of(name: *const c_char) -> Result<String, kern_return_t> {
    if name.is_null() {
        return Err(KERN_INVALID_ARGUMENT);
    }
    // SAFETY: the caller's promise.
    let name = unsafe { CStr::from_ptr(name) };
    match name.to_str() {
        Ok(text) if !text.is_empty() && text.len() < BOOTSTRAP_MAX_NAME_LEN as usize => {
            Ok(text.to_owned())
        }
        _ => Err(BOOTSTRAP_UNKNOWN_SERVICE),
    }
}

/// Whether a name stands for the directory of bootstrap names. Any other port has no names.
pub(super) fn check_port(bp: mach_port_t) -> Result<(), kern_return_t> {
    directory::start();
    let kernel = task::lock();
    match kernel.kernel_object(bp) {
        Some(KernelObject::Bootstrap) => Ok(()),
        _ if kernel.space.get(bp).is_none() => Err(MACH_SEND_INVALID_DEST),
        _ => Err(BOOTSTRAP_UNKNOWN_SERVICE),
    }
}

/// Takes a service name and gives the receive right of its port.
pub unsafe extern "C" fn bootstrap_check_in(
    bp: mach_port_t,
    service_name: *const c_char,
    sp: *mut mach_port_t,
) -> kern_return_t {
    let checked_in = check_port(bp)
        // SAFETY: the caller's promise.
        .and_then(|()| unsafe { name_of(service_name) })
        .and_then(|name| {
            directory::settled(&name).refuse_own_service(&name)?;
            // Files may have to be waited for: not with the kernel locked.
            let service = directory::claim(&name)?;
            let mut kernel = task::lock();
            let port = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None)?;
            let key = kernel.receive_right(port)?;
            kernel.add_service(key, service);
            Ok(port)
        });
    // SAFETY: the caller's promise.
    unsafe { give(sp, checked_in) }
}

/// Gives a send right to the port that a service name stands for.
pub unsafe extern "C" fn bootstrap_look_up(
    bp: mach_port_t,
    service_name: *const c_char,
    sp: *mut mach_port_t,
) -> kern_return_t {
    let found = check_port(bp)
        // SAFETY: the caller's promise.
        .and_then(|()| unsafe { name_of(service_name) })
        .and_then(|name| {
            let mut kernel = directory::settled(&name);
            if let Some(own) = kernel.own_service(&name) {
                let right = kernel.copy_send(own);
                return kernel.copyout_right(right);
            }
            // Connecting may have to wait for the other side: not with the lock held.
            drop(kernel);
            let found = directory::find(&name)?;
            let mut kernel = task::lock();
            let right = kernel.looked_up(&name, found);
            kernel.copyout_right(right)
        });
    // SAFETY: the caller's promise.
    unsafe { give(sp, found) }
}

/// Has a port of this task served under a name; with `MACH_PORT_NULL` the name is given up.
///
/// A port whose receive right is in another task cannot be registered: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_register(
    bp: mach_port_t,
    service_name: *mut c_char,
    sp: mach_port_t,
) -> kern_return_t {
    super::code(
        check_port(bp)
            // SAFETY: the caller's promise.
            .and_then(|()| unsafe { name_of(service_name) })
            .and_then(|name| {
                if sp == MACH_PORT_NULL {
                    return directory::settled(&name).withdraw_service(&name);
                }
                task::lock().registrable(sp)?;
                directory::settled(&name).refuse_own_service(&name)?;
                let service = directory::claim(&name)?;
                let mut kernel = task::lock();
                let key = kernel.registrable(sp)?;
                kernel.add_service(key, service);
                Ok(())
            }),
    )
}

/// As [`bootstrap_register`]; no flag means anything here.
pub unsafe extern "C" fn bootstrap_register2(
    bp: mach_port_t,
    service_name: *mut c_char,
    sp: mach_port_t,
    _flags: u64,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { bootstrap_register(bp, service_name, sp) }
}

/// Whether a service name is served.
pub unsafe extern "C" fn bootstrap_status(
    bp: mach_port_t,
    service_name: *mut c_char,
    service_active: *mut c_int,
) -> kern_return_t {
    let status = check_port(bp)
        // SAFETY: the caller's promise.
        .and_then(|()| unsafe { name_of(service_name) })
        .and_then(|name| {
            if directory::settled(&name).own_service(&name).is_none() {
                directory::find(&name)?;
            }
            Ok(crate::headers::bootstrap::BOOTSTRAP_STATUS_ACTIVE)
        });
    // SAFETY: the caller's promise.
    unsafe { give(service_active, status) }
}

/// What a bootstrap code means, in words.
pub unsafe extern "C" fn bootstrap_strerror(r: kern_return_t) -> *const c_char {
    crate::calls::error_strings::bootstrap_strerror(r).as_ptr()
}
