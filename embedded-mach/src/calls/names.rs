//! `mach_port_*`: what a task's names are.

use super::{code, give, kernel_of};
use crate::headers::kern_return::{KERN_RESOURCE_SHORTAGE, KERN_SUCCESS, kern_return_t};
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
    let all = match kernel_of(task) {
        Ok(mut kernel) => kernel.all_names(),
        Err(code) => return code,
    };
    let (held, kinds): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    // SAFETY: the caller's promise.
    unsafe {
        let first = give_array(names, names_count, &held);
        if first != KERN_SUCCESS {
            return first;
        }
        give_array(types, types_count, &kinds)
    }
}

/// Gives an array in fresh pages.
///
/// # Safety
/// `array` and `count` are valid for a write.
pub(super) unsafe fn give_array(
    array: *mut *mut u32,
    count: *mut mach_msg_type_number_t,
    values: &[u32],
) -> kern_return_t {
    let Ok(address) = memory::map_copy(zerocopy::IntoBytes::as_bytes(values)) else {
        return KERN_RESOURCE_SHORTAGE;
    };
    // SAFETY: the caller's promise.
    unsafe {
        array.write(address as *mut u32);
        count.write(values.len() as u32);
    }
    KERN_SUCCESS
}

/// The rights under a name, as `MACH_PORT_TYPE_*` bits.
pub unsafe extern "C" fn mach_port_type(
    task: ipc_space_t,
    name: mach_port_name_t,
    ptype: *mut mach_port_type_t,
) -> kern_return_t {
    let found = kernel_of(task).and_then(|mut kernel| kernel.type_of(name));
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
    let found = kernel_of(task).and_then(|mut kernel| kernel.get_refs(name, right));
    // SAFETY: the caller's promise.
    unsafe { give(refs, found) }
}

/// How many send rights to a receive right's port there are.
pub unsafe extern "C" fn mach_port_get_srights(
    task: ipc_space_t,
    name: mach_port_name_t,
    srights: *mut mach_port_rights_t,
) -> kern_return_t {
    let found = kernel_of(task).and_then(|mut kernel| kernel.send_rights(name));
    // SAFETY: the caller's promise.
    unsafe { give(srights, found) }
}

/// `MIG_BAD_ID`: the kernel has no such routine any more. Before macOS 13 it had one that said `KERN_NOT_SUPPORTED`.
pub unsafe extern "C" fn mach_port_rename(
    task: ipc_space_t,
    _old: mach_port_name_t,
    _new: mach_port_name_t,
) -> kern_return_t {
    code(kernel_of(task).and(Err(MIG_BAD_ID)))
}
