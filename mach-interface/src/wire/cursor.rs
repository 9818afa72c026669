//! A walk through a message that is being checked.

use zerocopy::FromBytes;
use zerocopy::little_endian::U32;

use crate::code::Refusal;

/// `MACH_MSG_PORT_DESCRIPTOR`.
const PORT: u8 = 0;
/// `MACH_MSG_OOL_DESCRIPTOR`.
const MEMORY: u8 = 1;
/// `MACH_MSG_OOL_PORTS_DESCRIPTOR`.
const PORTS: u8 = 2;
/// In every descriptor, where its type stands, and in those of rights their disposition.
const TYPE_AT: usize = 11;
const DISPOSITION_AT: usize = 10;

/// Where a check stands in a message, from argument to argument. Nothing is taken, and nothing outside of the message
/// is looked at: names and addresses in it are numbers.
#[derive(Debug, Clone)]
pub struct Cursor<'m> {
    bytes: &'m [u8],
    descriptor: usize,
    inline: usize,
}

impl<'m> Cursor<'m> {
    pub(super) const fn new(bytes: &'m [u8], descriptor: usize, inline: usize) -> Self {
        Self {
            bytes,
            descriptor,
            inline,
        }
    }

    fn read<T: FromBytes>(&self, at: usize) -> Result<T, Refusal> {
        self.bytes
            .get(at..)
            .and_then(|bytes| T::read_from_prefix(bytes).ok())
            .map(|(value, _)| value)
            .ok_or(Refusal::BadArguments)
    }

    /// Passes a port descriptor: its name and its disposition as received.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn port(&mut self) -> Result<(u32, u8), Refusal> {
        let at = self.descriptor;
        if self.read::<u8>(at + TYPE_AT)? != PORT {
            return Err(Refusal::Type);
        }
        self.descriptor = at + 12;
        Ok((self.read::<U32>(at)?.get(), self.read(at + DISPOSITION_AT)?))
    }

    /// Passes a descriptor of memory: its size in bytes.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn memory(&mut self) -> Result<usize, Refusal> {
        let at = self.descriptor;
        if self.read::<u8>(at + TYPE_AT)? != MEMORY {
            return Err(Refusal::Type);
        }
        self.descriptor = at + 16;
        Ok(self.read::<U32>(at + 12)?.get() as usize)
    }

    /// Passes a descriptor of an array of rights: their number and their disposition as received.
    ///
    /// # Errors
    ///
    /// It is none.
    pub fn ports(&mut self) -> Result<(usize, u8), Refusal> {
        let at = self.descriptor;
        if self.read::<u8>(at + TYPE_AT)? != PORTS {
            return Err(Refusal::Type);
        }
        self.descriptor = at + 16;
        let count = self.read::<U32>(at + 12)?.get() as usize;
        Ok((count, self.read(at + DISPOSITION_AT)?))
    }

    /// Passes descriptors whose content is of no interest.
    pub const fn skip_descriptors(&mut self, bytes: usize) {
        self.descriptor = self.descriptor.saturating_add(bytes);
    }

    /// Passes inline bytes and their padding.
    ///
    /// # Errors
    ///
    /// The message ends before.
    pub fn inline(&mut self, len: usize) -> Result<&'m [u8], Refusal> {
        let rest = self.bytes.get(self.inline..).unwrap_or_default();
        let room = len
            .checked_next_multiple_of(4)
            .filter(|room| *room <= rest.len())
            .ok_or(Refusal::BadArguments)?;
        self.inline += room;
        rest.get(..len).ok_or(Refusal::BadArguments)
    }

    /// Passes a count.
    ///
    /// # Errors
    ///
    /// The message ends before.
    pub fn count(&mut self) -> Result<usize, Refusal> {
        let bytes = self.inline(4)?;
        let count = U32::read_from_bytes(bytes).map_err(|_| Refusal::BadArguments)?;
        Ok(count.get() as usize)
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.inline == self.bytes.len()
    }
}
