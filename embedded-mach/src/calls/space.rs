//! `mach_port_*`: the name space as a whole, and the older ways of allocating in it.

use super::{give, kernel_of};
use crate::headers::kern_return::{
    KERN_INVALID_ARGUMENT, KERN_INVALID_VALUE, KERN_NOT_SUPPORTED, KERN_RESOURCE_SHORTAGE,
    KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_debug::ipc_info::{
    ipc_info_name_array_t, ipc_info_name_t, ipc_info_space, ipc_info_space_basic_t,
    ipc_info_space_t, ipc_info_tree_name_array_t,
};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{
    MACH_PORT_NULL, MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_VALID, mach_port_name_t, mach_port_qos_t, mach_port_right_t, mach_port_t,
};
use crate::kernel::Kernel;
use crate::kernel::namespace::space::Object;
use crate::kernel::ports::ids;
use crate::sys::memory;

/// The bits of a name that are its generation.
const GENERATION: u32 = 0xff;
/// The name of a new right is given.
const QOS_NAME: u32 = 1;
/// Memory for a message is to be set aside.
const QOS_PREALLOC: u32 = 2;
/// Keeps the numbers of sets apart from those of ports.
const A_SET: u32 = 1 << 31;

/// How many names there are, and room for how many.
pub unsafe extern "C" fn mach_port_space_basic_info(
    task: ipc_space_t,
    basic_info: *mut ipc_info_space_basic_t,
) -> kern_return_t {
    let found = kernel_of(task).map(|kernel| ipc_info_space_basic_t {
        iisb_genno_mask: GENERATION,
        iisb_table_size: kernel.space.size(),
        iisb_table_inuse: kernel.space.names().count() as u32,
        ..Default::default()
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
    let (table, size) = match kernel_of(space) {
        Ok(mut kernel) => (table(&mut kernel), kernel.space.size()),
        Err(code) => return code,
    };
    let bytes: Vec<u8> = table.iter().flat_map(bytes_of).collect();
    let Ok(address) = memory::map_copy(&bytes) else {
        return KERN_RESOURCE_SHORTAGE;
    };
    // SAFETY: the caller's promise.
    unsafe {
        space_info.write(ipc_info_space {
            iis_genno_mask: GENERATION,
            iis_table_size: size,
            ..Default::default()
        });
        table_info.write(address as ipc_info_name_array_t);
        table_infoCnt.write(table.len() as u32);
        tree_info.write(core::ptr::null_mut());
        tree_infoCnt.write(0);
    }
    KERN_SUCCESS
}

fn table(kernel: &mut Kernel) -> Vec<ipc_info_name_t> {
    let names = kernel.all_names();
    let row = |(name, kind)| {
        let entry = kernel.space.get(name)?;
        // A receive right or set alone has no user references to count.
        let alone = MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET;
        let counted = !entry.has(alone) || entry.has(MACH_PORT_TYPE_SEND);
        Some(ipc_info_name_t {
            iin_name: name,
            iin_type: kind,
            iin_urefs: if counted { entry.urefs } else { 0 },
            iin_object: match entry.object {
                Object::Gone => 0,
                Object::Port(key) => ids::number(key) as u32,
                Object::Set(key) => ids::number(key) as u32 | A_SET,
            },
            iin_next: u32::from(entry.request.is_some()),
            ..Default::default()
        })
    };
    names.into_iter().filter_map(row).collect()
}

fn bytes_of(row: &ipc_info_name_t) -> Vec<u8> {
    let words = [
        row.iin_name,
        row.iin_collision.cast_unsigned(),
        row.iin_type,
        row.iin_urefs,
        row.iin_object,
        row.iin_next,
        row.iin_hash,
    ];
    words.into_iter().flat_map(u32::to_ne_bytes).collect()
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
    let made = kernel_of(task).and_then(|mut kernel| {
        let wanted = (flags & QOS_NAME != 0).then_some(wanted);
        if proto != MACH_PORT_NULL || wanted.is_some_and(|name| !MACH_PORT_VALID(name)) {
            return Err(KERN_INVALID_VALUE);
        }
        if flags & QOS_PREALLOC != 0 {
            return Err(KERN_NOT_SUPPORTED);
        }
        kernel.allocate(right, wanted)
    });
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
    unsafe {
        if (*qos).flags & QOS_NAME != 0 {
            return KERN_INVALID_ARGUMENT;
        }
        mach_port_allocate_full(task, right, MACH_PORT_NULL, qos, name)
    }
}
