//! Building a message.

use std::marker::PhantomData;
use std::sync::Arc;

use zerocopy::native_endian::U64;
use zerocopy::{Immutable, IntoBytes};

use crate::calls::Name;
use crate::ffi::message as raw;
use crate::message::disposition::Disposition;
use crate::message::layout::{HEADER_SIZE, MemoryDescriptor, PortDescriptor, PortsDescriptor};
use crate::message::memory::OolMemory;
use crate::message::outgoing_right::OutgoingRight;
use crate::message::parcel::Parcel;
use crate::message::received::ReplyRight;
use crate::right::{AnyRight, ReceiveRight, Right, SendOnceRight, SendRight};

/// A message to be sent.
///
/// It owns the rights that it will move: an unsent message that is dropped releases them. Rights that are
/// copied, or that new ones are made from, are borrowed for `'a`, so they live until the message is sent.
/// Descriptors stand in the message in the order of the calls that add them, before all inline bytes.
#[derive(Debug)]
#[must_use = "a message that is not sent releases the rights it was to move"]
pub struct Message<'a> {
    pub(super) parcel: Parcel,
    /// Memory that the kernel copies while it sends. It must outlive the parcel, so it stands behind it.
    pub(super) lent: Vec<Lent>,
    /// Some part is too long for the 32-bit field that would say so.
    pub(super) overflow: bool,
    rights: PhantomData<&'a ()>,
}

impl<'a> Message<'a> {
    /// An empty message with an id, which means to the receiver what the two agree on.
    pub fn new(id: i32) -> Self {
        Self {
            parcel: Parcel::new(id),
            lent: Vec::new(),
            overflow: false,
            rights: PhantomData,
        }
    }

