//! `mach_port_*`: attributes of receive rights.

use core::ffi::c_char;

use super::{code, give, kernel_of};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_RIGHT,
    KERN_INVALID_VALUE, KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::{
    MACH_RCV_TRAILER_AUDIT, mach_msg_id_t, mach_msg_option_t, mach_msg_size_t,
    mach_msg_trailer_type_t, mach_msg_type_number_t,
};
use crate::headers::port::{
    MACH_PORT_DENAP_RECEIVER, MACH_PORT_DNREQUESTS_SIZE, MACH_PORT_GUARD_INFO,
    MACH_PORT_IMPORTANCE_RECEIVER, MACH_PORT_INFO_EXT, MACH_PORT_LIMITS_INFO,
    MACH_PORT_RECEIVE_STATUS, MACH_PORT_SERVICE_THROTTLED, MACH_PORT_TEMPOWNER, MACH_PORT_VALID,
    mach_port_flavor_t, mach_port_info_t, mach_port_mscount_t, mach_port_name_t, mach_port_seqno_t,
};
use crate::headers::vm_types::mach_port_context_t;
use crate::kernel::Kernel;
use crate::kernel::messages::receive::Trailer;

/// An attribute's value: a limit, a status or a count.
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

/// An attribute as words. Too little room for them is a failure (Mach fact 21).
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
            if !MACH_PORT_VALID(name) {
                // No port has no limits, which is no error.
                return Ok(Vec::new());
            }
            Ok(vec![kernel.attributed(name)?.1.qlimit])
        }
        MACH_PORT_RECEIVE_STATUS => {
            enough(10)?;
            status_words(kernel, name)
        }
        MACH_PORT_DNREQUESTS_SIZE => {
            enough(1)?;
            if !MACH_PORT_VALID(name) {
                return Ok(vec![0]);
            }
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
        MACH_PORT_SERVICE_THROTTLED => Err(no_service(kernel, name)),
        _ => Err(KERN_INVALID_ARGUMENT),
    }
}

/// No port is one that the service manager has made.
fn no_service(kernel: &mut Kernel, name: mach_port_name_t) -> kern_return_t {
    match kernel.attributed(name) {
        Ok(_) => KERN_INVALID_CAPABILITY,
        Err(code) => code,
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
        MACH_PORT_DNREQUESTS_SIZE => {
            if port_infoCnt < 1 {
                return Err(KERN_FAILURE);
            }
            // There is room for as many requests as come.
            kernel.attributed(name).map(drop)
        }
        MACH_PORT_TEMPOWNER => {
            let local = kernel.attributed(name)?.1;
            local.importance_receiver = true;
            local.temp_owner = true;
            Ok(())
        }
        MACH_PORT_DENAP_RECEIVER | MACH_PORT_IMPORTANCE_RECEIVER => {
            kernel.attributed(name)?.1.importance_receiver = true;
            Ok(())
        }
        MACH_PORT_SERVICE_THROTTLED => Err(no_service(&mut kernel, name)),
        _ => Err(KERN_INVALID_ARGUMENT),
    }))
}

/// Sets the make-send count.
pub unsafe extern "C" fn mach_port_set_mscount(
    task: ipc_space_t,
    name: mach_port_name_t,
    mscount: mach_port_mscount_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_make_send_count(name, mscount)))
}

/// Sets the sequence number that the next message gets.
pub unsafe extern "C" fn mach_port_set_seqno(
    task: ipc_space_t,
    name: mach_port_name_t,
    seqno: mach_port_seqno_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_sequence_number(name, seqno)))
}

/// The context of a port; 0 if it is a strict guard.
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
pub unsafe extern "C" fn mach_port_set_context(
    task: ipc_space_t,
    name: mach_port_name_t,
    context: mach_port_context_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| kernel.set_context(name, context)))
}

/// Asserts what a port's guard is; another one is an error.
#[allow(non_snake_case, reason = "the parameter's name in the C header")]
pub unsafe extern "C" fn mach_port_assert_attributes(
    task: ipc_space_t,
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    info: mach_port_info_t,
    infoCnt: mach_msg_type_number_t,
) -> kern_return_t {
    code(kernel_of(task).and_then(|mut kernel| {
        if flavor != MACH_PORT_GUARD_INFO {
            return Err(KERN_INVALID_ARGUMENT);
        }
        if infoCnt < 2 {
            return Err(KERN_FAILURE);
        }
        // SAFETY: the caller's promise: there are as many words as it says.
        let guard = unsafe { info.cast::<u64>().read_unaligned() };
        kernel.assert_guard(name, guard)
    }))
}

/// A message of a port, without taking it: its sequence number, size, id and the trailer's first elements. It is the
/// one with the sequence number at `seqno`, or the first if that is 0.
pub unsafe extern "C" fn mach_port_peek(
    task: ipc_space_t,
    name: mach_port_name_t,
    trailer_type: mach_msg_trailer_type_t,
    seqno: *mut mach_port_seqno_t,
    size: *mut mach_msg_size_t,
    id: *mut mach_msg_id_t,
    trailer: *mut c_char,
    trailer_count: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise: both can be read.
    let (wanted, room) = unsafe { (seqno.read(), trailer_count.read() as usize) };
    let option = trailer_type as mach_msg_option_t;
    let found = kernel_of(task).and_then(|mut kernel| {
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_RIGHT);
        }
        // What comes after the audit token is the receiver's business only.
        if Trailer::size(option)
            > Trailer::size((MACH_RCV_TRAILER_AUDIT << 24) as mach_msg_option_t).min(room)
        {
            return Err(KERN_INVALID_VALUE);
        }
        kernel.peek(name, wanted, option)
    });
    match found {
        Ok(peeked) => {
            let bytes = peeked.trailer.as_bytes();
            // SAFETY: the caller's promise; there is room for the trailer, as has been checked.
            unsafe {
                seqno.write(peeked.seqno);
                size.write(peeked.size);
                id.write(peeked.id);
                trailer.cast::<u8>().copy_from(bytes.as_ptr(), bytes.len());
                trailer_count.write(bytes.len() as u32);
            }
            KERN_SUCCESS
        }
        Err(code) => code,
    }
}
