//! Port sets.

use std::ptr::null_mut;

use mach_ports::ffi::extra;
use mach_ports::ffi::kern_return::kern_return_t;
use mach_ports::ffi::port::mach_port_name_t;

use super::{Given, given, take_array, target};

/// `mach_port_get_set_status`.
pub fn members(set: mach_port_name_t) -> Given<Vec<mach_port_name_t>> {
    let (mut names, mut count) = (null_mut(), 0);
    // SAFETY: both can be written.
    let code =
        unsafe { extra::mach_port_get_set_status(target(), set, &raw mut names, &raw mut count) };
    given(code, ())?;
    Ok(take_array(names, count))
}

/// `mach_port_insert_member`.
pub fn insert_member(port: mach_port_name_t, set: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_insert_member(target(), port, set) }
}

/// `mach_port_extract_member`.
pub fn extract_member(port: mach_port_name_t, set: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_extract_member(target(), port, set) }
}

/// `mach_port_move_member`.
pub fn move_member(port: mach_port_name_t, after: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_move_member(target(), port, after) }
}
