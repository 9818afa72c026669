//! Messages with rights and a number.

use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::mach_port::mach_port_allocate;
use embedded_mach::message::*;
use embedded_mach::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE};
use embedded_mach::traps::mach_task_self;

const DEADLINE_MS: u32 = 20_000;
const MOST_RIGHTS: usize = 4;

/// What a message brought: names with their dispositions, and the number.
pub(crate) struct Mail {
    pub(crate) rights: Vec<(u32, u32)>,
    pub(crate) number: u64,
}

#[repr(C)]
struct Buffer {
    header: mach_msg_header_t,
    body: mach_msg_body_t,
    rights: [mach_msg_port_descriptor_t; MOST_RIGHTS],
    number: [u32; 2],
    trailer: [u32; 17],
}

impl Buffer {
    fn empty() -> Self {
        Self {
            header: mach_msg_header_t::default(),
            body: mach_msg_body_t::default(),
            rights: [mach_msg_port_descriptor_t::default(); MOST_RIGHTS],
            number: [0; 2],
            trailer: [0; 17],
        }
    }
}

/// A receive right.
pub(crate) fn port() -> u32 {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    let code = unsafe { mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mut name) };
    assert_eq!(code, KERN_SUCCESS);
    name
}

/// Sends rights and a number. All messages have the same length; what is left over are null rights.
pub(crate) fn send(to: u32, rights: &[(u32, u32)], number: u64) {
    let mut message = Buffer::empty();
    let size = std::mem::offset_of!(Buffer, trailer) as u32;
    message.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX;
    message.header.msgh_size = size;
    message.header.msgh_remote_port = to;
    message.body.msgh_descriptor_count = MOST_RIGHTS as u32;
    message.rights =
        [mach_msg_port_descriptor_t::new(MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND); MOST_RIGHTS];
    for (descriptor, &(name, disposition)) in message.rights.iter_mut().zip(rights) {
        *descriptor = mach_msg_port_descriptor_t::new(name, disposition);
    }
    message.number = [number as u32, (number >> 32) as u32];
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
    // SAFETY: the message is as long as it says.
    let code = unsafe { mach_msg(&mut message.header, option, size, 0, 0, DEADLINE_MS, 0) };
    assert_eq!(code, MACH_MSG_SUCCESS);
}

pub(crate) fn receive(port: u32) -> Mail {
    let mut message = Buffer::empty();
    let (option, room) = (MACH_RCV_MSG | MACH_RCV_TIMEOUT, size_of::<Buffer>() as u32);
    // SAFETY: there is as much room as said.
    let code = unsafe { mach_msg(&mut message.header, option, 0, room, port, DEADLINE_MS, 0) };
    assert_eq!(code, MACH_MSG_SUCCESS);
    let rights = message
        .rights
        .iter()
        .filter(|right| right.name != MACH_PORT_NULL);
    Mail {
        rights: rights
            .map(|right| (right.name, u32::from(right.disposition)))
            .collect(),
        number: u64::from(message.number[0]) | u64::from(message.number[1]) << 32,
    }
}
