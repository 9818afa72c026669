//! Messages, byte for byte as C lays them out (packed to 4 bytes).

use std::time::Duration;

use mach_ports::ffi::message::{
    MACH_MSG_GUARDED_PORT_DESCRIPTOR, MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_OOL_PORTS_DESCRIPTOR,
    MACH_MSG_OOL_VOLATILE_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_SUCCESS,
    MACH_MSGH_BITS_COMPLEX, MACH_RCV_MSG, MACH_RCV_TIMED_OUT, MACH_RCV_TIMEOUT, MACH_SEND_MSG,
    MACH_SEND_TIMEOUT, mach_msg, mach_msg_header_t, mach_msg_option_t, mach_msg_return_t,
    mach_msg_type_name_t,
};
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

/// How long a test waits for what must come, in milliseconds.
pub const SOON: u32 = 10_000;

/// As [`SOON`], for waits that are not Mach's.
pub const DEADLINE: Duration = Duration::from_millis(SOON as u64);

/// The size of a header.
pub const HEADER: usize = 24;

/// Room for a message and its trailer, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer(Vec<u32>);

impl Buffer {
    /// Room for `len` bytes, filled with a pattern that shows what was written.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self(vec![0xa5a5_a5a5; len.div_ceil(4)])
    }

    /// The buffer's length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len() * 4
    }

    /// Whether there is no room at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|word| word.to_ne_bytes()).collect()
    }

    /// The bytes at an offset.
    #[must_use]
    pub fn at<const N: usize>(&self, offset: usize) -> [u8; N] {
        std::array::from_fn(|i| self.0[(offset + i) / 4].to_ne_bytes()[(offset + i) % 4])
    }

    /// The word at an offset.
    #[must_use]
    pub fn u32_at(&self, offset: usize) -> u32 {
        u32::from_ne_bytes(self.at(offset))
    }

    /// The two words at an offset, as one number.
    #[must_use]
    pub fn u64_at(&self, offset: usize) -> u64 {
        u64::from_ne_bytes(self.at(offset))
    }

    /// Puts a word at an offset that is a multiple of 4.
    pub fn put_u32(&mut self, offset: usize, value: u32) {
        assert!(offset.is_multiple_of(4));
        self.0[offset / 4] = value;
    }

    /// The header as C has it.
    pub fn header(&mut self) -> *mut mach_msg_header_t {
        assert!(self.len() >= HEADER);
        self.0.as_mut_ptr().cast()
    }

    /// `mach_msg` on this buffer, with nothing decided.
    pub fn mach_msg(
        &mut self,
        option: mach_msg_option_t,
        send_size: usize,
        receive_size: usize,
        from: mach_port_name_t,
        timeout: u32,
    ) -> mach_msg_return_t {
        assert!(send_size <= self.len() && receive_size <= self.len());
        // SAFETY: the buffer is as large as both sizes say, and `mach_msg` keeps to them.
        unsafe {
            mach_msg(
                self.0.as_mut_ptr().cast(),
                option,
                send_size as u32,
                receive_size as u32,
                from,
                timeout,
                MACH_PORT_NULL,
            )
        }
    }

    /// `msgh_bits`.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.u32_at(0)
    }

    /// The disposition of the remote port.
    #[must_use]
    pub fn remote_disposition(&self) -> mach_msg_type_name_t {
        self.bits() & 0x1f
    }

    /// The disposition of the local port.
    #[must_use]
    pub fn local_disposition(&self) -> mach_msg_type_name_t {
        self.bits() >> 8 & 0x1f
    }

    /// Whether there are descriptors.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.bits() & MACH_MSGH_BITS_COMPLEX != 0
    }

    /// `msgh_size`.
    #[must_use]
    pub fn size(&self) -> usize {
        self.u32_at(4) as usize
    }

    /// `msgh_remote_port`.
    #[must_use]
    pub fn remote(&self) -> mach_port_name_t {
        self.u32_at(8)
    }

    /// `msgh_local_port`.
    #[must_use]
    pub fn local(&self) -> mach_port_name_t {
        self.u32_at(12)
    }

    /// `msgh_voucher_port`.
    #[must_use]
    pub fn voucher(&self) -> mach_port_name_t {
        self.u32_at(16)
    }

    /// `msgh_id`.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.u32_at(20) as i32
    }

    /// The body's descriptors.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        if !self.is_complex() {
            return Vec::new();
        }
        let mut at = HEADER + 4;
        let items = (0..self.u32_at(HEADER)).map(|_| {
            let (item, len) = self.item(at);
            at += len;
            item
        });
        items.collect()
    }

    fn item(&self, at: usize) -> (Item, usize) {
        let [kind] = self.at(at + 11);
        let region = || Region {
            address: self.u64_at(at) as usize,
            deallocate: self.at::<1>(at + 8)[0],
            copy: self.at::<1>(at + 9)[0],
            size: self.u32_at(at + 12),
        };
        let [disposition] = self.at(at + 10);
        let disposition = u32::from(disposition);
        match u32::from(kind) {
            MACH_MSG_PORT_DESCRIPTOR => {
                let name = self.u32_at(at);
                (Item::Port { name, disposition }, 12)
            }
            MACH_MSG_OOL_DESCRIPTOR | MACH_MSG_OOL_VOLATILE_DESCRIPTOR => {
                (Item::Memory(region()), 16)
            }
            MACH_MSG_OOL_PORTS_DESCRIPTOR => (Item::Ports(region(), disposition), 16),
            MACH_MSG_GUARDED_PORT_DESCRIPTOR => {
                let item = Item::Guarded {
                    context: self.u64_at(at),
                    flags: u16::from_ne_bytes(self.at(at + 8)),
                    disposition,
                    name: self.u32_at(at + 12),
                };
                (item, 16)
            }
            other => panic!("a descriptor of type {other}"),
        }
    }

    /// The one port descriptor that a message carries: name and disposition.
    #[must_use]
    pub fn only_port(&self) -> (mach_port_name_t, mach_msg_type_name_t) {
        match self.items().as_slice() {
            &[Item::Port { name, disposition }] => (name, disposition),
            other => panic!("not one port: {other:?}"),
        }
    }

    /// What follows header and descriptors.
    #[must_use]
    pub fn inline(&self) -> Vec<u8> {
        let descriptors: usize = self.items().iter().map(Item::len).sum();
        let count = if self.is_complex() { 4 } else { 0 };
        self.bytes()[HEADER + count + descriptors..self.size()].to_vec()
    }

    /// Where the trailer begins.
    #[must_use]
    pub fn trailer(&self) -> usize {
        self.size().next_multiple_of(4)
    }

    /// The trailer's type and size.
    #[must_use]
    pub fn trailer_kind(&self) -> (u32, u32) {
        let at = self.trailer();
        (self.u32_at(at), self.u32_at(at + 4))
    }

    /// The trailer's sequence number, if it was asked for.
    #[must_use]
    pub fn seqno(&self) -> u32 {
        self.u32_at(self.trailer() + 8)
    }

    /// The trailer's audit token, if it was asked for.
    #[must_use]
    pub fn audit_token(&self) -> [u32; 8] {
        std::array::from_fn(|i| self.u32_at(self.trailer() + 20 + 4 * i))
    }
}

