//! `mach_msg` and its kin.

use zerocopy::IntoBytes;

use crate::headers::message::{
    MACH_MSG_SUCCESS, MACH_MSGH_BITS_COMPLEX, MACH_RCV_INVALID_DATA, MACH_RCV_LARGE_IDENTITY,
    MACH_RCV_MSG, MACH_RCV_TOO_LARGE, MACH_SEND_MSG, mach_msg_header_t, mach_msg_option_t,
    mach_msg_return_t, mach_msg_size_t, mach_msg_timeout_t,
};
use crate::headers::port::mach_port_name_t;
use crate::kernel::messages::copyout::Delivered;
use crate::kernel::messages::receive::{ReceiveRequest, Received, receive};
use crate::kernel::messages::send::{GivenUp, check_size, send};
use crate::kernel::task;
use crate::sys::memory;
use crate::wire::plain::Body;
use crate::wire::{layout, spare};

/// Sends a message, receives one, or both, in this order.
pub unsafe extern "C" fn mach_msg(
    msg: *mut mach_msg_header_t,
    option: mach_msg_option_t,
    send_size: mach_msg_size_t,
    recv_size: mach_msg_size_t,
    recv_name: mach_port_name_t,
    timeout: mach_msg_timeout_t,
    notify: mach_port_name_t,
) -> mach_msg_return_t {
    // SAFETY: the caller's promise: `msg` is valid for both sizes.
    unsafe {
        mach_msg_overwrite(
            msg,
            option,
            send_size,
            recv_size,
            recv_name,
            timeout,
            notify,
            core::ptr::null_mut(),
            0,
        )
    }
}

/// As [`mach_msg`], but receives into `rcv_msg` unless that is null.
#[allow(clippy::too_many_arguments, reason = "the signature is Mach's")]
pub unsafe extern "C" fn mach_msg_overwrite(
    msg: *mut mach_msg_header_t,
    option: mach_msg_option_t,
    send_size: mach_msg_size_t,
    recv_size: mach_msg_size_t,
    recv_name: mach_port_name_t,
    timeout: mach_msg_timeout_t,
    _notify: mach_port_name_t,
    rcv_msg: *mut mach_msg_header_t,
    _rcv_limit: mach_msg_size_t,
) -> mach_msg_return_t {
    if option & MACH_SEND_MSG != 0 {
        // SAFETY: the caller's promise: `send_size` bytes can be read from `msg`, and written back if the send fails.
        let code = unsafe { send_half(msg.cast(), send_size as usize, option, timeout) };
        if code != MACH_MSG_SUCCESS {
            return code;
        }
    }
    if option & MACH_RCV_MSG == 0 {
        return MACH_MSG_SUCCESS;
    }
    let into = if rcv_msg.is_null() { msg } else { rcv_msg };
    let request = ReceiveRequest {
        name: recv_name,
        option,
        buffer: into as usize,
        limit: recv_size as usize,
        timeout,
        waits_since: u64::MAX,
    };
    // SAFETY: the caller's promise: `recv_size` bytes can be written to `into`.
    unsafe { receive_half(into.cast(), request) }
}

