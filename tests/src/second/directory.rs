//! Bootstrap names.

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicU32, Ordering};

use mach_ports::ffi::bootstrap::{bootstrap_check_in, bootstrap_look_up, bootstrap_port};
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

use super::two::Line;
use crate::raw::Given;

/// A bootstrap name that nobody else has.
#[must_use]
pub fn service_name() -> CString {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rendezvous.tests.{}.{number}", std::process::id());
    CString::new(name).expect("no zero in it")
}

/// The task's bootstrap port.
#[must_use]
pub fn bootstrap() -> mach_port_name_t {
    // SAFETY: written before `main` only.
    unsafe { bootstrap_port }
}

/// `bootstrap_check_in`.
pub fn check_in(name: &CStr) -> Given<mach_port_name_t> {
    let mut port = MACH_PORT_NULL;
    // SAFETY: the name is a string and `port` can be written.
    match unsafe { bootstrap_check_in(bootstrap(), name.as_ptr(), &raw mut port) } {
        KERN_SUCCESS => Ok(port),
        code => Err(code),
    }
}

/// A port under a bootstrap name that nobody else has, which the other side is told.
#[must_use]
pub fn serve(line: &Line) -> mach_port_name_t {
    let service = service_name();
    let port = check_in(&service).expect("a service");
    tell_name(line, &service);
    port
}

/// Tells the other side a name.
pub fn tell_name(line: &Line, name: &CStr) {
    line.letter().inline(name.to_bytes_with_nul()).send();
}

/// The name that the other side tells.
#[must_use]
pub fn told_name(line: &Line) -> CString {
    let bytes = line.next().inline();
    let name = CStr::from_bytes_until_nul(&bytes).expect("a name");
    name.to_owned()
}

/// `bootstrap_look_up`.
pub fn look_up(name: &CStr) -> Given<mach_port_name_t> {
    let mut port = MACH_PORT_NULL;
    // SAFETY: the name is a string and `port` can be written.
    match unsafe { bootstrap_look_up(bootstrap(), name.as_ptr(), &raw mut port) } {
        KERN_SUCCESS => Ok(port),
        code => Err(code),
    }
}
