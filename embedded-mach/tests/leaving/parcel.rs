//! Messages with memory.

use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::mach_port::{mach_port_allocate, mach_port_mod_refs};
use embedded_mach::message::*;
use embedded_mach::port::{MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE};
use embedded_mach::traps::mach_task_self;

use crate::region::Memory;

#[derive(Default)]
#[repr(C)]
struct Buffer {
    header: mach_msg_header_t,
    count: u32,
    address: [u32; 2],
    deallocate: u8,
    copy: u8,
    padding: u8,
    kind: u8,
    size: u32,
    trailer: [u32; 17],
}

/// A port, and the way to it.
pub(crate) struct Port(u32);

impl Port {
    pub(crate) fn new() -> Self {
        let mut name = MACH_PORT_NULL;
        // SAFETY: `name` can be written.
        let code =
            unsafe { mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &mut name) };
        assert_eq!(code, KERN_SUCCESS);
        Self(name)
    }

    /// Sends memory; the code.
    pub(crate) fn send(&self, address: u64, len: u64, deallocate: bool) -> mach_msg_return_t {
        let size = std::mem::offset_of!(Buffer, trailer) as u32;
        let mut message = Buffer {
            count: 1,
            address: [address as u32, (address >> 32) as u32],
            deallocate: u8::from(deallocate),
            copy: MACH_MSG_VIRTUAL_COPY as u8,
            kind: MACH_MSG_OOL_DESCRIPTOR as u8,
            size: len.try_into().unwrap(),
            ..Buffer::default()
        };
        message.header.msgh_bits =
            MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0) | MACH_MSGH_BITS_COMPLEX;
        message.header.msgh_size = size;
        message.header.msgh_remote_port = self.0;
        let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
        // SAFETY: the message is as long as it says.
        unsafe { mach_msg(&mut message.header, option, size, 0, 0, 0, 0) }
    }

    /// Gives memory away.
    pub(crate) fn give(&self, memory: Memory) {
        assert_eq!(
            self.send(memory.address, memory.len, true),
            MACH_MSG_SUCCESS
        );
        memory.forget();
    }

    pub(crate) fn receive(&self) -> Memory {
        let mut message = Buffer::default();
        let (option, room) = (MACH_RCV_MSG | MACH_RCV_TIMEOUT, size_of::<Buffer>() as u32);
        // SAFETY: there is as much room as said.
        let code = unsafe { mach_msg(&mut message.header, option, 0, room, self.0, 0, 0) };
        assert_eq!(code, MACH_MSG_SUCCESS);
        let [low, high] = message.address.map(u64::from);
        Memory::received(low | high << 32, u64::from(message.size))
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        // SAFETY: takes names.
        let code =
            unsafe { mach_port_mod_refs(mach_task_self(), self.0, MACH_PORT_RIGHT_RECEIVE, -1) };
        assert_eq!(code, KERN_SUCCESS);
    }
}
