//! Reading a received message.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use crate::calls::Name;
use crate::message::audit::AuditToken;
use crate::message::descriptor::Descriptor;
use crate::message::disposition::{Disposition, moved_kind};
use crate::message::layout::AuditTrailer;
use crate::message::memory::OolMemory;
use crate::message::notification::{self, Notification};
use crate::message::parcel::Parcel;
use crate::message::send::{SendError, SendOptions, send_parcel};
use crate::right::{AnyRight, ReceiveRight, Right, RightKind, SendOnceRight, SendRight};

/// A message that was received. It owns the rights and the memory that came with it until they are taken,
/// and releases the rest when it is dropped.
#[derive(Debug)]
pub struct ReceivedMessage {
    parcel: Parcel,
    bits: u32,
    port: Name,
    trailer: Option<AuditTrailer>,
}

/// The right by which a request is to be answered.
#[derive(Debug)]
// Exhaustive: no other rights can be sent by.
pub enum ReplyRight {
    /// For one reply.
    SendOnce(SendOnceRight),
    /// For any number of replies.
    Send(SendRight),
}

impl From<SendOnceRight> for ReplyRight {
    fn from(right: SendOnceRight) -> Self {
        Self::SendOnce(right)
    }
}

impl From<SendRight> for ReplyRight {
    fn from(right: SendRight) -> Self {
        Self::Send(right)
    }
}

/// The right is of another kind than the one asked for. It is still in the message.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is a {found}, not a {wanted}")]
#[non_exhaustive]
pub struct WrongKind {
    /// What was asked for.
    pub wanted: RightKind,
    /// What the message has.
    pub found: RightKind,
}

crate::debug_with_causes!(WrongKind);

impl ReceivedMessage {
    pub(super) fn new(
        parcel: Parcel,
        bits: u32,
        port: Name,
        trailer: Option<AuditTrailer>,
    ) -> Self {
        Self {
            parcel,
            bits,
            port,
            trailer,
        }
    }

