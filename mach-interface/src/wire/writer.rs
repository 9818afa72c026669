//! Writing requests and replies.

use mach_ports::{Disposition, Message, OutgoingRight, ReturnCode};

use crate::code;
use crate::kind::Kinds;
use crate::wire::{NDR, REPLY_OFFSET, padded};

/// A message that arguments are put into, one after the other.
#[derive(Debug)]
pub struct Writer<'a> {
    /// Away only while a descriptor is put, and for good where that failed.
    message: Option<Message<'a>>,
    /// The room that the caller has for each result that says how much there is.
    pub(crate) rooms: Vec<u32>,
}

/// More elements than the interface allows: `MIG_ARRAY_TOO_LARGE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an array has more elements than the interface allows")]
pub struct TooLong;

impl From<TooLong> for ReturnCode {
    fn from(_: TooLong) -> Self {
        code::ARRAY_TOO_LARGE
    }
}

impl<'a> Writer<'a> {
    /// A request, or a complex reply.
    pub(crate) fn request(id: i32, ndr: bool) -> Self {
        let mut message = Message::new(id);
        if ndr {
            message.append(&NDR);
        }
        Self {
            message: Some(message),
            rooms: Vec::new(),
        }
    }

    /// A reply without descriptors.
    pub(crate) fn simple_reply(id: i32) -> Self {
        let mut writer = Self::request(id, true);
        writer.append(&[0; 4]);
        writer
    }

    /// The message, with what was put into it, and the caller's rooms.
    ///
    /// # Errors
    ///
    /// A descriptor could not be put.
    pub(crate) fn finish(self) -> Result<(Message<'a>, Vec<u32>), TooLong> {
        Ok((self.message.ok_or(TooLong)?, self.rooms))
    }

    fn append(&mut self, bytes: &[u8]) {
        if let Some(message) = &mut self.message {
            message.append(bytes);
        }
    }

    /// Puts inline bytes, and zeros up to a multiple of 4.
    pub fn inline(&mut self, bytes: &[u8]) {
        self.append(bytes);
        let padding = padded(bytes.len()) - bytes.len();
        self.append(&[0; 4][..padding]);
    }

    /// Puts a count.
    ///
    /// # Errors
    ///
    /// It has more than 32 bits.
    pub fn count(&mut self, count: usize) -> Result<(), TooLong> {
        let count = u32::try_from(count).map_err(|_| TooLong)?;
        self.append(&count.to_le_bytes());
        Ok(())
    }

    /// Puts a descriptor, by the message's own calls.
    pub fn descriptor(&mut self, put: impl FnOnce(Message<'a>) -> Message<'a>) {
        self.message = self.message.take().map(put);
    }

    /// Puts an array of rights.
    ///
    /// # Errors
    ///
    /// There is no memory for it.
    pub fn rights(
        &mut self,
        disposition: Disposition,
        rights: Vec<OutgoingRight<'a>>,
        give: bool,
    ) -> Result<(), TooLong> {
        if let Some(message) = self.message.take() {
            let message = message.rights(disposition, rights, give);
            self.message = Some(message.map_err(|_| TooLong)?);
        }
        Ok(())
    }
}

/// A request with arguments `I`, and the room that the caller has for each counted result.
///
/// # Errors
///
/// An argument is longer than its bound.
pub fn request<'a, I: Kinds>(
    id: i32,
    arguments: I::Given<'a>,
) -> Result<(Message<'a>, Vec<u32>), TooLong> {
    let mut writer = Writer::request(id, I::SHAPE.ndr);
    I::give(arguments, &mut writer)?;
    writer.finish()
}

/// The reply with results `O` to the request with this id.
///
/// # Errors
///
/// A result is longer than its bound.
pub fn reply<O: Kinds>(request: i32, results: O::Returned) -> Result<Message<'static>, TooLong> {
    let id = request.wrapping_add(REPLY_OFFSET);
    let mut writer = if O::SHAPE.descriptors > 0 {
        Writer::request(id, O::SHAPE.ndr)
    } else {
        Writer::simple_reply(id)
    };
    O::give_back(results, &mut writer)?;
    Ok(writer.finish()?.0)
}

/// A reply that says nothing but a code.
pub(crate) fn code_reply(request: i32, code: ReturnCode) -> Message<'static> {
    let mut message = Message::new(request.wrapping_add(REPLY_OFFSET));
    message.append(&NDR);
    message.append(&code.get().to_le_bytes());
    message
}