    /// Appends inline bytes, behind those of earlier calls. The whole is padded to a multiple of 4 when it is
    /// sent, and the receiver sees the padding; [`data`](Self::data) does without.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.parcel.wire.append(bytes);
        self
    }

    /// [`bytes`](Self::bytes) for those who hold the message by reference.
    pub fn append(&mut self, bytes: &[u8]) {
        self.parcel.wire.append(bytes);
    }

    /// The message as it is now: header, descriptors and inline bytes. Where it goes, and its size, are not in it before it is
    /// sent.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.parcel.wire.bytes()
    }

    /// Gives the message a descriptor list, be it an empty one: for protocols that have one in every message.
    /// The first descriptor does the same.
    pub fn complex(mut self) -> Self {
        self.parcel.make_complex();
        self
    }

    /// Adds a right by moving it.
    pub fn move_right(self, right: impl Into<AnyRight>) -> Self {
        let (name, kind) = right.into().into_raw();
        self.port(name, Disposition::moving(kind))
    }

    /// Adds a send right by moving it.
    pub fn move_send(self, right: SendRight) -> Self {
        self.port(right.into_raw(), Disposition::MoveSend)
    }

    /// Adds a send-once right by moving it.
    pub fn move_send_once(self, right: SendOnceRight) -> Self {
        self.port(right.into_raw(), Disposition::MoveSendOnce)
    }

    /// Adds a receive right by moving it, with the messages that wait in it.
    pub fn move_receive(self, right: ReceiveRight) -> Self {
        self.port(right.into_raw(), Disposition::MoveReceive)
    }

    /// Adds a copy of a send right.
    pub fn copy_send(self, right: &'a SendRight) -> Self {
        self.port(right.name(), Disposition::CopySend)
    }

    /// Adds a new send right to a port of this task.
    pub fn make_send(self, right: &'a ReceiveRight) -> Self {
        self.port(right.name(), Disposition::MakeSend)
    }

    /// Adds a new send-once right to a port of this task.
    pub fn make_send_once(self, right: &'a ReceiveRight) -> Self {
        self.port(right.name(), Disposition::MakeSendOnce)
    }

    /// Adds a place for a right that holds none: `MACH_PORT_NULL`.
    pub fn no_right(self, disposition: Disposition) -> Self {
        self.port(crate::calls::NULL, disposition)
    }

    /// Adds a right in the way that the value says.
    pub fn right(mut self, right: impl Into<OutgoingRight<'a>>) -> Self {
        let (name, disposition) = right.into().into_raw(&mut self.lent);
        self.port(name, disposition)
    }

    /// Adds bytes out of line: the receiver gets pages of its own, whatever their number.
    /// [`OolMemory`] is moved, other bytes are copied by the kernel.
    pub fn out_of_line(self, memory: impl Into<OutOfLine<'a>>) -> Self {
        self.memory(memory.into(), raw::MACH_MSG_VIRTUAL_COPY)
    }

    /// Like [`out_of_line`](Self::out_of_line), but asks for a copy that is made at once: `MACH_MSG_PHYSICAL_COPY`.
    pub fn out_of_line_copy(self, memory: impl Into<OutOfLine<'a>>) -> Self {
        self.memory(memory.into(), raw::MACH_MSG_PHYSICAL_COPY)
    }

    fn memory(mut self, memory: OutOfLine<'a>, copy: u32) -> Self {
        let Ok(size) = u32::try_from(memory.len()) else {
            self.overflow = true;
            return self;
        };
        let lend = |bytes: &[u8]| (bytes.as_ptr().expose_provenance(), 0);
        let (address, deallocate) = match memory {
            OutOfLine::Lent(bytes) => lend(bytes),
            OutOfLine::Copied(bytes) => {
                let place = lend(&bytes);
                self.lent.push(Lent::Bytes(bytes));
                place
            }
            OutOfLine::Kept(memory) => {
                let place = lend(&memory);
                self.lent.push(Lent::Memory(memory));
                place
            }
            OutOfLine::Moved(memory) => (memory.into_raw().0, 1),
        };
        self.descriptor(&MemoryDescriptor {
            address: U64::new(address as u64),
            deallocate,
            copy: copy as u8,
            pad1: 0,
            type_: raw::MACH_MSG_OOL_DESCRIPTOR as u8,
            size,
        })
    }

    /// Adds an array of rights out of line, all of one disposition. `give` says whether the array's memory goes
    /// with the message, which makes no difference to the receiver.
    ///
    /// # Errors
    ///
    /// A right has another disposition, or the kernel has no room for the array; the rights are released.
    pub fn rights(
        mut self,
        disposition: Disposition,
        rights: Vec<OutgoingRight<'a>>,
        give: bool,
    ) -> Result<Self, crate::Error> {
        if rights
            .iter()
            .any(|right| right.disposition() != disposition)
        {
            return Err(crate::Error::new("mach_msg", raw::MACH_SEND_INVALID_RIGHT));
        }
        let Ok(count) = u32::try_from(rights.len()) else {
            self.overflow = true;
            return Ok(self);
        };
        let size = rights.len().saturating_mul(size_of::<Name>());
        let (address, deallocate) = if give {
            let mut array = OolMemory::zeroed(size)?;
            write_names(&mut array, rights, &mut self.lent);
            (array.into_raw().0, 1)
        } else {
            let mut array = vec![0; size];
            write_names(&mut array, rights, &mut self.lent);
            let address = array.as_ptr().expose_provenance();
            self.lent.push(Lent::Bytes(array));
            (address, 0)
        };
        Ok(self.descriptor(&PortsDescriptor {
            address: U64::new(address as u64),
            deallocate,
            copy: raw::MACH_MSG_VIRTUAL_COPY as u8,
            disposition: disposition.raw() as u8,
            type_: raw::MACH_MSG_OOL_PORTS_DESCRIPTOR as u8,
            count,
        }))
    }

    /// Adds an array of rights of one kind out of line, by moving them.
    ///
    /// # Errors
    ///
    /// The kernel has no room for the array; the rights are released.
    pub fn move_rights<R: Right + Into<AnyRight>>(
        self,
        rights: Vec<R>,
    ) -> Result<Self, crate::Error> {
        let rights = rights
            .into_iter()
            .map(|right| OutgoingRight::Move(right.into()));
        self.rights(Disposition::moving(R::KIND), rights.collect(), true)
    }

    /// Asks for one reply to `port`: the receiver gets a send-once right in the header.
    pub fn reply_to_make_send_once(self, port: &'a ReceiveRight) -> Self {
        self.reply(port.name(), Disposition::MakeSendOnce)
    }

    /// Asks for replies to `port`: the receiver gets a new send right in the header.
    pub fn reply_to_make_send(self, port: &'a ReceiveRight) -> Self {
        self.reply(port.name(), Disposition::MakeSend)
    }

    /// Asks for replies to where `right` leads: the receiver gets a copy of it in the header.
    pub fn reply_to_copy_send(self, right: &'a SendRight) -> Self {
        self.reply(right.name(), Disposition::CopySend)
    }

    /// Asks for replies by a right that is moved to the receiver.
    pub fn reply_to_move(self, right: impl Into<ReplyRight>) -> Self {
        match right.into() {
            ReplyRight::Send(right) => self.reply(right.into_raw(), Disposition::MoveSend),
            ReplyRight::SendOnce(right) => self.reply(right.into_raw(), Disposition::MoveSendOnce),
        }
    }

    fn port(self, name: Name, disposition: Disposition) -> Self {
        self.descriptor(&PortDescriptor {
            name,
            pad1: 0,
            pad2: 0,
            disposition: disposition.raw() as u8,
            type_: raw::MACH_MSG_PORT_DESCRIPTOR as u8,
        })
    }

    /// Puts a descriptor behind the others, in front of the inline bytes.
    fn descriptor(mut self, descriptor: &(impl IntoBytes + Immutable)) -> Self {
        self.parcel.push(descriptor.as_bytes());
        self
    }

    /// Names the reply right in the header; one named before is released if it was to be moved.
    pub(crate) fn reply(mut self, name: Name, disposition: Disposition) -> Self {
        drop(self.parcel.take_local());
        let wire = &mut self.parcel.wire;
        let mut header = wire.header();
        header.set_local(name, disposition.raw());
        wire.set_header(header);
        self
    }

    /// Pads the message and fills in its size. `false` if it cannot be said in the header.
    pub(super) fn seal(&mut self) -> bool {
        let wire = &mut self.parcel.wire;
        let padding = wire.len().next_multiple_of(4) - wire.len();
        wire.append(&[0; 4][..padding]);
        let mut header = wire.header();
        let Ok(size) = u32::try_from(wire.len()) else {
            return false;
        };
        header.size = size;
        wire.set_header(header);
        !self.overflow
    }
}

