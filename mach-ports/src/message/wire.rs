//! The buffer that a message is built in, sent from and received into.
//!
//! Offsets into it come from the wire, so every access is checked and says so by an `Option`.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::cell::Cell;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::message::layout::{DESCRIPTORS_AT, HEADER_SIZE, Header};

/// Room that a new buffer has, which most messages never outgrow.
const INITIAL_BYTES: usize = 1024;
/// A buffer that has grown beyond this is not kept for later messages. One for a message of 64 KiB is.
const KEPT_BYTES: usize = 128 * 1024;

/// How many buffers are kept: a request's, which its receiver still has, and the reply's.
const SPARES: usize = 2;

thread_local! {
    /// The buffers of messages that this thread has finished with: sending and receiving in a loop does not
    /// allocate.
    static SPARE: Cell<[Vec<u64>; SPARES]> = const { Cell::new([const { Vec::new() }; SPARES]) };
}

/// A buffer that was used before; an empty one if there is none.
fn take_spare() -> Vec<u64> {
    let taken = SPARE.try_with(|spare| {
        let mut all = spare.take();
        let found = all.iter_mut().find(|words| !words.is_empty());
        let words = found.map(std::mem::take).unwrap_or_default();
        spare.set(all);
        words
    });
    taken.unwrap_or_default()
}

/// Keeps a buffer, in the place of another one if there are enough.
fn keep_spare(words: Vec<u64>) {
    // Fails when the thread is ending, and then there is no later message.
    let _ = SPARE.try_with(|spare| {
        let mut all = spare.take();
        let free = all.iter().position(Vec::is_empty).unwrap_or_default();
        if let Some(place) = all.get_mut(free) {
            *place = words;
        }
        spare.set(all);
    });
}

/// Message bytes, aligned to 8, of which the first [`len`](Self::len) are the message's.
#[derive(Debug)]
pub(crate) struct Wire {
    words: Vec<u64>,
    len: usize,
}

impl Wire {
    /// A buffer with an all-zero header.
    pub(crate) fn new() -> Self {
        let words = take_spare();
        let mut wire = Self { words, len: 0 };
        wire.reserve(INITIAL_BYTES);
        wire.set_len(HEADER_SIZE);
        wire.set_header(Header::default());
        wire
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn capacity(&self) -> usize {
        self.words.as_bytes().len()
    }

    /// Makes room for `bytes` in all.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        let words = bytes.div_ceil(size_of::<u64>());
        if words > self.words.len() {
            self.words.resize(words, 0);
        }
    }

    /// Declares how much of the room is the message's; more than there is, is cut.
    pub(crate) fn set_len(&mut self, len: usize) {
        self.len = len.min(self.capacity());
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut u64 {
        self.words.as_mut_ptr()
    }

    /// The message.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.words.as_bytes().get(..self.len).unwrap_or_default()
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        self.words.as_mut_bytes().get_mut(..len).unwrap_or_default()
    }

    /// The value at an offset, if all of it is inside the message.
    pub(crate) fn read<T: FromBytes>(&self, at: usize) -> Option<T> {
        let (value, _) = T::read_from_prefix(self.bytes().get(at..)?).ok()?;
        Some(value)
    }

    /// Overwrites the value at an offset, if all of it is inside the message.
    pub(crate) fn write<T: IntoBytes + Immutable>(&mut self, at: usize, value: &T) -> Option<()> {
        value.write_to_prefix(self.bytes_mut().get_mut(at..)?).ok()
    }

    /// The header; zero if the message is shorter than one, which only a finished one is.
    pub(crate) fn header(&self) -> Header {
        self.read(0).unwrap_or_default()
    }

    pub(crate) fn set_header(&mut self, header: Header) {
        self.write(0, &header);
    }

    /// How many descriptors the message says it has.
    pub(crate) fn descriptor_count(&self) -> u32 {
        if self.header().is_complex() {
            self.read(HEADER_SIZE).unwrap_or_default()
        } else {
            0
        }
    }

    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.insert(self.len, bytes);
    }

    /// Puts bytes in front of what stands at an offset.
    pub(crate) fn insert(&mut self, at: usize, bytes: &[u8]) {
        let old = self.len;
        let Some(new) = old.checked_add(bytes.len()) else {
            return;
        };
        self.grow(new);
        self.set_len(new);
        let all = self.bytes_mut();
        if at < old {
            all.copy_within(at..old, at.saturating_add(bytes.len()));
        }
        if let Some(place) = all.get_mut(at..at.saturating_add(bytes.len())) {
            place.copy_from_slice(bytes);
        }
    }

    /// Like [`reserve`](Self::reserve), but at least doubles, so that appending stays cheap.
    fn grow(&mut self, bytes: usize) {
        if bytes > self.capacity() {
            self.reserve(bytes.max(self.capacity().saturating_mul(2)));
        }
    }

    /// Forgets the message; what it owned has gone elsewhere.
    pub(crate) fn clear(&mut self) {
        self.set_len(0);
    }

    /// Empties the part of the buffer in which a message's rights would be looked for, so that nothing of
    /// an earlier message is taken for what a failed receive left.
    pub(crate) fn blank(&mut self) {
        self.set_len(DESCRIPTORS_AT);
        self.bytes_mut().fill(0);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.capacity() <= KEPT_BYTES {
            keep_spare(std::mem::take(&mut self.words));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inserting_moves_what_follows() {
        let mut wire = Wire::new();
        wire.append(b"tail");
        wire.insert(HEADER_SIZE, b"head");
        assert_eq!(&wire.bytes()[HEADER_SIZE..], b"headtail");
    }

    #[test]
    fn reads_and_writes_stay_inside_the_message() {
        let mut wire = Wire::new();
        assert!(wire.capacity() > wire.len());
        assert_eq!(wire.read::<u32>(HEADER_SIZE - 3), None);
        assert_eq!(wire.write(HEADER_SIZE, &1_u32), None);
        assert_eq!(wire.read::<u32>(usize::MAX), None);
        assert_eq!(wire.write(HEADER_SIZE - 4, &7_u32), Some(()));
        assert_eq!(wire.header().id, 7);
    }

    #[test]
    fn a_buffer_grows_and_a_recycled_one_starts_blank() {
        let mut wire = Wire::new();
        wire.append(&[0xff; 3000]);
        assert_eq!(wire.len(), HEADER_SIZE + 3000);
        let grown = wire.capacity();
        drop(wire);
        let wire = Wire::new();
        assert_eq!(wire.capacity(), grown);
        assert_eq!(wire.bytes(), [0; HEADER_SIZE]);
    }
}