/// # Safety
/// `len` bytes at `msg` can be read and written.
unsafe fn send_half(
    msg: *mut u8,
    len: usize,
    option: mach_msg_option_t,
    timeout: mach_msg_timeout_t,
) -> mach_msg_return_t {
    if msg.is_null() {
        return crate::headers::message::MACH_SEND_INVALID_DATA;
    }
    if let Err(code) = check_size(len) {
        return code;
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { core::slice::from_raw_parts(msg, len) };
    let mut given_up = Vec::new();
    let sent = send(bytes, option, timeout, &mut given_up);
    // SAFETY: the sender asked for this memory to be deallocated with its message.
    unsafe { deallocate(given_up) };
    match sent {
        Ok(()) => MACH_MSG_SUCCESS,
        Err(failure) => {
            if let Some(Delivered { header, body, .. }) = failure.returned {
                // SAFETY: the caller's promise; what comes back is as long as what was sent.
                unsafe { put(msg, len, &[header.as_bytes(), &body]) };
            }
            failure.code
        }
    }
}

/// Gives back memory that a message says to deallocate.
///
/// # Safety
/// Nothing uses it any more.
unsafe fn deallocate(given_up: GivenUp) {
    if given_up.is_empty() {
        return;
    }
    let mut kernel = task::lock();
    for (address, len) in given_up {
        // SAFETY: the caller's promise.
        if let Ok(range) = unsafe { memory::unmap(address, len) } {
            kernel.memory.replaced(&range);
        }
    }
}

/// # Safety
/// As many bytes at `into` can be written as the request says.
unsafe fn receive_half(into: *mut u8, request: ReceiveRequest) -> mach_msg_return_t {
    if into.is_null() {
        return MACH_RCV_INVALID_DATA;
    }
    match receive(request) {
        Received::Nothing(code) => code,
        Received::Message {
            code,
            header,
            body,
            trailer,
        } => {
            if request.limit < header.size as usize {
                // Not even the header that is left of a message too large has room.
                return MACH_RCV_INVALID_DATA;
            }
            let (body, behind) = match body {
                Body::Here(bytes) => (bytes, layout::HEADER),
                Body::There(len) => (Vec::new(), layout::HEADER + len),
            };
            // SAFETY: the caller's promise; `put` keeps to the limit, which is not less than the header and the body.
            unsafe {
                put(into, request.limit, &[header.as_bytes()]);
                let room = request.limit - behind;
                put(into.add(behind), room, &[&body, trailer.as_bytes()]);
            }
            spare::give_back(body);
            code
        }
        Received::Larger { size, member } => {
            let header = into.cast::<mach_msg_header_t>();
            if request.limit >= core::mem::offset_of!(mach_msg_header_t, msgh_voucher_port) {
                // SAFETY: there is room for all fields before the voucher port.
                unsafe {
                    (&raw mut (*header).msgh_size).write_unaligned(size);
                    if request.option & MACH_RCV_LARGE_IDENTITY != 0 {
                        (&raw mut (*header).msgh_local_port).write_unaligned(member);
                    }
                }
            }
            MACH_RCV_TOO_LARGE
        }
    }
}

/// Writes parts one after the other, as far as there is room.
///
/// # Safety
/// `limit` bytes at `at` can be written.
unsafe fn put(at: *mut u8, limit: usize, parts: &[&[u8]]) {
    let mut done = 0;
    for part in parts {
        let len = part.len().min(limit - done);
        // SAFETY: `done + len` does not exceed `limit`.
        unsafe { at.add(done).copy_from_nonoverlapping(part.as_ptr(), len) };
        done += len;
    }
}

/// Sends the message at `msg`, whose size its header states, waiting as long as it takes.
pub unsafe extern "C" fn mach_msg_send(msg: *mut mach_msg_header_t) -> mach_msg_return_t {
    // SAFETY: the caller's promise: a whole message is there.
    unsafe {
        let size = (*msg).msgh_size;
        mach_msg(msg, MACH_SEND_MSG, size, 0, 0, 0, 0)
    }
}

/// Receives into `msg`, whose header states the room and the port, waiting as long as it takes.
pub unsafe extern "C" fn mach_msg_receive(msg: *mut mach_msg_header_t) -> mach_msg_return_t {
    // SAFETY: the caller's promise: as much room as the header says is there.
    unsafe {
        let (size, port) = ((*msg).msgh_size, (*msg).msgh_local_port);
        mach_msg(msg, MACH_RCV_MSG, 0, size, port, 0, 0)
    }
}

/// Releases what a message carries: its remote port, its body's rights and memory (Mach fact 61). Its `msgh_size` is not
/// looked at: who made the message need not have written it.
pub unsafe extern "C" fn mach_msg_destroy(msg: *mut mach_msg_header_t) {
    // SAFETY: the caller's promise: a header, with the descriptors that it speaks of, is there.
    let bytes = unsafe { core::slice::from_raw_parts(msg.cast::<u8>(), up_to_descriptors(msg)) };
    let given_up = task::lock().destroy_received(bytes);
    // SAFETY: the message owned this memory, and says that its receiver deallocates it.
    unsafe { deallocate(given_up) };
}

/// The length of a message up to the end of its last descriptor, found by going from one to the next.
///
/// # Safety
/// A header can be read from `msg`, and if it is complex a count and as many descriptors behind it.
unsafe fn up_to_descriptors(msg: *const mach_msg_header_t) -> usize {
    // SAFETY: the caller's promise.
    if unsafe { (*msg).msgh_bits } & MACH_MSGH_BITS_COMPLEX == 0 {
        return layout::HEADER;
    }
    let start = msg.cast::<u8>();
    // SAFETY: the caller's promise: the count follows the header.
    let count = unsafe { start.add(layout::HEADER).cast::<u32>().read_unaligned() };
    let mut len = layout::HEADER + layout::COUNT;
    for _ in 0..count {
        // SAFETY: the caller's promise: here begins a descriptor, and each has a type.
        let kind = unsafe { start.add(len + layout::KIND_AT).read() };
        // Behind one of an unknown type, nothing is known to be a descriptor.
        let Some(size) = layout::size_of_kind(kind) else {
            break;
        };
        len += size;
    }
    len
}
