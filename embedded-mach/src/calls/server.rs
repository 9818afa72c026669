//! `mach_msg_server`: receive, let a demultiplexer answer, send the answer (Mach fact 62).

use super::message::{mach_msg, mach_msg_destroy};
use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::{KERN_RESOURCE_SHORTAGE, KERN_SUCCESS};
use crate::headers::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSGH_BITS_COMPLEX, MACH_MSGH_BITS_REMOTE,
    MACH_RCV_LARGE, MACH_RCV_MSG, MACH_RCV_TOO_LARGE, MACH_RCV_VOUCHER, MACH_SEND_INVALID_DEST,
    MACH_SEND_MSG, MACH_SEND_TIMED_OUT, MACH_SEND_TIMEOUT, REQUESTED_TRAILER_SIZE,
    mach_msg_header_t, mach_msg_options_t, mach_msg_return_t, mach_msg_size_t,
};
use crate::headers::mig::{MIG_NO_REPLY, mig_reply_error_t};
use crate::headers::port::{MACH_PORT_NULL, mach_port_t};
use crate::sys::memory;

/// What `mach_msg_server` calls for each request: looks at it and writes its reply. What it returns means nothing.
#[allow(non_camel_case_types, reason = "as C's headers would name it")]
pub type mig_demux_t = Option<Demux>;

type Demux = unsafe extern "C" fn(*mut mach_msg_header_t, *mut mach_msg_header_t) -> boolean_t;

/// Serves requests until a receive or a reply fails; the failure.
///
/// The demultiplexer has `max_size` bytes for its reply, and no less than an error reply takes. A reply without a remote
/// port is not sent.
pub unsafe extern "C" fn mach_msg_server(
    demux: mig_demux_t,
    max_size: mach_msg_size_t,
    rcv_name: mach_port_t,
    options: mach_msg_options_t,
) -> mach_msg_return_t {
    // SAFETY: the caller's promise.
    unsafe { serve(demux, max_size, rcv_name, options, false) }
}

/// Serves one request.
pub unsafe extern "C" fn mach_msg_server_once(
    demux: mig_demux_t,
    max_size: mach_msg_size_t,
    rcv_name: mach_port_t,
    options: mach_msg_options_t,
) -> mach_msg_return_t {
    // SAFETY: the caller's promise.
    unsafe { serve(demux, max_size, rcv_name, options, true) }
}

/// # Safety
/// `demux` is sound for a message, with its trailer, and room for its reply.
unsafe fn serve(
    demux: Option<Demux>,
    max_size: mach_msg_size_t,
    name: mach_port_t,
    options: mach_msg_options_t,
    once: bool,
) -> mach_msg_return_t {
    let Some(demux) = demux else {
        return crate::headers::kern_return::KERN_INVALID_ARGUMENT;
    };
    let options = options & !(MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_VOUCHER);
    let trailer = REQUESTED_TRAILER_SIZE(options) as usize;
    let room = (max_size as usize).max(size_of::<mig_reply_error_t>());
    let (Some(mut request), Some(reply)) = (Buffer::new(room + trailer), Buffer::new(room)) else {
        return KERN_RESOURCE_SHORTAGE;
    };
    let mut limit = max_size as usize + trailer;
    loop {
        // SAFETY: the buffer has room for `limit` bytes.
        let code = unsafe {
            let limit = limit as mach_msg_size_t;
            mach_msg(
                request.header(),
                MACH_RCV_MSG | options,
                0,
                limit,
                name,
                0,
                0,
            )
        };
        if code == MACH_RCV_TOO_LARGE && options & MACH_RCV_LARGE != 0 {
            // SAFETY: the receive wrote the size that is needed.
            limit = unsafe { (*request.header()).msgh_size } as usize + trailer;
            match Buffer::new(limit) {
                Some(larger) => request = larger,
                None => return KERN_RESOURCE_SHORTAGE,
            }
            continue;
        }
        if code != MACH_MSG_SUCCESS {
            return code;
        }
        // SAFETY: a message stands in the one buffer, and the other has the room that the caller asked for.
        let code = unsafe { answer(demux, &request, &reply, options) };
        if once || code != MACH_MSG_SUCCESS {
            return code;
        }
    }
}

/// Has a request answered, and sends the answer.
///
/// # Safety
/// As [`serve`], and `request` holds a message.
unsafe fn answer(
    demux: Demux,
    request: &Buffer,
    reply: &Buffer,
    options: mach_msg_options_t,
) -> mach_msg_return_t {
    let (request, reply) = (request.header(), reply.header());
    // SAFETY: the buffers are aligned, and as large as an error reply at least; the demultiplexer's promise is the
    // caller's.
    unsafe {
        reply.write_bytes(0, 1);
        demux(request, reply);
        let complex = (*reply).msgh_bits & MACH_MSGH_BITS_COMPLEX != 0;
        if !complex {
            match (&raw const (*reply.cast::<mig_reply_error_t>()).RetCode).read_unaligned() {
                KERN_SUCCESS => {}
                MIG_NO_REPLY => (*reply).msgh_remote_port = MACH_PORT_NULL,
                // The reply port is in the reply now.
                _ if (*request).msgh_bits & MACH_MSGH_BITS_COMPLEX != 0 => {
                    (*request).msgh_remote_port = MACH_PORT_NULL;
                    mach_msg_destroy(request);
                }
                _ => {}
            }
        }
        if (*reply).msgh_remote_port == MACH_PORT_NULL {
            if complex {
                mach_msg_destroy(reply);
            }
            return MACH_MSG_SUCCESS;
        }
        // A client that does not take its replies must not stop the server; a send-once right never waits.
        let patience = match MACH_MSGH_BITS_REMOTE((*reply).msgh_bits) {
            MACH_MSG_TYPE_MOVE_SEND_ONCE => 0,
            _ => MACH_SEND_TIMEOUT,
        };
        let size = (*reply).msgh_size;
        match mach_msg(reply, MACH_SEND_MSG | patience | options, size, 0, 0, 0, 0) {
            MACH_SEND_INVALID_DEST | MACH_SEND_TIMED_OUT => {
                mach_msg_destroy(reply);
                MACH_MSG_SUCCESS
            }
            code => code,
        }
    }
}

/// Pages for a message.
struct Buffer {
    address: usize,
    len: usize,
}

impl Buffer {
    fn new(len: usize) -> Option<Self> {
        let len = memory::round_page(len)?;
        let address = memory::map_fresh(len).ok()?;
        Some(Self { address, len })
    }

    fn header(&self) -> *mut mach_msg_header_t {
        self.address as *mut mach_msg_header_t
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the pages are this value's own.
        let _ = unsafe { memory::unmap(self.address, self.len) };
    }
}