/// Memory that a descriptor names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Where it is.
    pub address: usize,
    /// Who has the message is to free it.
    pub deallocate: u8,
    /// The copy option.
    pub copy: u8,
    /// Bytes, or entries of an array of ports.
    pub size: u32,
}

/// A descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item {
    /// `mach_msg_port_descriptor_t`.
    Port {
        /// The right's name.
        name: mach_port_name_t,
        /// The right.
        disposition: mach_msg_type_name_t,
    },
    /// `mach_msg_ool_descriptor_t`.
    Memory(Region),
    /// `mach_msg_ool_ports_descriptor_t`, and the rights' disposition.
    Ports(Region, mach_msg_type_name_t),
    /// `mach_msg_guarded_port_descriptor_t`.
    Guarded {
        /// The guard.
        context: u64,
        /// `MACH_MSG_GUARD_FLAGS_*`.
        flags: u16,
        /// The right.
        disposition: mach_msg_type_name_t,
        /// The right's name.
        name: mach_port_name_t,
    },
}

impl Item {
    /// The descriptor's size in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Port { .. } => 12,
            _ => 16,
        }
    }

    /// No descriptor is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }
}

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

/// Receives a message into 4 KiB, for at most `timeout` milliseconds.
pub fn receive_with(
    from: mach_port_name_t,
    option: mach_msg_option_t,
    timeout: u32,
) -> Result<Buffer, mach_msg_return_t> {
    let mut buffer = Buffer::new(4096);
    let len = buffer.len();
    match buffer.mach_msg(
        MACH_RCV_MSG | MACH_RCV_TIMEOUT | option,
        0,
        len,
        from,
        timeout,
    ) {
        MACH_MSG_SUCCESS => Ok(buffer),
        code => Err(code),
    }
}

/// Receives a message that is there or must soon come.
#[track_caller]
#[must_use]
pub fn receive(from: mach_port_name_t) -> Buffer {
    match receive_with(from, 0, SOON) {
        Ok(buffer) => buffer,
        Err(code) => panic!("a receive: {code:#x}"),
    }
}

/// Receives a message if there is one now.
#[track_caller]
#[must_use]
pub fn poll(from: mach_port_name_t) -> Option<Buffer> {
    match receive_with(from, 0, 0) {
        Ok(buffer) => Some(buffer),
        Err(MACH_RCV_TIMED_OUT) => None,
        Err(code) => panic!("a receive: {code:#x}"),
    }
}

/// The ids of all messages that are there now.
#[track_caller]
#[must_use]
pub fn drain(from: mach_port_name_t) -> Vec<i32> {
    std::iter::from_fn(|| poll(from))
        .map(|mail| mail.id())
        .collect()
}