impl Parcel {
    /// Gives the message a descriptor list, if it has none.
    fn make_complex(&mut self) {
        let mut header = self.wire.header();
        if !header.is_complex() {
            header.bits |= raw::MACH_MSGH_BITS_COMPLEX;
            self.wire.set_header(header);
            self.wire.insert(HEADER_SIZE, &[0; 4]);
            self.body_at += 4;
        }
    }

    /// Adds a descriptor behind the others; the first one makes the message complex.
    fn push(&mut self, descriptor: &[u8]) {
        self.make_complex();
        let count = self.wire.descriptor_count().saturating_add(1);
        self.wire.write(HEADER_SIZE, &count);
        self.wire.insert(self.body_at, descriptor);
        self.body_at += descriptor.len();
    }
}

/// What the kernel reads while it sends, and leaves.
#[derive(Debug)]
#[expect(dead_code, reason = "held until the message has been sent")]
pub(super) enum Lent {
    Bytes(Vec<u8>),
    Memory(OolMemory),
    Right(SendRight),
    Port(Arc<ReceiveRight>),
}

/// Gives up the rights to an array of their names.
fn write_names(array: &mut [u8], rights: Vec<OutgoingRight<'_>>, kept: &mut Vec<Lent>) {
    let (places, _) = array.as_chunks_mut();
    for (place, right) in places.iter_mut().zip(rights) {
        *place = right.into_raw(kept).0.to_ne_bytes();
    }
}

/// What [`Message::out_of_line`] takes.
#[derive(Debug)]
#[non_exhaustive]
pub enum OutOfLine<'a> {
    /// Bytes that the kernel copies while it sends.
    Lent(&'a [u8]),
    /// Bytes that the kernel copies while it sends, and that are freed then.
    Copied(Vec<u8>),
    /// Memory that the kernel copies while it sends, and that is freed then.
    Kept(OolMemory),
    /// Memory that goes to the receiver as it is.
    Moved(OolMemory),
}

impl OutOfLine<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Lent(bytes) => bytes.len(),
            Self::Copied(bytes) => bytes.len(),
            Self::Kept(memory) | Self::Moved(memory) => memory.len(),
        }
    }
}

impl From<Vec<u8>> for OutOfLine<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Copied(bytes)
    }
}

impl From<&[u8]> for OutOfLine<'_> {
    fn from(bytes: &[u8]) -> Self {
        Self::Copied(bytes.to_vec())
    }
}

impl From<OolMemory> for OutOfLine<'_> {
    fn from(memory: OolMemory) -> Self {
        Self::Moved(memory)
    }
}
