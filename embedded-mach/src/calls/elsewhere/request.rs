//! Requests, as MIG's client stubs make them.

use zerocopy::IntoBytes;

use super::Result;
use crate::calls::message::mach_msg;
use crate::calls::mig::{mig_dealloc_reply_port, mig_get_reply_port, mig_put_reply_port};
use crate::headers::message::{
    MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_SUCCESS, MACH_MSG_TYPE_COPY_SEND,
    MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_VIRTUAL_COPY, MACH_MSGH_BITS, MACH_MSGH_BITS_COMPLEX,
    MACH_RCV_MSG, MACH_SEND_INVALID_DATA, MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_HEADER,
    MACH_SEND_MSG, mach_msg_header_t, mach_msg_type_name_t,
};
use crate::headers::ndr::NDR_record_t;
use crate::headers::port::{MACH_PORT_NULL, mach_port_name_t};
use crate::wire::layout::{Header, PortDescriptor, RegionDescriptor};

/// In words: the largest request, and the largest reply of an honest task with its trailer, are shorter.
const ROOM: usize = 64;

/// A message, aligned for its header.
pub(super) struct Buffer([u32; ROOM]);

impl Buffer {
    pub(super) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn header(&mut self) -> *mut mach_msg_header_t {
        self.0.as_mut_ptr().cast()
    }
}

/// A request to a task's port.
pub(in crate::calls) struct Request {
    to: mach_port_name_t,
    id: i32,
    /// Of what it carries, if anything.
    descriptor: Vec<u8>,
    words: Vec<u32>,
}

impl Request {
    pub(super) fn new(to: mach_port_name_t, id: i32, words: &[u32]) -> Self {
        Self {
            to,
            id,
            descriptor: Vec::new(),
            words: words.to_vec(),
        }
    }

    /// Carries a right of this task's.
    pub(in crate::calls) fn right(
        mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Self {
        let descriptor = PortDescriptor {
            name,
            pad1: 0,
            pad2: 0,
            disposition: disposition as u8,
            kind: MACH_MSG_PORT_DESCRIPTOR as u8,
        };
        self.descriptor = descriptor.as_bytes().to_vec();
        self
    }

    /// Carries a copy of memory, which stays as it is until the request has been answered.
    pub(in crate::calls) fn memory(mut self, memory: &[u8]) -> Self {
        let (address, len) = (memory.as_ptr().addr(), memory.len() as u32);
        let copy = MACH_MSG_VIRTUAL_COPY as u8;
        let kind = MACH_MSG_OOL_DESCRIPTOR;
        let descriptor = RegionDescriptor::new(address, false, copy, 0, kind, len);
        self.descriptor = descriptor.as_bytes().to_vec();
        self
    }

    /// The message's bytes, with the name of the port for the reply.
    fn bytes(&self, reply: mach_port_name_t) -> Vec<u8> {
        let mut body = Vec::new();
        if !self.descriptor.is_empty() {
            body.extend_from_slice(&1u32.to_ne_bytes());
            body.extend_from_slice(&self.descriptor);
        }
        if !self.words.is_empty() {
            body.extend_from_slice(&NDR_record_t::NATIVE.to_bytes());
            body.extend_from_slice(self.words.as_bytes());
        }
        let complex = if self.descriptor.is_empty() {
            0
        } else {
            MACH_MSGH_BITS_COMPLEX
        };
        let header = Header {
            bits: complex | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
            size: (size_of::<Header>() + body.len()) as u32,
            remote: self.to,
            local: reply,
            voucher: MACH_PORT_NULL,
            id: self.id,
        };
        [header.as_bytes(), &body].concat()
    }

    pub(super) const fn id(&self) -> i32 {
        self.id
    }

    /// Sends it and waits for what comes back.
    pub(super) fn exchange(self) -> Result<Buffer> {
        // SAFETY: the call takes no arguments.
        let reply_port = unsafe { mig_get_reply_port() };
        let request = self.bytes(reply_port);
        let mut buffer = Buffer([0; ROOM]);
        let start = buffer.0.as_mut_bytes().get_mut(..request.len());
        start
            .ok_or(MACH_SEND_INVALID_DATA)?
            .copy_from_slice(&request);
        // SAFETY: the buffer is as large as both sizes say.
        let code = unsafe {
            mach_msg(
                buffer.header(),
                MACH_SEND_MSG | MACH_RCV_MSG,
                request.len() as u32,
                size_of::<Buffer>() as u32,
                reply_port,
                0,
                MACH_PORT_NULL,
            )
        };
        // SAFETY: both calls take a name only.
        unsafe {
            match code {
                MACH_MSG_SUCCESS
                | MACH_SEND_INVALID_DATA
                | MACH_SEND_INVALID_DEST
                | MACH_SEND_INVALID_HEADER => mig_put_reply_port(reply_port),
                // A late reply must not be taken for the next request's.
                _ => mig_dealloc_reply_port(reply_port),
            }
        }
        if code == MACH_MSG_SUCCESS {
            Ok(buffer)
        } else {
            Err(code)
        }
    }
}
