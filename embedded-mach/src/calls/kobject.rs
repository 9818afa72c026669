//! `mach_port_kobject` and its kin: what of the kernel's a port stands for; and service ports, which there are none of.

use core::ffi::{c_char, c_uint};

use super::{code, give, kernel_by, kernel_of};
use crate::headers::kern_return::{KERN_INVALID_RIGHT, KERN_SUCCESS, kern_return_t};
use crate::headers::mach_debug::ipc_info::{
    IPC_OTYPE_CLOCK, IPC_OTYPE_FILEPORT, IPC_OTYPE_HOST, IPC_OTYPE_NAMED_ENTRY, IPC_OTYPE_NONE,
    IPC_OTYPE_SEMAPHORE, IPC_OTYPE_TASK_CONTROL, IPC_OTYPE_TASK_INSPECT, IPC_OTYPE_TASK_NAME,
    IPC_OTYPE_TASK_READ, IPC_OTYPE_THREAD_CONTROL, IPC_OTYPE_TIMER, ipc_info_object_type_t,
};
use crate::headers::mach_types::{ipc_space_inspect_t, ipc_space_read_t, ipc_space_t};
use crate::headers::port::{
    MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE, mach_port_name_t,
    mach_service_port_info_t,
};
use crate::headers::vm_types::{mach_vm_address_t, natural_t};
use crate::kernel::objects::kobject::{KernelObject, TaskPort};
use crate::kernel::ports::port::Home;
use crate::kernel::{Kernel, Result};

/// The kind of a port under a name.
fn kind(kernel: &mut Kernel, name: mach_port_name_t) -> Result<ipc_info_object_type_t> {
    let entry = kernel.look_at(name)?;
    let held = [
        MACH_PORT_TYPE_RECEIVE,
        MACH_PORT_TYPE_SEND,
        MACH_PORT_TYPE_SEND_ONCE,
    ];
    let key = entry
        .port()
        .filter(|_| held.into_iter().any(|kind| entry.has(kind)))
        .ok_or(KERN_INVALID_RIGHT)?;
    if kernel.is_timer(key) {
        return Ok(IPC_OTYPE_TIMER);
    }
    let Some(Home::Kernel(object)) = kernel.port(key).map(|port| &port.home) else {
        return Ok(IPC_OTYPE_NONE);
    };
    Ok(match object {
        KernelObject::Task(TaskPort::Control) => IPC_OTYPE_TASK_CONTROL,
        KernelObject::Task(TaskPort::Read) => IPC_OTYPE_TASK_READ,
        KernelObject::Task(TaskPort::Inspect) => IPC_OTYPE_TASK_INSPECT,
        KernelObject::Task(TaskPort::Name) => IPC_OTYPE_TASK_NAME,
        KernelObject::Host => IPC_OTYPE_HOST,
        KernelObject::Clock(_) => IPC_OTYPE_CLOCK,
        KernelObject::Thread(_) => IPC_OTYPE_THREAD_CONTROL,
        KernelObject::Semaphore(_) => IPC_OTYPE_SEMAPHORE,
        KernelObject::Memory(_) => IPC_OTYPE_NAMED_ENTRY,
        KernelObject::File(_) => IPC_OTYPE_FILEPORT,
        // On macOS the directory is a program.
        KernelObject::Bootstrap => IPC_OTYPE_NONE,
    })
}

/// What of the kernel's a port stands for, an `IPC_OTYPE_`, `IPC_OTYPE_NONE` for a port of a program's. The address is 0, as it
/// is in kernels that are released. `KERN_INVALID_NAME` for no name, `KERN_INVALID_RIGHT` for one of no port.
pub unsafe extern "C" fn mach_port_kobject(
    task: ipc_space_inspect_t,
    name: mach_port_name_t,
    object_type: *mut natural_t,
    object_addr: *mut mach_vm_address_t,
) -> kern_return_t {
    let found = kernel_by(task, TaskPort::Inspect).and_then(|mut kernel| kind(&mut kernel, name));
    // SAFETY: the caller's promise.
    match unsafe { give(object_type, found) } {
        KERN_SUCCESS => {
            // SAFETY: the caller's promise.
            unsafe { object_addr.write(0) };
            KERN_SUCCESS
        }
        code => code,
    }
}

/// As [`mach_port_kobject`], with an address of 32 bits.
pub unsafe extern "C" fn mach_port_kernel_object(
    task: ipc_space_inspect_t,
    name: mach_port_name_t,
    object_type: *mut c_uint,
    object_addr: *mut c_uint,
) -> kern_return_t {
    let mut address = 0;
    // SAFETY: the caller's promise, and a local.
    match unsafe { mach_port_kobject(task, name, object_type, &mut address) } {
        KERN_SUCCESS => {
            // SAFETY: the caller's promise.
            unsafe { object_addr.write(0) };
            KERN_SUCCESS
        }
        code => code,
    }
}

/// As [`mach_port_kobject`], with a description (`kobject_description_t`), which is empty: macOS describes ports of drivers only.
pub unsafe extern "C" fn mach_port_kobject_description(
    task: ipc_space_inspect_t,
    name: mach_port_name_t,
    object_type: *mut natural_t,
    object_addr: *mut mach_vm_address_t,
    description: *mut c_char,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    match unsafe { mach_port_kobject(task, name, object_type, object_addr) } {
        KERN_SUCCESS => {
            // SAFETY: the caller's promise: there is room for a description, of which this is the end.
            unsafe { description.write(0) };
            KERN_SUCCESS
        }
        code => code,
    }
}

/// Whether a connection is one for a service: `KERN_INVALID_CAPABILITY` for any receive right, for none is a service's.
pub unsafe extern "C" fn mach_port_is_connection_for_service(
    task: ipc_space_t,
    _connection_port: mach_port_name_t,
    service_port: mach_port_name_t,
    _filter_policy_id: *mut u64,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| Err(kernel.no_service(service_port))))
}

/// The name and domain of a service's port: `KERN_INVALID_CAPABILITY` for any receive right, for none is a service's.
pub unsafe extern "C" fn mach_port_get_service_port_info(
    task: ipc_space_read_t,
    name: mach_port_name_t,
    _sp_info: mach_service_port_info_t,
) -> kern_return_t {
    code(kernel_by(task, TaskPort::Read).and_then(|mut kernel| Err(kernel.no_service(name))))
}
