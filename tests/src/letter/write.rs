//! A message that is put together, and sent.

use mach_ports::ffi::message::{
    MACH_MSG_GUARDED_PORT_DESCRIPTOR, MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR,
    MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_SUCCESS, MACH_MSGH_BITS_COMPLEX, MACH_SEND_MSG,
    MACH_SEND_TIMEOUT, mach_msg_option_t, mach_msg_return_t, mach_msg_type_name_t,
};
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

use super::{Buffer, HEADER, Region, SOON};

/// A message to be sent.
#[derive(Clone, Debug)]
pub struct Letter {
    bits: u32,
    remote: mach_port_name_t,
    local: mach_port_name_t,
    id: i32,
    count: u32,
    descriptors: Vec<u8>,
    inline: Vec<u8>,
}

impl Letter {
    /// An empty message through a right.
    #[must_use]
    pub fn to(remote: mach_port_name_t, disposition: mach_msg_type_name_t) -> Self {
        Self {
            bits: disposition,
            remote,
            local: MACH_PORT_NULL,
            id: 0,
            count: 0,
            descriptors: Vec::new(),
            inline: Vec::new(),
        }
    }

    /// With a reply right.
    #[must_use]
    pub fn reply(mut self, local: mach_port_name_t, disposition: mach_msg_type_name_t) -> Self {
        self.local = local;
        self.bits = self.bits & !0xff00 | disposition << 8;
        self
    }

    /// With an id.
    #[must_use]
    pub fn id(mut self, id: i32) -> Self {
        self.id = id;
        self
    }

    /// With further bits in `msgh_bits`.
    #[must_use]
    pub fn bits(mut self, bits: u32) -> Self {
        self.bits |= bits;
        self
    }

    /// With a descriptor, whatever its bytes.
    #[must_use]
    pub fn descriptor(mut self, bytes: &[u8]) -> Self {
        self.bits |= MACH_MSGH_BITS_COMPLEX;
        self.count += 1;
        self.descriptors.extend_from_slice(bytes);
        self
    }

    /// With a port descriptor.
    #[must_use]
    pub fn port(self, name: mach_port_name_t, disposition: mach_msg_type_name_t) -> Self {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&name.to_ne_bytes());
        bytes[10] = disposition as u8;
        bytes[11] = MACH_MSG_PORT_DESCRIPTOR as u8;
        self.descriptor(&bytes)
    }

    /// With a guarded port descriptor.
    #[must_use]
    pub fn guarded(
        self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
        context: u64,
        flags: u16,
    ) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&context.to_ne_bytes());
        bytes[8..10].copy_from_slice(&flags.to_ne_bytes());
        bytes[10] = disposition as u8;
        bytes[11] = MACH_MSG_GUARDED_PORT_DESCRIPTOR as u8;
        bytes[12..].copy_from_slice(&name.to_ne_bytes());
        self.descriptor(&bytes)
    }

    fn region(self, region: Region, disposition: mach_msg_type_name_t, kind: u32) -> Self {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&(region.address as u64).to_ne_bytes());
        bytes[8] = region.deallocate;
        bytes[9] = region.copy;
        bytes[10] = disposition as u8;
        bytes[11] = kind as u8;
        bytes[12..].copy_from_slice(&region.size.to_ne_bytes());
        self.descriptor(&bytes)
    }

    /// With out-of-line memory.
    #[must_use]
    pub fn memory(self, region: Region) -> Self {
        self.region(region, 0, MACH_MSG_OOL_DESCRIPTOR)
    }

    /// With an out-of-line array of ports.
    #[must_use]
    pub fn ports(self, region: Region, disposition: mach_msg_type_name_t) -> Self {
        self.region(region, disposition, MACH_MSG_OOL_PORTS_DESCRIPTOR)
    }

    /// With bytes in the message itself, filled up to a multiple of 4.
    #[must_use]
    pub fn inline(mut self, bytes: &[u8]) -> Self {
        self.inline = bytes.to_vec();
        self.inline.resize(bytes.len().next_multiple_of(4), 0);
        self
    }

    /// The message's size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        let count = if self.bits & MACH_MSGH_BITS_COMPLEX == 0 {
            0
        } else {
            4
        };
        HEADER + count + self.descriptors.len() + self.inline.len()
    }

    /// The message in a buffer of `room` bytes, or as long as it is itself.
    #[must_use]
    pub fn buffer(&self, room: usize) -> Buffer {
        let mut bytes = Vec::new();
        for word in [
            self.bits,
            self.size() as u32,
            self.remote,
            self.local,
            0,
            self.id as u32,
        ] {
            bytes.extend_from_slice(&word.to_ne_bytes());
        }
        if self.bits & MACH_MSGH_BITS_COMPLEX != 0 {
            bytes.extend_from_slice(&self.count.to_ne_bytes());
        }
        bytes.extend_from_slice(&self.descriptors);
        bytes.extend_from_slice(&self.inline);
        let mut buffer = Buffer::new(room.max(bytes.len()));
        for (word, four) in buffer.0.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *word = u32::from_ne_bytes(*four);
        }
        buffer
    }

    /// Sends it; the code, and the buffer as the call left it.
    #[must_use]
    pub fn send_with(
        &self,
        option: mach_msg_option_t,
        timeout: u32,
    ) -> (mach_msg_return_t, Buffer) {
        let mut buffer = self.buffer(0);
        let code = buffer.mach_msg(MACH_SEND_MSG | option, self.size(), 0, 0, timeout);
        (code, buffer)
    }

    /// Sends it without waiting for room; the code.
    #[must_use]
    pub fn try_send(&self) -> mach_msg_return_t {
        self.send_with(MACH_SEND_TIMEOUT, 0).0
    }

    /// Sends it; there must soon be room.
    #[track_caller]
    pub fn send(&self) {
        assert_eq!(
            self.send_with(MACH_SEND_TIMEOUT, SOON).0,
            MACH_MSG_SUCCESS,
            "a send"
        );
    }
}
