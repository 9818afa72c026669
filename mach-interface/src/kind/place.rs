//! Where the bytes of a value are.

use std::ops::Deref;

use mach_ports::OolMemory;

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::array::put;
use crate::kind::{Array, Kind};
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// Where the bytes of a [`Value`](crate::Value) are: [`OutOfLine`] or [`Inline`].
pub trait Place: sealed::Sealed {
    /// The bytes as an argument.
    type Bytes: for<'a> Kind<Given<'a> = Self::Owned, Received = Self::Owned, Returned = Self::Owned>;
    /// What holds them on their way.
    type Owned: Deref<Target = [u8]>;
    /// How many there may be inline.
    const INLINE: Option<usize>;

    /// Bytes ready to be sent.
    ///
    /// # Errors
    ///
    /// There is no memory for them.
    fn owned(bytes: Vec<u8>) -> Result<Self::Owned, TooLong>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::OutOfLine {}
    impl<const N: usize> Sealed for super::Inline<N> {}
}

/// In memory of their own, however many they are.
#[derive(Debug)]
pub struct OutOfLine;

/// In the message itself, at most `N` of them: for small values, which then cost no more than numbers. A longer one is not
/// sent ([`CallError::TooLong`](crate::CallError::TooLong)).
#[derive(Debug)]
pub struct Inline<const N: usize>;

/// The bytes of a value that is [`Inline`]: as an `Array<u8, N>` is.
#[derive(Debug)]
pub struct InlineBytes<const N: usize>;

impl Place for OutOfLine {
    type Bytes = OolMemory;
    type Owned = OolMemory;
    const INLINE: Option<usize> = None;

    fn owned(bytes: Vec<u8>) -> Result<OolMemory, TooLong> {
        OolMemory::copy_of(&bytes).map_err(|_| TooLong)
    }
}

impl<const N: usize> Place for Inline<N> {
    type Bytes = InlineBytes<N>;
    type Owned = Vec<u8>;
    const INLINE: Option<usize> = Some(N);

    fn owned(bytes: Vec<u8>) -> Result<Vec<u8>, TooLong> {
        Ok(bytes)
    }
}

impl<const N: usize> Kind for InlineBytes<N> {
    type Given<'a> = Vec<u8>;
    type Received = Vec<u8>;
    type Returned = Vec<u8>;
    const SHAPE: Shape = <Array<u8, N> as Kind>::SHAPE;

    fn describe() -> Type {
        Array::<u8, N>::describe()
    }

    fn give<'a>(value: Vec<u8>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        put(&value, N, to)
    }

    fn give_back(value: Vec<u8>, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put(&value, N, to)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Array::<u8, N>::lengths(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<Vec<u8>, Refusal> {
        Array::<u8, N>::take(from)
    }
}
