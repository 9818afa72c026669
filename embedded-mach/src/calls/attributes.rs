//! `mach_port_*`: attributes of receive rights.

use super::{code, give, kernel_of};
use crate::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_SUCCESS, kern_return_t,
};
use crate::kernel::Kernel;
use crate::mach_types::ipc_space_t;
use crate::message::{mach_msg_id_t, mach_msg_size_t, mach_msg_type_number_t};
use crate::port::{
    MACH_PORT_DNREQUESTS_SIZE, MACH_PORT_IMPORTANCE_RECEIVER, MACH_PORT_INFO_EXT,
    MACH_PORT_LIMITS_INFO, MACH_PORT_RECEIVE_STATUS, MACH_PORT_TEMPOWNER, mach_port_flavor_t,
    mach_port_info_t, mach_port_mscount_t, mach_port_name_t, mach_port_seqno_t,
};
use crate::vm_types::mach_port_context_t;

/// An attribute's value: a limit, a status or a count.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_port_get_attributes(
    task: ipc_space_t,
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    port_info_out: mach_port_info_t,
    port_info_outCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let room = unsafe { port_info_outCnt.read() } as usize;
    let words =
        match kernel_of(task).and_then(|mut kernel| words_of(&mut kernel, name, flavor, room)) {
            Ok(words) => words,
            Err(code) => return code,
        };
    // SAFETY: the caller's promise: `port_info_out` has room for as many words as it said, which is no less.
    unsafe {
        port_info_out.copy_from_nonoverlapping(words.as_ptr().cast(), words.len());
        port_info_outCnt.write(words.len() as u32);
    }
    KERN_SUCCESS
}

/// An attribute as words. Too little room for them is a failure (fact 21).
fn words_of(
    kernel: &mut Kernel,
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    room: usize,
) -> Result<Vec<u32>, kern_return_t> {
    let enough = |needed: usize| {
        if room < needed {
            Err(KERN_FAILURE)
        } else {
            Ok(())
        }
    };
    match flavor {
        MACH_PORT_LIMITS_INFO => {
            enough(1)?;
            Ok(vec![kernel.attributed(name)?.1.qlimit])
        }
        MACH_PORT_RECEIVE_STATUS => {
            enough(10)?;
            status_words(kernel, name)
        }
        MACH_PORT_DNREQUESTS_SIZE => {
            enough(1)?;
            let key = kernel.attributed(name)?.0;
            let count = kernel.port(key).map_or(0, |port| port.requests.len());
            Ok(vec![count as u32])
        }
        MACH_PORT_INFO_EXT => {
            enough(17)?;
            let mut words = status_words(kernel, name)?;
            // The boost count and what is reserved: there are no boosts.
            words.resize(17, 0);
            Ok(words)
        }
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

fn status_words(kernel: &mut Kernel, name: mach_port_name_t) -> Result<Vec<u32>, kern_return_t> {
    let status = kernel.status(name)?;
    Ok(vec![
        status.mps_pset,
        status.mps_seqno,
        status.mps_mscount,
        status.mps_qlimit,
        status.mps_msgcount,
        status.mps_sorights,
        status.mps_srights,
        status.mps_pdrequest,
        status.mps_nsrequest,
        status.mps_flags,
    ])
}

/// Sets an attribute.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_port_set_attributes(
    task: ipc_space_t,
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    port_info: mach_port_info_t,
    port_infoCnt: mach_msg_type_number_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| match flavor {
        MACH_PORT_LIMITS_INFO => {
            if port_infoCnt < 1 {
                return Err(KERN_FAILURE);
            }
            // SAFETY: the caller's promise: there is as much as it says.
            let limit = unsafe { port_info.read() };
            kernel.set_limit(name, limit as u32)
        }
        MACH_PORT_TEMPOWNER => {
            let local = kernel.attributed(name)?.1;
            if local.temp_owner {
                return Err(KERN_INVALID_ARGUMENT);
            }
            local.temp_owner = true;
            Ok(())
        }
        MACH_PORT_IMPORTANCE_RECEIVER => {
            kernel.attributed(name)?.1.importance_receiver = true;
            Ok(())
        }
        _ => Err(KERN_INVALID_ARGUMENT),
    }))
}

/// Sets the make-send count.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_port_set_mscount(
    task: ipc_space_t,
    name: mach_port_name_t,
    mscount: mach_port_mscount_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_make_send_count(name, mscount)))
}

/// Sets the sequence number that the next message gets.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_port_set_seqno(
    task: ipc_space_t,
    name: mach_port_name_t,
    seqno: mach_port_seqno_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_sequence_number(name, seqno)))
}

/// The context of a port; 0 if it is a strict guard.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_port_get_context(
    task: ipc_space_t,
    name: mach_port_name_t,
    context: *mut mach_port_context_t,
) -> kern_return_t {
    let found = kernel_of(task).and_then(|mut kernel| kernel.context(name));
    // SAFETY: the caller's promise.
    unsafe { give(context, found) }
}

/// Sets the context of a port.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_port_set_context(
    task: ipc_space_t,
    name: mach_port_name_t,
    context: mach_port_context_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_context(name, context)))
}

/// The first message of a port, without taking it: its sequence number, size and id.
#[cfg_attr(feature = "c-abi", unsafe(no_mangle))]
pub unsafe extern "C" fn mach_port_peek(
    task: ipc_space_t,
    name: mach_port_name_t,
    trailer_type: u32,
    seqno: *mut mach_port_seqno_t,
    size: *mut mach_msg_size_t,
    id: *mut mach_msg_id_t,
    _trailer: *mut core::ffi::c_char,
    trailer_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    if trailer_type != crate::message::MACH_RCV_TRAILER_NULL {
        return KERN_INVALID_ARGUMENT;
    }
    let found = kernel_of(task).and_then(|mut kernel| {
        let (_, local) = kernel.attributed(name)?;
        let next = local.seqno;
        let (_, message) = kernel.first_message(name).ok_or(KERN_FAILURE)?;
        Ok((next, message.size() as u32, message.id))
    });
    match found {
        Ok((next, bytes, message)) => {
            // SAFETY: the caller's promise.
            unsafe {
                seqno.write(next);
                size.write(bytes);
                id.write(message);
                trailer_count.write(0);
            }
            KERN_SUCCESS
        }
        Err(crate::kern_return::KERN_INVALID_RIGHT) if !crate::kernel::names::is_valid(name) => {
            KERN_INVALID_CAPABILITY
        }
        Err(code) => code,
    }
}
