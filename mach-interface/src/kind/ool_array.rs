//! Elements in memory of their own.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use mach_ports::{Error, OolMemory, OutOfLine};
use zerocopy::{FromBytes, IntoBytes};

use crate::kind::Plain;

/// An array in out-of-line memory, as it came with a message or is to go with one.
pub struct OolArray<T> {
    /// At least as many bytes as the elements need, aligned for them.
    memory: Memory,
    len: usize,
    elements: PhantomData<T>,
}

enum Memory {
    Pages(OolMemory),
    Bytes(Vec<u64>, usize),
}

impl Memory {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Pages(memory) => memory,
            Self::Bytes(words, len) => words.as_bytes().get(..*len).unwrap_or_default(),
        }
    }
}

impl<T: Plain> OolArray<T> {
    /// An array of these elements.
    ///
    /// # Errors
    ///
    /// The kernel has no room.
    pub fn copy_of(elements: &[T]) -> Result<Self, Error> {
        Ok(Self {
            memory: Memory::Pages(OolMemory::copy_of(elements.as_bytes())?),
            len: elements.len(),
            elements: PhantomData,
        })
    }

    /// The first `len` elements of what a message brought; fewer, if the memory is shorter.
    pub(crate) fn received(memory: OolMemory, len: usize) -> Self {
        let len = len.min(memory.len().checked_div(size_of::<T>()).unwrap_or(len));
        let bytes = len * size_of::<T>();
        // Memory may arrive at the place in a page that it had with the sender.
        let aligned = memory.as_ptr().addr().is_multiple_of(align_of::<T>());
        let memory = if aligned {
            Memory::Pages(memory)
        } else {
            let mut words = vec![0_u64; bytes.div_ceil(size_of::<u64>())];
            for (place, byte) in words.as_mut_bytes().iter_mut().zip(memory.iter()) {
                *place = *byte;
            }
            Memory::Bytes(words, bytes)
        };
        Self {
            memory,
            len,
            elements: PhantomData,
        }
    }

    /// The memory, to be given away.
    pub(crate) fn into_moved(self) -> Result<OutOfLine<'static>, Error> {
        Ok(OutOfLine::Moved(match self.memory {
            Memory::Pages(memory) if memory.len() == self.len * size_of::<T>() => memory,
            memory => OolMemory::copy_of(
                memory
                    .bytes()
                    .get(..self.len * size_of::<T>())
                    .unwrap_or_default(),
            )?,
        }))
    }

    /// The memory, to be lent and then freed.
    pub(crate) fn into_kept(self) -> Result<OutOfLine<'static>, Error> {
        Ok(match self.into_moved()? {
            OutOfLine::Moved(memory) => OutOfLine::Kept(memory),
            other => other,
        })
    }
}

impl<T: Plain> Deref for OolArray<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let bytes = self.memory.bytes().get(..self.len * size_of::<T>());
        bytes
            .and_then(|bytes| <[T]>::ref_from_bytes_with_elems(bytes, self.len).ok())
            .unwrap_or_default()
    }
}

impl<T: Plain + fmt::Debug> fmt::Debug for OolArray<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: Plain> TryFrom<Vec<T>> for OolArray<T> {
    type Error = Error;

    fn try_from(elements: Vec<T>) -> Result<Self, Error> {
        Self::copy_of(&elements)
    }
}
