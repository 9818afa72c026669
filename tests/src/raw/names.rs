//! Names: made, asked for, listed.

use std::ptr::null_mut;

use mach_ports::ffi::kern_return::kern_return_t;
use mach_ports::ffi::port::{
    MACH_PORT_NULL, mach_port_name_t, mach_port_right_t, mach_port_type_t,
};
use mach_ports::ffi::{extra, mach_port};

use super::{Given, given, take_array, target};

/// `mach_port_allocate`.
pub fn allocate(right: mach_port_right_t) -> Given<mach_port_name_t> {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    given(
        unsafe { mach_port::mach_port_allocate(target(), right, &raw mut name) },
        name,
    )
}

/// `mach_port_allocate_name`.
pub fn allocate_name(right: mach_port_right_t, name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_allocate_name(target(), right, name) }
}

/// `mach_port_rename`.
pub fn rename(old: mach_port_name_t, new: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_rename(target(), old, new) }
}

/// `mach_port_type`.
pub fn type_of(name: mach_port_name_t) -> Given<mach_port_type_t> {
    let mut kind = 0;
    // SAFETY: `kind` can be written.
    given(
        unsafe { extra::mach_port_type(target(), name, &raw mut kind) },
        kind,
    )
}

/// `mach_port_names`: each name with its type, in the order given.
pub fn names() -> Given<Vec<(mach_port_name_t, mach_port_type_t)>> {
    let (mut names, mut names_count) = (null_mut(), 0);
    let (mut types, mut types_count) = (null_mut(), 0);
    // SAFETY: all four can be written.
    let code = unsafe {
        extra::mach_port_names(
            target(),
            &raw mut names,
            &raw mut names_count,
            &raw mut types,
            &raw mut types_count,
        )
    };
    given(code, ())?;
    let (names, types) = (
        take_array(names, names_count),
        take_array(types, types_count),
    );
    assert_eq!(names.len(), types.len());
    Ok(names.into_iter().zip(types).collect())
}
