//! `mach_port_*`: the name space as a whole, and the older ways of allocating in it.

use super::elsewhere::{Routine, on_names, on_names_by};
use super::give;
use super::names::{give_array, in_pages};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_debug::ipc_info::{
    ipc_info_name_array_t, ipc_info_name_t, ipc_info_space_basic_t, ipc_info_space_t,
    ipc_info_tree_name_array_t,
};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::{MACH_MSG_TYPE_COPY_SEND, mach_msg_type_number_t};
use crate::headers::port::{
    MACH_PORT_NULL, mach_port_name_t, mach_port_qos_t, mach_port_right_t, mach_port_t,
};
use crate::kernel::objects::kobject::TaskPort;

/// How many names there are, and room for how many.
pub unsafe extern "C" fn mach_port_space_basic_info(
    task: ipc_space_t,
    basic_info: *mut ipc_info_space_basic_t,
) -> kern_return_t {
    let found = on_names_by(
        task,
        TaskPort::Inspect,
        |kernel| Ok(kernel.space_in_short()),
        |there| there.request(Routine::SpaceBasicInfo, &[]).words(),
    );
    let found = found.map(|words| {
        let [
            genno_mask,
            table_size,
            table_next,
            table_inuse,
            reserved @ ..,
        ] = words;
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
    let found = on_names_by(
        space,
        TaskPort::Read,
        |kernel| Ok((kernel.space_in_general(), in_pages(&kernel.name_table())?)),
        |there| {
            let request = there.request(Routine::SpaceInfo, &[]);
            let (general, [table, _]) =
                request.takes_arrays::<6, 2>(size_of::<ipc_info_name_t>())?;
            Ok((general, table))
        },
    );
    // SAFETY: the caller's promise.
    unsafe {
        if let Ok((general, _)) = found {
            space_info.cast::<[u32; 6]>().write_unaligned(general);
            tree_info.write(core::ptr::null_mut());
            tree_infoCnt.write(0);
        }
        give_array(table_info, table_infoCnt, found.map(|(_, table)| table))
    }
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
    let made = on_names(
        task,
        |kernel| kernel.allocate_full(right, proto != MACH_PORT_NULL, flags, wanted),
        |there| {
            // SAFETY: the caller's promise.
            let words = [right, flags, unsafe { (*qos).len }, wanted];
            let request = there.request(Routine::AllocateFull, &words);
            let [_, _, name] = request.right(proto, MACH_MSG_TYPE_COPY_SEND).words()?;
            Ok(name)
        },
    );
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
    let made = on_names(
        task,
        |kernel| kernel.allocate_qos(right, flags),
        |there| {
            // SAFETY: the caller's promise.
            let words = [right, flags, unsafe { (*qos).len }];
            let [_, _, name] = there.request(Routine::AllocateQos, &words).words()?;
            Ok(name)
        },
    );
    // SAFETY: the caller's promise.
    unsafe { give(name, made) }
}
