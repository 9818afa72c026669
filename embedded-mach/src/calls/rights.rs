//! `mach_port_*`: rights and their references.

use super::elsewhere::{Routine, long, on_names};
use super::{code, give};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::{mach_msg_id_t, mach_msg_type_name_t};
use crate::headers::port::{
    MACH_PORT_VALID, mach_port_delta_t, mach_port_mscount_t, mach_port_name_t, mach_port_options_t,
    mach_port_right_t, mach_port_t,
};
use crate::headers::vm_types::mach_port_context_t;
use crate::kernel::namespace::construct::Options;

/// Makes a receive right, port set or dead name under a name of the kernel's choice.
pub unsafe extern "C" fn mach_port_allocate(
    task: ipc_space_t,
    right: mach_port_right_t,
    name: *mut mach_port_name_t,
) -> kern_return_t {
    let made = on_names(
        task,
        |kernel| kernel.allocate(right, None),
        |there| there.request(Routine::Allocate, &[right]).word(),
    );
    // SAFETY: the caller's promise.
    unsafe { give(name, made) }
}

/// Makes a receive right, port set or dead name under a chosen name.
pub unsafe extern "C" fn mach_port_allocate_name(
    task: ipc_space_t,
    right: mach_port_right_t,
    name: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.allocate(right, Some(name)).map(drop),
        |there| there.request(Routine::AllocateName, &[right, name]).done(),
    ))
}

/// Makes a receive right with options.
pub unsafe extern "C" fn mach_port_construct(
    task: ipc_space_t,
    options: *mut mach_port_options_t,
    context: mach_port_context_t,
    name: *mut mach_port_name_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let Some(asked) = (unsafe { options.as_ref() }) else {
        return crate::headers::kern_return::KERN_INVALID_ARGUMENT;
    };
    let bytes = options.cast_const().cast::<u8>();
    let options = Options {
        flags: asked.flags,
        qlimit: asked.mpl.mpl_qlimit,
        service: asked.reserved[0] as mach_port_name_t,
        context,
        thread_replies: false,
    };
    let made = on_names(
        task,
        |kernel| kernel.construct(options),
        |there| {
            // SAFETY: the caller's promise: they can be read, all of them being numbers side by side.
            let bytes =
                unsafe { core::slice::from_raw_parts(bytes, size_of::<mach_port_options_t>()) };
            let request = there.request(Routine::Construct, &long(context));
            request.memory(bytes).word()
        },
    );
    // SAFETY: the caller's promise.
    unsafe { give(name, made) }
}

/// Destroys a receive right and drops send references in one call.
pub unsafe extern "C" fn mach_port_destruct(
    task: ipc_space_t,
    name: mach_port_name_t,
    srdelta: mach_port_delta_t,
    guard: mach_port_context_t,
) -> kern_return_t {
    let [low, high] = long(guard);
    code(on_names(
        task,
        |kernel| {
            if !MACH_PORT_VALID(name) {
                return Err(crate::headers::kern_return::KERN_INVALID_NAME);
            }
            kernel.destruct(name, srdelta, guard)
        },
        |there| {
            let words = [name, srdelta.cast_unsigned(), low, high];
            there.request(Routine::Destruct, &words).done()
        },
    ))
}

/// Gives up all rights under a name.
pub unsafe extern "C" fn mach_port_destroy(
    task: ipc_space_t,
    name: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.destroy(name),
        |there| there.request(Routine::Destroy, &[name]).done(),
    ))
}

/// Gives up one reference to a send right, send-once right, dead name or set.
pub unsafe extern "C" fn mach_port_deallocate(
    task: ipc_space_t,
    name: mach_port_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.deallocate(name),
        |there| there.request(Routine::Deallocate, &[name]).done(),
    ))
}

/// Gives up one reference to a voucher, which is a right like others. There are none here to be had.
pub unsafe extern "C" fn mach_voucher_deallocate(voucher: mach_port_name_t) -> kern_return_t {
    code(crate::kernel::task::lock().deallocate(voucher))
}

/// Changes the number of references to a right.
pub unsafe extern "C" fn mach_port_mod_refs(
    task: ipc_space_t,
    name: mach_port_name_t,
    right: mach_port_right_t,
    delta: mach_port_delta_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.mod_refs(name, right, delta),
        |there| {
            let words = [name, right, delta.cast_unsigned()];
            there.request(Routine::ModRefs, &words).done()
        },
    ))
}

/// Gives a right to a chosen name.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_port_insert_right(
    task: ipc_space_t,
    name: mach_port_name_t,
    poly: mach_port_t,
    polyPoly: mach_msg_type_name_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.insert_right(name, poly, polyPoly),
        |there| {
            let request = there.request(Routine::InsertRight, &[name]);
            request.right(poly, polyPoly).done()
        },
    ))
}

/// Takes or makes a right from a name, under a name of its own if it is a send-once right.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_port_extract_right(
    task: ipc_space_t,
    name: mach_port_name_t,
    msgt_name: mach_msg_type_name_t,
    poly: *mut mach_port_t,
    polyPoly: *mut mach_msg_type_name_t,
) -> kern_return_t {
    let extracted = on_names(
        task,
        |kernel| kernel.extract_right(name, msgt_name),
        |there| {
            there
                .request(Routine::ExtractRight, &[name, msgt_name])
                .takes_right()
        },
    );
    let disposition = extracted.map(|(_, disposition)| disposition);
    // SAFETY: the caller's promise.
    unsafe {
        give(polyPoly, disposition);
        give(poly, extracted.map(|(name, _)| name))
    }
}

/// Asks for a notification; gives the right that an earlier request held.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_port_request_notification(
    task: ipc_space_t,
    name: mach_port_name_t,
    msgid: mach_msg_id_t,
    sync: mach_port_mscount_t,
    notify: mach_port_t,
    notifyPoly: mach_msg_type_name_t,
    previous: *mut mach_port_t,
) -> kern_return_t {
    let asked = on_names(
        task,
        |kernel| kernel.request_notification(name, msgid, sync, notify, notifyPoly),
        |there| there.request_notification(name, msgid, sync, (notify, notifyPoly)),
    );
    // SAFETY: the caller's promise.
    unsafe { give(previous, asked) }
}
