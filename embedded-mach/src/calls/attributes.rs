//! `mach_port_*`: attributes of receive rights.

use core::ffi::c_char;

use super::{code, give, kernel_by, kernel_of};
use crate::headers::kern_return::{KERN_SUCCESS, kern_return_t};
use crate::headers::mach_types::ipc_space_t;
use crate::headers::message::{
    mach_msg_id_t, mach_msg_option_t, mach_msg_size_t, mach_msg_trailer_type_t,
    mach_msg_type_number_t,
};
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
    let words = match kernel_by(task, TaskPort::Read)
        .and_then(|mut kernel| kernel.attribute(name, flavor, room))
    {
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
    code(kernel_of(task).and_then(|mut kernel| kernel.set_attribute(name, flavor, value)))
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
    let found = kernel_by(task, TaskPort::Read).and_then(|mut kernel| kernel.context(name));
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
    // SAFETY: the caller's promise: there is as much as it says.
    let value = unsafe { words_at(info, infoCnt) };
    code(kernel_of(task).and_then(|mut kernel| kernel.assert_attribute(name, flavor, value)))
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
    let found = kernel_of(task).and_then(|mut kernel| kernel.peek(name, wanted, option, room));
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
