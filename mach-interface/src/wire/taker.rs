//! Taking arguments out of a message that has been checked.

use mach_ports::ReceivedMessage;
use zerocopy::FromBytes;
use zerocopy::little_endian::U32;

use crate::code::Refusal;
use crate::wire::padded;

/// Where the taking stands in a message, from argument to argument. What is not taken is the message's, and is
/// released with it.
#[derive(Debug)]
pub struct Taker<'m> {
    /// The message, for its rights and its memory.
    pub message: &'m mut ReceivedMessage,
    descriptor: usize,
    inline: usize,
    /// The caller's room for results that say how much there is, in order.
    rooms: &'m [u32],
    /// How many elements there are, where the caller has less room.
    too_large: Option<usize>,
}

impl<'m> Taker<'m> {
    pub(crate) const fn new(
        message: &'m mut ReceivedMessage,
        inline: usize,
        rooms: &'m [u32],
    ) -> Self {
        Self {
            message,
            descriptor: 0,
            inline,
            rooms,
            too_large: None,
        }
    }

    /// The index of the next descriptor, which is passed.
    pub const fn descriptor(&mut self) -> usize {
        let index = self.descriptor;
        self.descriptor = index + 1;
        index
    }

    /// Passes inline bytes and their padding.
    ///
    /// # Errors
    ///
    /// The message ends before, which the check has ruled out.
    pub fn inline(&mut self, len: usize) -> Result<&[u8], Refusal> {
        let at = self.inline;
        self.inline = at.saturating_add(padded(len));
        let bytes = self
            .message
            .bytes()
            .get(at..)
            .and_then(|rest| rest.get(..len));
        bytes.ok_or(Refusal::BadArguments)
    }

    /// Passes a count.
    ///
    /// # Errors
    ///
    /// The message ends before, which the check has ruled out.
    pub fn count(&mut self) -> Result<usize, Refusal> {
        let count = U32::read_from_bytes(self.inline(4)?).map_err(|_| Refusal::BadArguments)?;
        Ok(count.get() as usize)
    }

    /// The room that the caller has for the next result that says how much there is.
    pub(crate) const fn room(&mut self) -> Option<u32> {
        match self.rooms {
            [room, rest @ ..] => {
                self.rooms = rest;
                Some(*room)
            }
            [] => None,
        }
    }

    /// Notes that the caller has no room for so many elements.
    pub(crate) const fn too_large(&mut self, count: usize) {
        self.too_large = Some(count);
    }

    /// How many elements there were of a result that the caller has less room for.
    pub(crate) const fn overflow(&self) -> Option<usize> {
        self.too_large
    }
}
