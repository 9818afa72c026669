//! Where a packet's payload is read from.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use zerocopy::FromBytes;

use super::spare;
use crate::sys::bytes::{Bytes, Filed, read_at};

/// How much of a file is read at once, to find records in it.
const WINDOW: usize = 4096;

/// A payload that is taken apart: in the packet itself, or in sealed memory, of which only records are read.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Packet(&'a [u8]),
    File(File),
}

#[derive(Debug)]
pub(crate) struct File {
    file: Arc<OwnedFd>,
    at: u64,
    left: usize,
    /// What has been read from `at` on.
    window: Vec<u8>,
}

impl<'a> Source<'a> {
    /// The first `len` bytes of sealed memory.
    pub(crate) fn file(file: OwnedFd, len: usize) -> Self {
        Self::File(File {
            file: Arc::new(file),
            at: 0,
            left: len,
            window: Vec::new(),
        })
    }

    /// How many bytes follow.
    pub(crate) fn left(&self) -> usize {
        match self {
            Self::Packet(rest) => rest.len(),
            Self::File(file) => file.left,
        }
    }

    /// The record that follows.
    pub(crate) fn record<T: FromBytes>(&mut self) -> Option<T> {
        match self {
            Self::Packet(rest) => {
                let (record, behind) = T::read_from_prefix(rest).ok()?;
                *rest = behind;
                Some(record)
            }
            Self::File(file) => file.record(),
        }
    }

    /// Bytes that follow. Those of a file stay in it.
    pub(crate) fn bytes(&mut self, len: usize) -> Option<Bytes> {
        match self {
            Self::Packet(rest) => {
                let (bytes, behind) = rest.split_at_checked(len)?;
                *rest = behind;
                Some(spare::copy(bytes).into())
            }
            Self::File(file) => file.bytes(len),
        }
    }
}

impl File {
    fn record<T: FromBytes>(&mut self) -> Option<T> {
        let size = size_of::<T>();
        if size > self.left {
            return None;
        }
        if self.window.len() < size {
            self.window.resize(self.left.min(WINDOW), 0);
            read_at(&self.file, self.at, &mut self.window).ok()?;
        }
        let (record, _) = T::read_from_prefix(&self.window).ok()?;
        self.skip(size);
        Some(record)
    }

    fn bytes(&mut self, len: usize) -> Option<Bytes> {
        if len > self.left {
            return None;
        }
        let (file, offset) = (Arc::clone(&self.file), self.at);
        self.skip(len);
        Some(Bytes::Filed(Box::new(Filed { file, offset, len })))
    }

    /// No more than are left.
    fn skip(&mut self, len: usize) {
        self.window.drain(..len.min(self.window.len()));
        self.at = self.at.saturating_add(len as u64);
        self.left = self.left.saturating_sub(len);
    }
}

impl<'a, B: AsRef<[u8]> + ?Sized> From<&'a B> for Source<'a> {
    fn from(bytes: &'a B) -> Self {
        Self::Packet(bytes.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::memory;

    #[test]
    fn a_file_is_read_as_a_packet_is() {
        let all: Vec<u8> = (0..10_000).map(|n| (n % 251) as u8).collect();
        let file = memory::sealed(&all).unwrap();
        for mut source in [Source::from(&all), Source::file(file, all.len())] {
            let mut again = Vec::new();
            while source.left() > 0 {
                again.extend(source.record::<[u8; 8]>().unwrap());
                if again.len() % 3 == 0 {
                    let len = source.left().min(again.len() / 8 * 8);
                    again.extend(source.bytes(len).unwrap().read().unwrap());
                }
            }
            assert_eq!(again, all);
            assert!(source.record::<u8>().is_none() && source.bytes(1).is_none());
        }
    }

    #[test]
    fn bytes_of_a_file_are_not_read() {
        let file = memory::shareable(4096).unwrap();
        // More than there is: who reads them is told.
        let mut source = Source::file(file, 1 << 40);
        let bytes = source.bytes(1 << 39).unwrap();
        assert_eq!((bytes.len(), source.left()), (1 << 39, 1 << 39));
        assert!(source.record::<u64>().is_none());
        assert!(bytes.read().is_err());
    }
}
