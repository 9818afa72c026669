//! `mach_port_*`: what a task's names are.

use zerocopy::{Immutable, IntoBytes};

use super::elsewhere::{Array, Routine, on_names};
use super::{code, give};
use crate::headers::kern_return::{KERN_RESOURCE_SHORTAGE, kern_return_t};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::mig::MIG_BAD_ID;
use crate::headers::port::{
    mach_port_name_t, mach_port_right_t, mach_port_rights_t, mach_port_type_t, mach_port_urefs_t,
};
use crate::sys::memory;

/// All names and their types, in two arrays that the caller frees with `vm_deallocate`.
pub unsafe extern "C" fn mach_port_names(
    task: ipc_space_t,
    names: *mut *mut mach_port_name_t,
    names_count: *mut mach_msg_type_number_t,
    types: *mut *mut mach_port_type_t,
    types_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let found = on_names(
        task,
        |kernel| {
            let (held, kinds): (Vec<_>, Vec<_>) = kernel.all_names().into_iter().unzip();
            Ok([in_pages(&held)?, in_pages(&kinds)?])
        },
        |there| {
            let request = there.request(Routine::Names, &[]);
            request.takes_arrays::<0, 2>(4).map(|(_, arrays)| arrays)
        },
    );
    // SAFETY: the caller's promise.
    unsafe {
        give_array(types, types_count, found.map(|[_, types]| types));
        give_array(names, names_count, found.map(|[names, _]| names))
    }
}

/// An array in fresh pages.
pub(super) fn in_pages<T: IntoBytes + Immutable>(values: &[T]) -> Result<Array, kern_return_t> {
    let mapped = memory::map_copy(values.as_bytes());
    Ok(Array {
        address: mapped.map_err(|_| KERN_RESOURCE_SHORTAGE)?,
        count: values.len() as u32,
    })
}

/// Gives an array, which is the caller's then.
///
/// # Safety
/// `array` and `count` are valid for a write.
pub(super) unsafe fn give_array<T>(
    array: *mut *mut T,
    count: *mut mach_msg_type_number_t,
    found: Result<Array, kern_return_t>,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe {
        give(count, found.map(|found| found.count));
        give(array, found.map(|found| found.address as *mut T))
    }
}

/// The rights under a name, as `MACH_PORT_TYPE_*` bits.
pub unsafe extern "C" fn mach_port_type(
    task: ipc_space_t,
    name: mach_port_name_t,
    ptype: *mut mach_port_type_t,
) -> kern_return_t {
    let found = on_names(
        task,
        |kernel| kernel.type_of(name),
        |there| there.request(Routine::Type, &[name]).word(),
    );
    // SAFETY: the caller's promise.
    unsafe { give(ptype, found) }
}

/// The number of references to a right; 0 for one that the name does not hold.
pub unsafe extern "C" fn mach_port_get_refs(
    task: ipc_space_t,
    name: mach_port_name_t,
    right: mach_port_right_t,
    refs: *mut mach_port_urefs_t,
) -> kern_return_t {
    let found = on_names(
        task,
        |kernel| kernel.get_refs(name, right),
        |there| there.request(Routine::GetRefs, &[name, right]).word(),
    );
    // SAFETY: the caller's promise.
    unsafe { give(refs, found) }
}

/// How many send rights to a receive right's port there are.
pub unsafe extern "C" fn mach_port_get_srights(
    task: ipc_space_t,
    name: mach_port_name_t,
    srights: *mut mach_port_rights_t,
) -> kern_return_t {
    let found = on_names(
        task,
        |kernel| kernel.send_rights(name),
        |there| there.request(Routine::GetSrights, &[name]).word(),
    );
    // SAFETY: the caller's promise.
    unsafe { give(srights, found) }
}

/// `MIG_BAD_ID`: the kernel has no such routine any more. Before macOS 13 it had one that said `KERN_NOT_SUPPORTED`.
pub unsafe extern "C" fn mach_port_rename(
    task: ipc_space_t,
    old: mach_port_name_t,
    new: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |_| Err(MIG_BAD_ID),
        |there| there.request(Routine::Rename, &[old, new]).done(),
    ))
}
