//! `fileport_*`: open files as ports.

use core::ffi::c_int;
use std::os::fd::IntoRawFd;

use nix::errno::Errno;

use crate::headers::port::mach_port_t;
use crate::kernel::objects::kobject::KernelObject;
use crate::kernel::task;
use crate::sys::file;
use crate::sys::foreign::Foreign;

/// A send right to the open file of a descriptor. Every call makes a port of its own.
///
/// 0, or −1 and `errno`.
pub unsafe extern "C" fn fileport_makeport(fd: c_int, port: *mut mach_port_t) -> c_int {
    if port.is_null() {
        return failed(Errno::EFAULT);
    }
    let made = file::duplicate(fd).and_then(|fd| {
        task::lock()
            .give_object(KernelObject::File(Foreign::arrived(fd)))
            .map_err(|_| Errno::ENOMEM)
    });
    match made {
        Ok(name) => {
            // SAFETY: the caller's promise.
            unsafe { port.write(name) };
            0
        }
        Err(errno) => failed(errno),
    }
}

/// A new descriptor, close-on-exec, for the open file of a file port.
///
/// −1 and `errno` if there is none: `EINVAL` if the right does not lead to a file.
pub unsafe extern "C" fn fileport_makefd(port: mach_port_t) -> c_int {
    let opened = match task::lock().object(port) {
        Ok(KernelObject::File(fd)) => fd
            .try_clone()
            .map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EMFILE))),
        _ => Err(Errno::EINVAL),
    };
    match opened {
        Ok(fd) => fd.into_plain().into_raw_fd(),
        Err(errno) => failed(errno),
    }
}

fn failed(errno: Errno) -> c_int {
    errno.set();
    -1
}
