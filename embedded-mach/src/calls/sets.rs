//! `mach_port_*`: port sets.

use super::code;
use super::elsewhere::{Routine, on_names, on_names_by};
use super::names::{give_array, in_pages};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::mach_port_name_t;
use crate::kernel::objects::kobject::TaskPort;

/// Adds a receive right to a set.
pub unsafe extern "C" fn mach_port_insert_member(
    task: ipc_space_t,
    name: mach_port_name_t,
    pset: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.insert_member(name, pset),
        |there| there.request(Routine::InsertMember, &[name, pset]).done(),
    ))
}

/// Takes a receive right out of a set.
pub unsafe extern "C" fn mach_port_extract_member(
    task: ipc_space_t,
    name: mach_port_name_t,
    pset: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.extract_member(name, pset),
        |there| there.request(Routine::ExtractMember, &[name, pset]).done(),
    ))
}

/// Takes a receive right out of all sets, and into one unless that is `MACH_PORT_NULL`.
pub unsafe extern "C" fn mach_port_move_member(
    task: ipc_space_t,
    member: mach_port_name_t,
    after: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.move_member(member, after),
        |there| there.request(Routine::MoveMember, &[member, after]).done(),
    ))
}

/// The members of a set, in an array that the caller frees with `vm_deallocate`.
pub unsafe extern "C" fn mach_port_get_set_status(
    task: ipc_space_t,
    name: mach_port_name_t,
    members: *mut *mut mach_port_name_t,
    members_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let found = on_names_by(
        task,
        TaskPort::Read,
        |kernel| in_pages(&kernel.set_status(name)?),
        |there| {
            let request = there.request(Routine::GetSetStatus, &[name]);
            request.takes_arrays::<0, 1>(4).map(|(_, [names])| names)
        },
    );
    // SAFETY: the caller's promise.
    unsafe { give_array(members, members_count, found) }
}