    /// The id that the sender gave it.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.parcel.wire.header().id
    }

    /// `msgh_bits` as they arrived.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// Whether it has a descriptor list, be it an empty one.
    #[must_use]
    pub fn is_complex(&self) -> bool {
        self.parcel.wire.header().is_complex()
    }

    /// `msgh_size`: header, descriptors and inline bytes.
    #[must_use]
    pub fn header_size(&self) -> u32 {
        self.parcel.wire.header().size
    }

    /// The name of the port it came to: of the member, if it was received from a port set.
    #[must_use]
    pub fn port(&self) -> Name {
        self.port
    }

    /// How many descriptors it has.
    #[must_use]
    pub fn descriptor_count(&self) -> usize {
        self.parcel.count()
    }

    /// The descriptors, in order.
    pub fn descriptors(&self) -> impl Iterator<Item = Descriptor> + '_ {
        self.parcel.descriptors()
    }

    /// One descriptor.
    #[must_use]
    pub fn descriptor(&self, index: usize) -> Option<Descriptor> {
        self.parcel.descriptor(index)
    }

    /// The inline bytes behind the descriptors, with the sender's padding to a multiple of 4. See also
    /// [`data`](Self::data).
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.parcel
            .wire
            .bytes()
            .get(self.parcel.body_at..)
            .unwrap_or_default()
    }

    /// All bytes of the message, from the header on, as `msgh_size` counts them. The local port is blank, and so are
    /// rights and memory that have been taken. Names and addresses in it are of no use: what they stand for is the
    /// message's.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.parcel.wire.bytes()
    }

    /// Takes the right of descriptor `index`, whatever its kind. `None` if there is no such port descriptor, if
    /// the sender named no port or a dead one, or if the right has been taken.
    pub fn take_right(&mut self, index: usize) -> Option<AnyRight> {
        self.parcel.take_right(index)
    }

    /// Takes the send right of descriptor `index`; `None` as for [`take_right`](Self::take_right).
    ///
    /// # Errors
    ///
    /// The right is of another kind; it stays in the message.
    pub fn take_send(&mut self, index: usize) -> Result<Option<SendRight>, WrongKind> {
        self.take_of_kind(index)
    }

    /// Takes the send-once right of descriptor `index`; `None` as for [`take_right`](Self::take_right).
    ///
    /// # Errors
    ///
    /// The right is of another kind; it stays in the message.
    pub fn take_send_once(&mut self, index: usize) -> Result<Option<SendOnceRight>, WrongKind> {
        self.take_of_kind(index)
    }

    /// Takes the receive right of descriptor `index`; `None` as for [`take_right`](Self::take_right).
    ///
    /// # Errors
    ///
    /// The right is of another kind; it stays in the message.
    pub fn take_receive(&mut self, index: usize) -> Result<Option<ReceiveRight>, WrongKind> {
        self.take_of_kind(index)
    }

    fn take_of_kind<R: Right>(&mut self, index: usize) -> Result<Option<R>, WrongKind> {
        match self.parcel.descriptor(index) {
            Some(Descriptor::Port {
                kind,
                present: true,
            }) if kind != R::KIND => Err(WrongKind {
                wanted: R::KIND,
                found: kind,
            }),
            _ => {
                let taken = self.parcel.take_right(index).map(AnyRight::into_raw);
                // SAFETY: the right was just taken, and its kind has been compared above.
                Ok(taken.and_then(|(name, _)| unsafe { R::from_raw(name) }))
            }
        }
    }

    /// Takes the memory of descriptor `index`; `None` if that is no memory or it has been taken.
    pub fn take_memory(&mut self, index: usize) -> Option<OolMemory> {
        self.parcel.take_memory(index)
    }

    /// Takes the array of rights of descriptor `index`, with `None` where the sender named no port or a dead one;
    /// `None` if that is no array of this kind or it has been taken.
    pub fn take_rights<R: Right>(&mut self, index: usize) -> Option<Vec<Option<R>>> {
        self.parcel.take_rights(index)
    }

    /// Takes the right to reply by, if the sender gave one.
    pub fn take_reply(&mut self) -> Option<ReplyRight> {
        match self.parcel.take_remote()? {
            AnyRight::Send(right) => Some(ReplyRight::Send(right)),
            AnyRight::SendOnce(right) => Some(ReplyRight::SendOnce(right)),
            // No kernel puts a receive right into a header.
            AnyRight::Receive(_) => None,
        }
    }

    /// Sends the message on as it is, with all that has not been taken from it: the right to reply by goes along, so that
    /// whoever has it next answers the sender.
    ///
    /// ```
    /// use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
    ///
    /// let (front, back) = (ReceiveRight::new()?, ReceiveRight::new()?);
    /// Message::new(5).bytes(b"for whom it concerns").send(&front.make_send()?, &SendOptions::new())?;
    /// let message = front.receive(&ReceiveOptions::new())?;
    /// message.forward(&back.make_send()?, &SendOptions::new())?;
    /// assert_eq!(back.receive(&ReceiveOptions::new())?.body(), b"for whom it concerns");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn forward(mut self, to: &SendRight, options: &SendOptions) -> Result<(), SendError> {
        self.release_dead_name();
        let mut parcel = std::mem::replace(&mut self.parcel, Parcel::new(0));
        let mut header = parcel.wire.header();
        // A right that was moved here is moved on; a dead one is no right.
        let disposition =
            moved_kind(header.remote_disposition()).map(|_| header.remote_disposition());
        header.set_local(header.remote, disposition.unwrap_or_default());
        header.set_remote(to.name(), Disposition::CopySend.raw());
        parcel.wire.set_header(header);
        send_parcel(parcel, options, &mut None)
    }

    /// Who sent it, by the kernel's word.
    #[must_use]
    pub fn audit_token(&self) -> Option<AuditToken> {
        self.trailer.as_ref().map(AuditToken::from)
    }

    /// The context of the port it came to, which whoever holds the port has given it: 0 in a new one.
    ///
    /// # Errors
    ///
    /// The port is gone.
    pub fn port_context(&self) -> Result<u64, crate::Error> {
        crate::calls::context(self.port)
    }

    /// Its number in the order of the port's messages.
    #[must_use]
    pub fn sequence_number(&self) -> Option<u32> {
        self.trailer.map(|trailer| trailer.sequence_number)
    }

    /// The notification that this is, if the kernel sent it and it has the form of one.
    #[must_use]
    pub fn notification(&self) -> Option<Notification> {
        if !self.audit_token()?.is_kernel() {
            return None;
        }
        notification::read(self.id(), &self.parcel)
    }
}

impl ReceivedMessage {
    /// A dead-name notification holds a reference of its own on the name it reports.
    fn release_dead_name(&self) {
        if let Some(Notification::DeadName { name }) = self.notification() {
            crate::right::release(name, RightKind::Send);
        }
    }
}

impl Drop for ReceivedMessage {
    fn drop(&mut self) {
        self.release_dead_name();
    }
}
