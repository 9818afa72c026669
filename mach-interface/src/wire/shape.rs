//! How much room arguments take.

use crate::wire::{CODE_REPLY, DESCRIPTORS_AT, HEADER, NDR};

/// The room that an argument, or a list of arguments, takes in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shape {
    /// How many descriptors.
    pub descriptors: usize,
    /// Their bytes.
    pub descriptor_bytes: usize,
    /// The fewest inline bytes.
    pub least: usize,
    /// The most inline bytes.
    pub most: usize,
    /// Whether the message needs an NDR record for it: all but a fixed number of rights do.
    pub ndr: bool,
}

impl Shape {
    /// No arguments.
    pub const NONE: Self = Self {
        descriptors: 0,
        descriptor_bytes: 0,
        least: 0,
        most: 0,
        ndr: false,
    };

    /// Inline bytes, between `least` and `most`.
    #[must_use]
    pub const fn inline(least: usize, most: usize) -> Self {
        Self {
            least,
            most,
            ndr: true,
            ..Self::NONE
        }
    }

    /// `count` port descriptors.
    #[must_use]
    pub const fn ports(count: usize) -> Self {
        Self {
            descriptors: count,
            descriptor_bytes: 12 * count,
            ..Self::NONE
        }
    }

    /// One descriptor of memory or of a port array, and `inline` bytes.
    #[must_use]
    pub const fn region(inline: usize) -> Self {
        Self {
            descriptors: 1,
            descriptor_bytes: 16,
            ..Self::inline(inline, inline)
        }
    }

    /// Both of them.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            descriptors: self.descriptors + other.descriptors,
            descriptor_bytes: self.descriptor_bytes + other.descriptor_bytes,
            least: self.least + other.least,
            most: self.most + other.most,
            ndr: self.ndr || other.ndr,
        }
    }

    /// Where in a request of this shape the inline arguments begin; a complex reply is the same.
    #[must_use]
    pub const fn request_inline_at(self) -> usize {
        let head = if self.descriptors > 0 {
            DESCRIPTORS_AT + self.descriptor_bytes
        } else {
            HEADER
        };
        if self.ndr { head + NDR.len() } else { head }
    }

    /// Where in a reply of this shape the inline arguments begin.
    #[must_use]
    pub const fn reply_inline_at(self) -> usize {
        if self.descriptors > 0 {
            self.request_inline_at()
        } else {
            CODE_REPLY
        }
    }

    /// The largest reply, or error in its place.
    #[must_use]
    pub const fn largest_reply(self) -> usize {
        let size = self.reply_inline_at() + self.most;
        if size > CODE_REPLY { size } else { CODE_REPLY }
    }
}
