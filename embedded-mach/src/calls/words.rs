//! Answers of integers whose meaning a flavor says.

use std::time::Duration;

use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_types::integer_t;
use crate::kernel::Result;

/// An answer, word by word as its structure has them.
#[derive(Default)]
pub(super) struct Words(pub(super) Vec<integer_t>);

impl Words {
    pub(super) fn word(mut self, value: u32) -> Self {
        self.0.push(value.cast_signed());
        self
    }

    pub(super) fn signed(mut self, value: i32) -> Self {
        self.0.push(value);
        self
    }

    /// What can exceed a word is cut to the largest count, not to its low bits.
    pub(super) fn count(self, value: i64) -> Self {
        self.word(value.clamp(0, i64::from(i32::MAX)) as u32)
    }

    pub(super) fn long(self, value: u64) -> Self {
        self.word(value as u32).word((value >> 32) as u32)
    }

    pub(super) fn size_32(self, bytes: u64) -> Self {
        self.word(u32::try_from(bytes).unwrap_or(u32::MAX))
    }

    pub(super) fn time(self, time: Duration) -> Self {
        self.count(time.as_secs().cast_signed())
            .word(time.subsec_micros())
    }

    pub(super) fn nanoseconds(self, time: Duration) -> Self {
        self.long(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
    }

    /// Writes the answer where there is room for it, and how long it is.
    ///
    /// # Errors
    /// The code for too little room.
    ///
    /// # Safety
    /// `out` has room for as many integers as `count` says.
    pub(super) unsafe fn give(
        self,
        out: *mut integer_t,
        count: *mut mach_msg_type_number_t,
        too_small: i32,
    ) -> Result<()> {
        // SAFETY: the caller's promise.
        unsafe {
            if (count.read() as usize) < self.0.len() {
                return Err(too_small);
            }
            out.copy_from_nonoverlapping(self.0.as_ptr(), self.0.len());
            count.write(self.0.len() as mach_msg_type_number_t);
        }
        Ok(())
    }
}
