//! A message for the calls themselves, in a buffer that is used again and again.

use mach_ports::Name;
use mach_ports::ffi::message::{
    MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_SUCCESS, MACH_MSG_TIMEOUT_NONE,
    MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_VIRTUAL_COPY, MACH_MSGH_BITS_COMPLEX, MACH_RCV_MSG,
    MACH_SEND_MSG, mach_msg,
};

use crate::Result;
use crate::ours::memory::Region;

/// Words of a header: bits, size, remote port, local port, voucher, id.
const HEADER: usize = 6;
/// Words of the longest trailer.
const TRAILER: usize = 17;

/// A message in words of 32 bits, which is how the header and all descriptors are laid out.
pub(crate) struct Letter {
    words: Vec<u32>,
    /// How many words are sent.
    len: usize,
}

impl Letter {
    /// Room for a message with so many bytes behind its header, which is what it sends at first.
    pub(crate) fn new(bytes: usize) -> Self {
        let len = HEADER + bytes.div_ceil(4);
        let words = vec![0; len + TRAILER];
        Self { words, len }
    }

    /// Writes the header: where it goes, by which right, and where a reply goes.
    pub(crate) fn address(&mut self, to: Name, by: u32, reply: Name, reply_by: u32) {
        self.words[..HEADER].copy_from_slice(&[
            by | reply_by << 8,
            (self.len * 4) as u32,
            to,
            reply,
            0,
            1,
        ]);
    }

    /// Makes of a received request its reply, by the send-once right that came with it.
    pub(crate) fn turn(&mut self) {
        let to = self.words[2];
        self.address(to, MACH_MSG_TYPE_MOVE_SEND_ONCE, 0, 0);
    }

    /// Has the addressed message carry one right in front of its bytes, of which there are as many fewer.
    pub(crate) fn carry_right(&mut self, right: Name, disposition: u32) {
        self.words[0] |= MACH_MSGH_BITS_COMPLEX;
        let kind = disposition << 16 | MACH_MSG_PORT_DESCRIPTOR << 24;
        self.words[HEADER..HEADER + 4].copy_from_slice(&[1, right, 0, kind]);
    }

    /// The right that the received message carries.
    pub(crate) fn right(&self) -> Name {
        self.words[HEADER + 1]
    }

    /// Has the addressed message give memory away, in front of its bytes, of which there are as many fewer.
    pub(crate) fn carry_memory(&mut self, memory: Region) {
        let (address, len) = memory.into_raw();
        self.words[0] |= MACH_MSGH_BITS_COMPLEX;
        let kind = 1 | MACH_MSG_VIRTUAL_COPY << 8 | MACH_MSG_OOL_DESCRIPTOR << 24;
        let (low, high) = (address as u32, (address as u64 >> 32) as u32);
        self.words[HEADER..HEADER + 5].copy_from_slice(&[1, low, high, kind, len as u32]);
    }

    /// The memory that the received message brought. It is taken once.
    pub(crate) fn take_memory(&mut self) -> Result<Region> {
        let [count, low, high, kind, len] = self.words[HEADER..HEADER + 5] else {
            return Err("the message is too short".into());
        };
        if self.words[0] & MACH_MSGH_BITS_COMPLEX == 0
            || count != 1
            || kind >> 24 != MACH_MSG_OOL_DESCRIPTOR
        {
            return Err("the message brings no memory".into());
        }
        self.words[HEADER] = 0;
        let address = u64::from(high) << 32 | u64::from(low);
        // SAFETY: the kernel has written the descriptor of memory that it has mapped for the receiver, and a count of 0
        // now keeps it from being taken again.
        Ok(unsafe { Region::from_raw(address as usize, len as usize) })
    }

    /// Makes it the last of a stream.
    pub(crate) fn mark(&mut self) {
        self.words[HEADER] = 1;
    }

    /// Whether it is the last of a stream.
    pub(crate) fn is_marked(&self) -> bool {
        self.words[HEADER] == 1
    }

    /// The port that the received message came to.
    pub(crate) fn port(&self) -> Name {
        self.words[3]
    }

    /// Sends it.
    pub(crate) fn send(&mut self) -> Result<()> {
        self.message(MACH_SEND_MSG, 0)
    }

    /// Receives over it.
    pub(crate) fn receive(&mut self, from: Name) -> Result<()> {
        self.message(MACH_RCV_MSG, from)
    }

    /// Sends it and receives over it, by one call.
    pub(crate) fn send_and_receive(&mut self, from: Name) -> Result<()> {
        self.message(MACH_SEND_MSG | MACH_RCV_MSG, from)
    }

    fn message(&mut self, option: i32, from: Name) -> Result<()> {
        let (len, room) = (self.len * 4, self.words.len() * 4);
        // SAFETY: the buffer is as long as the call is told for both halves. It holds a header, and descriptors whose
        // memory was a `Region`, which the message owns; what is received over it owns what it brings.
        let code = unsafe {
            mach_msg(
                self.words.as_mut_ptr().cast(),
                option,
                len as u32,
                room as u32,
                from,
                MACH_MSG_TIMEOUT_NONE,
                0,
            )
        };
        if option & MACH_RCV_MSG == 0 {
            // What it carried is gone: sent again, it carries nothing.
            self.words[0] &= !MACH_MSGH_BITS_COMPLEX;
        }
        if code == MACH_MSG_SUCCESS {
            Ok(())
        } else {
            Err(format!("mach_msg returned {code:#x}").into())
        }
    }
}
