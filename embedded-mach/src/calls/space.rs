//! `mach_port_*`: the name space as a whole, and the older ways of allocating in it.

use zerocopy::IntoBytes;

use super::{give, kernel_by, kernel_of};
use crate::headers::kern_return::{KERN_RESOURCE_SHORTAGE, KERN_SUCCESS, kern_return_t};
use crate::headers::mach_debug::ipc_info::{
    ipc_info_name_array_t, ipc_info_space_basic_t, ipc_info_space_t, ipc_info_tree_name_array_t,
};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{
    MACH_PORT_NULL, mach_port_name_t, mach_port_qos_t, mach_port_right_t, mach_port_t,
};
use crate::kernel::objects::kobject::TaskPort;
use crate::sys::memory;

/// How many names there are, and room for how many.
pub unsafe extern "C" fn mach_port_space_basic_info(
    task: ipc_space_t,
    basic_info: *mut ipc_info_space_basic_t,
) -> kern_return_t {
    let found = kernel_by(task, TaskPort::Inspect).map(|kernel| {
        let [
            genno_mask,
            table_size,
            table_next,
            table_inuse,
            reserved @ ..,
        ] = kernel.space_in_short();
        ipc_info_space_basic_t {
            iisb_genno_mask: genno_mask,
            iisb_table_size: table_size,
            iisb_table_next: table_next,
            iisb_table_inuse: table_inuse,
            iisb_reserved: reserved,
        }
    });
    // SAFETY: the caller's promise.
    unsafe { give(basic_info, found) }
}

/// All names with their rights, references and ports, in an array that the caller frees with `vm_deallocate`. There is
/// never a tree.
#[allow(non_snake_case, reason = "the parameter's name in the C header")]
pub unsafe extern "C" fn mach_port_space_info(
    space: ipc_space_t,
    space_info: *mut ipc_info_space_t,
    table_info: *mut ipc_info_name_array_t,
    table_infoCnt: *mut mach_msg_type_number_t,
    tree_info: *mut ipc_info_tree_name_array_t,
    tree_infoCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let (table, general) = match kernel_by(space, TaskPort::Read) {
        Ok(mut kernel) => (kernel.name_table(), kernel.space_in_general()),
        Err(code) => return code,
    };
    let Ok(address) = memory::map_copy(table.as_bytes()) else {
        return KERN_RESOURCE_SHORTAGE;
    };
    // SAFETY: the caller's promise.
    unsafe {
        space_info.cast::<[u32; 6]>().write_unaligned(general);
        table_info.write(address as ipc_info_name_array_t);
        table_infoCnt.write(table.len() as u32);
        tree_info.write(core::ptr::null_mut());
        tree_infoCnt.write(0);
    }
    KERN_SUCCESS
}

/// Makes a receive right, port set or dead name, under `*name` if the first bit of `qos` says so. Memory cannot be set
/// aside for a message: `KERN_NOT_SUPPORTED`.
pub unsafe extern "C" fn mach_port_allocate_full(
    task: ipc_space_t,
    right: mach_port_right_t,
    proto: mach_port_t,
    qos: *mut mach_port_qos_t,
    name: *mut mach_port_name_t,
) -> kern_return_t {
    // SAFETY: the caller's promise: both can be read.
    let (flags, wanted) = unsafe { ((*qos).flags, name.read()) };
    let made = kernel_of(task)
        .and_then(|mut kernel| kernel.allocate_full(right, proto != MACH_PORT_NULL, flags, wanted));
    // SAFETY: the caller's promise.
    unsafe { give(name, made) }
}

/// As [`mach_port_allocate_full`], under a name of the kernel's choice.
pub unsafe extern "C" fn mach_port_allocate_qos(
    task: ipc_space_t,
    right: mach_port_right_t,
    qos: *mut mach_port_qos_t,
    name: *mut mach_port_name_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let flags = unsafe { (*qos).flags };
    let made = kernel_of(task).and_then(|mut kernel| kernel.allocate_qos(right, flags));
    // SAFETY: the caller's promise.
    unsafe { give(name, made) }
}
