//! `mach_port_*`: attributes of receive rights.

use core::ffi::c_char;

use zerocopy::IntoBytes;

use super::elsewhere::{Routine, long, on_names, on_names_by};
use super::{code, give};
use crate::headers::kern_return::{KERN_SUCCESS, kern_return_t};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::{
    mach_msg_id_t, mach_msg_option_t, mach_msg_size_t, mach_msg_trailer_type_t,
    mach_msg_type_number_t,
};
use crate::headers::mig::MIG_ARRAY_TOO_LARGE;
use crate::headers::port::{
    mach_port_flavor_t, mach_port_info_t, mach_port_mscount_t, mach_port_name_t, mach_port_seqno_t,
};
use crate::headers::vm_types::mach_port_context_t;
use crate::kernel::objects::kobject::TaskPort;

/// The words of the longest attribute.
const MOST_WORDS: mach_msg_type_number_t = 17;

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
    let found = on_names_by(
        task,
        TaskPort::Read,
        |kernel| kernel.attribute(name, flavor, room),
        |there| {
            let asked = (room as u32).min(MOST_WORDS);
            let request = there.request(
                Routine::GetAttributes,
                &[name, flavor.cast_unsigned(), asked],
            );
            request.words_and_array::<1>(4).map(|(_, words)| words)
        },
    );
    let words = match found {
        Ok(words) => words,
        Err(code) => return code,
    };
    let fitting = words.len().min(room);
    // SAFETY: the caller's promise: `port_info_out` has room for as many words as it said.
    unsafe {
        port_info_out.copy_from_nonoverlapping(words.as_ptr().cast(), fitting);
        port_info_outCnt.write(words.len() as u32);
    }
    // No kernel answers more than was asked for, but the other task may have none.
    if fitting < words.len() {
        return MIG_ARRAY_TOO_LARGE;
    }
    KERN_SUCCESS
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
    // SAFETY: the caller's promise: there is as much as it says.
    let value = unsafe { words_at(port_info, port_infoCnt) };
    code(on_names(
        task,
        |kernel| kernel.set_attribute(name, flavor, value),
        |there| {
            let words = with_value(name, flavor, value, port_infoCnt)?;
            there.request(Routine::SetAttributes, &words).done()
        },
    ))
}

/// So many words of an attribute; none where there are none.
///
/// # Safety
/// They can be read as long as they are used.
unsafe fn words_at<'a>(info: mach_port_info_t, count: mach_msg_type_number_t) -> &'a [u32] {
    if info.is_null() {
        return &[];
    }
    // SAFETY: the caller's promise. None of the values has more words than the longest answer.
    unsafe { core::slice::from_raw_parts(info.cast(), count.min(MOST_WORDS) as usize) }
}

/// The words of a request with an attribute's value, of which there were so many.
fn with_value(
    name: mach_port_name_t,
    flavor: mach_port_flavor_t,
    value: &[u32],
    count: mach_msg_type_number_t,
) -> Result<Vec<u32>, kern_return_t> {
    if value.len() != count as usize {
        return Err(MIG_ARRAY_TOO_LARGE);
    }
    Ok([&[name, flavor.cast_unsigned(), count], value].concat())
}

/// Sets the make-send count.
pub unsafe extern "C" fn mach_port_set_mscount(
    task: ipc_space_t,
    name: mach_port_name_t,
    mscount: mach_port_mscount_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.set_make_send_count(name, mscount),
        |there| there.request(Routine::SetMscount, &[name, mscount]).done(),
    ))
}

/// Sets the sequence number that the next message gets.
pub unsafe extern "C" fn mach_port_set_seqno(
    task: ipc_space_t,
    name: mach_port_name_t,
    seqno: mach_port_seqno_t,
) -> kern_return_t {
    code(on_names(
        task,
        |kernel| kernel.set_sequence_number(name, seqno),
        |there| there.request(Routine::SetSeqno, &[name, seqno]).done(),
    ))
}

/// The context of a port; 0 if it is a strict guard.
pub unsafe extern "C" fn mach_port_get_context(
    task: ipc_space_t,
    name: mach_port_name_t,
    context: *mut mach_port_context_t,
) -> kern_return_t {
    let found = on_names_by(
        task,
        TaskPort::Read,
        |kernel| kernel.context(name),
        |there| there.request(Routine::GetContext, &[name]).long(),
    );
    // SAFETY: the caller's promise.
    unsafe { give(context, found) }
}

/// Sets the context of a port.
pub unsafe extern "C" fn mach_port_set_context(
    task: ipc_space_t,
    name: mach_port_name_t,
    context: mach_port_context_t,
) -> kern_return_t {
    let [low, high] = long(context);
    code(on_names(
        task,
        |kernel| kernel.set_context(name, context),
        |there| {
            there
                .request(Routine::SetContext, &[name, low, high])
                .done()
        },
    ))
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
    // SAFETY: the caller's promise: there is as much as it says.
    let value = unsafe { words_at(info, infoCnt) };
    code(on_names(
        task,
        |kernel| kernel.assert_attribute(name, flavor, value),
        |there| {
            let words = with_value(name, flavor, value, infoCnt)?;
            there.request(Routine::AssertAttributes, &words).done()
        },
    ))
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
    let found = on_names(
        task,
        |kernel| {
            let peeked = kernel.peek(name, wanted, option, room)?;
            let told = [peeked.seqno, peeked.size, peeked.id.cast_unsigned()];
            Ok((told, peeked.trailer.as_bytes().to_vec()))
        },
        |there| {
            let words = [name, trailer_type, wanted, room as u32];
            let request = there.request(Routine::Peek, &words);
            let ([seqno, size, id, len], trailer) = request.words_and_array(1)?;
            if len as usize > room {
                return Err(MIG_ARRAY_TOO_LARGE);
            }
            let bytes = trailer.as_bytes().get(..len as usize).unwrap_or_default();
            Ok(([seqno, size, id], bytes.to_vec()))
        },
    );
    match found {
        Ok((told, bytes)) => {
            // SAFETY: the caller's promise; there is room for the trailer, as has been checked.
            unsafe {
                seqno.write(told[0]);
                size.write(told[1]);
                id.write(told[2].cast_signed());
                trailer.cast::<u8>().copy_from(bytes.as_ptr(), bytes.len());
                trailer_count.write(bytes.len() as u32);
            }
            KERN_SUCCESS
        }
        Err(code) => code,
    }
}
