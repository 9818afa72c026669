//! `bootstrap_*`: calls of privileged programs, and of those that have the system start their servers.
//!
//! There is one set of names for each user here, nobody has privileges in it, and nobody is started: all of these are
//! `BOOTSTRAP_NOT_PRIVILEGED`.

use core::ffi::{c_char, c_uint};

use super::bootstrap::check_port;
use crate::headers::boolean::boolean_t;
use crate::headers::bootstrap::BOOTSTRAP_NOT_PRIVILEGED;
use crate::headers::kern_return::kern_return_t;
use crate::headers::port::mach_port_t;

fn refuse(bp: mach_port_t) -> kern_return_t {
    match check_port(bp) {
        Ok(()) => BOOTSTRAP_NOT_PRIVILEGED,
        Err(code) => code,
    }
}

/// Would have the system start a server: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_create_server(
    bp: mach_port_t,
    _server_cmd: *mut c_char,
    _server_uid: c_uint,
    _on_demand: boolean_t,
    _server_port: *mut mach_port_t,
) -> kern_return_t {
    refuse(bp)
}

/// Would make a name that has no server yet: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_create_service(
    bp: mach_port_t,
    _service_name: *mut c_char,
    _sp: *mut mach_port_t,
) -> kern_return_t {
    refuse(bp)
}

/// Would make a set of names below this one: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_subset(
    bp: mach_port_t,
    _requestor_port: mach_port_t,
    _subset_port: *mut mach_port_t,
) -> kern_return_t {
    refuse(bp)
}

/// Would give a port without the caller's privileges: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_unprivileged(
    bp: mach_port_t,
    _unpriv_port: *mut mach_port_t,
) -> kern_return_t {
    refuse(bp)
}

/// Would give the set of names above this one: `BOOTSTRAP_NOT_PRIVILEGED`.
pub unsafe extern "C" fn bootstrap_parent(
    bp: mach_port_t,
    _parent_port: *mut mach_port_t,
) -> kern_return_t {
    refuse(bp)
}
