//! Rights under names: references, what is put there and taken out, what is asked for.

use mach_ports::ffi::kern_return::kern_return_t;
use mach_ports::ffi::message::mach_msg_type_name_t;
use mach_ports::ffi::port::{
    MACH_PORT_NULL, mach_port_delta_t, mach_port_name_t, mach_port_right_t,
};
use mach_ports::ffi::{extra, mach_port};

use super::{Given, given, target};

/// `mach_port_destroy`.
pub fn destroy(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_destroy(target(), name) }
}

/// `mach_port_deallocate`.
pub fn deallocate(name: mach_port_name_t) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_deallocate(target(), name) }
}

/// `mach_port_mod_refs`.
pub fn mod_refs(
    name: mach_port_name_t,
    right: mach_port_right_t,
    delta: mach_port_delta_t,
) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_mod_refs(target(), name, right, delta) }
}

/// `mach_port_get_refs`.
pub fn refs(name: mach_port_name_t, right: mach_port_right_t) -> Given<u32> {
    let mut refs = 0;
    // SAFETY: `refs` can be written.
    given(
        unsafe { extra::mach_port_get_refs(target(), name, right, &raw mut refs) },
        refs,
    )
}

/// `mach_port_insert_right`.
pub fn insert_right(
    name: mach_port_name_t,
    poly: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_insert_right(target(), name, poly, disposition) }
}

/// `mach_port_extract_right`: the name and the disposition that the right has.
pub fn extract_right(
    name: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> Given<(mach_port_name_t, mach_msg_type_name_t)> {
    let (mut poly, mut kind) = (MACH_PORT_NULL, 0);
    // SAFETY: both can be written.
    let code = unsafe {
        mach_port::mach_port_extract_right(
            target(),
            name,
            disposition,
            &raw mut poly,
            &raw mut kind,
        )
    };
    given(code, (poly, kind))
}

/// `mach_port_request_notification`: the name of the right that the former request held.
pub fn request_notification(
    name: mach_port_name_t,
    id: i32,
    sync: u32,
    notify: mach_port_name_t,
    disposition: mach_msg_type_name_t,
) -> Given<mach_port_name_t> {
    let mut previous = MACH_PORT_NULL;
    // SAFETY: `previous` can be written.
    let code = unsafe {
        mach_port::mach_port_request_notification(
            target(),
            name,
            id,
            sync,
            notify,
            disposition,
            &raw mut previous,
        )
    };
    given(code, previous)
}
