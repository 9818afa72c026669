//! The port calls on this task, each as one function with a typed result.
//!
//! None of them can break memory safety, whatever the name is. They can break ownership, so they stay
//! inside the crate: the right types are what is offered.

use crate::error::{Error, check};
use crate::ffi::{self, message};

/// A number by which a task knows a port: `mach_port_name_t`.
pub type Name = ffi::port::mach_port_name_t;

pub(crate) const NULL: Name = ffi::port::MACH_PORT_NULL;
pub(crate) const DEAD: Name = ffi::port::MACH_PORT_DEAD;

/// Calls `mach_port_*` on this task and names the call in its error.
macro_rules! call {
    ($module:ident::$function:ident($($argument:expr),* $(,)?)) => {
        check(
            stringify!($function),
            // SAFETY: every pointer among the arguments is a borrow of a local that outlives the call.
            unsafe { ffi::$module::$function(task(), $($argument),*) },
        )
    };
}

/// This task's own port, which needs no release.
pub(crate) fn task() -> Name {
    // SAFETY: reads a number that is set before any code of the program runs.
    unsafe { ffi::traps::mach_task_self() }
}

pub(crate) fn allocate(right: u32) -> Result<Name, Error> {
    let mut name = NULL;
    call!(mach_port::mach_port_allocate(right, &mut name))?;
    Ok(name)
}

pub(crate) fn deallocate(name: Name) -> Result<(), Error> {
    call!(mach_port::mach_port_deallocate(name))
}

pub(crate) fn mod_refs(name: Name, right: u32, delta: i32) -> Result<(), Error> {
    call!(mach_port::mach_port_mod_refs(name, right, delta))
}

/// Destroys a guarded receive right.
pub(crate) fn destruct(name: Name, guard: u64) -> Result<(), Error> {
    call!(mach_port::mach_port_destruct(name, 0, guard))
}

pub(crate) fn make_send(name: Name) -> Result<(), Error> {
    call!(mach_port::mach_port_insert_right(
        name,
        name,
        message::MACH_MSG_TYPE_MAKE_SEND
    ))
}

pub(crate) fn make_send_once(name: Name) -> Result<Name, Error> {
    let (mut made, mut kind) = (NULL, 0);
    call!(mach_port::mach_port_extract_right(
        name,
        message::MACH_MSG_TYPE_MAKE_SEND_ONCE,
        &mut made,
        &mut kind
    ))?;
    Ok(made)
}

/// The `MACH_PORT_TYPE_*` bits of a name.
pub(crate) fn port_type(name: Name) -> Result<u32, Error> {
    let mut bits = 0;
    call!(extra::mach_port_type(name, &mut bits))?;
    Ok(bits)
}

pub(crate) fn references(name: Name, right: u32) -> Result<u32, Error> {
    let mut count = 0;
    call!(extra::mach_port_get_refs(name, right, &mut count))?;
    Ok(count)
}

/// Asks for a notification. `notify` is consumed whatever the result, as the call itself does;
/// null withdraws the standing request. Returns the earlier request's right.
pub(crate) fn request_notification(
    name: Name,
    id: i32,
    sync: u32,
    notify: Name,
) -> Result<Name, Error> {
    let mut previous = NULL;
    // Withdrawing names no right to move; the kernel wants a valid disposition all the same.
    let disposition = if notify == NULL {
        message::MACH_MSG_TYPE_MAKE_SEND_ONCE
    } else {
        message::MACH_MSG_TYPE_MOVE_SEND_ONCE
    };
    call!(mach_port::mach_port_request_notification(
        name,
        id,
        sync,
        notify,
        disposition,
        &mut previous
    ))?;
    Ok(previous)
}

pub(crate) fn insert_member(member: Name, set: Name) -> Result<(), Error> {
    call!(extra::mach_port_insert_member(member, set))
}

pub(crate) fn extract_member(member: Name, set: Name) -> Result<(), Error> {
    call!(extra::mach_port_extract_member(member, set))
}

pub(crate) fn move_member(member: Name, set: Name) -> Result<(), Error> {
    call!(extra::mach_port_move_member(member, set))
}

/// `mach_port_get_attributes` into an array of `N` words.
pub(crate) fn attributes<const N: usize>(name: Name, flavor: i32) -> Result<[i32; N], Error> {
    let mut words = [0; N];
    let mut count = N as u32;
    call!(mach_port::mach_port_get_attributes(
        name,
        flavor,
        words.as_mut_ptr(),
        &mut count
    ))?;
    Ok(words)
}

pub(crate) fn set_attributes<const N: usize>(
    name: Name,
    flavor: i32,
    mut words: [i32; N],
) -> Result<(), Error> {
    call!(mach_port::mach_port_set_attributes(
        name,
        flavor,
        words.as_mut_ptr(),
        N as u32
    ))
}

/// The context of a port.
pub(crate) fn context(name: Name) -> Result<u64, Error> {
    let mut context = 0;
    call!(extra::mach_port_get_context(name, &mut context))?;
    Ok(context)
}

/// What [`names`] gives: memory that the call allocated, to be freed by `vm_deallocate`.
pub(crate) struct RawArray {
    pub(crate) address: usize,
    pub(crate) count: u32,
}

/// `mach_port_names`: the names, and the type of each.
pub(crate) fn names() -> Result<(RawArray, RawArray), Error> {
    let (mut names, mut types) = (std::ptr::null_mut(), std::ptr::null_mut());
    let (mut name_count, mut type_count) = (0, 0);
    call!(extra::mach_port_names(
        &mut names,
        &mut name_count,
        &mut types,
        &mut type_count
    ))?;
    Ok((
        RawArray {
            address: names.expose_provenance(),
            count: name_count,
        },
        RawArray {
            address: types.expose_provenance(),
            count: type_count,
        },
    ))
}

/// `mach_port_get_set_status`: the members of a set.
pub(crate) fn members(set: Name) -> Result<RawArray, Error> {
    let (mut names, mut count) = (std::ptr::null_mut(), 0);
    call!(extra::mach_port_get_set_status(set, &mut names, &mut count))?;
    Ok(RawArray {
        address: names.expose_provenance(),
        count,
    })
}
