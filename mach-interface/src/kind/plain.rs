//! Numbers, fixed arrays, structures: bytes that are the value.

use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::Kind;
use crate::wire::{Shape, Taker, TooLong, Writer, padded};

/// A value that is its bytes: numbers, arrays of them, and structures by `#[derive(Plain)]`.
///
/// Structures are laid out as C lays them out, so they are `#[repr(C)]` and without padding.
pub trait Plain: FromBytes + IntoBytes + Immutable + Sized + 'static {
    /// What it is in terms of MIG.
    fn describe() -> Type;
}

macro_rules! numbers {
    ($($type:ident = $name:literal),+ $(,)?) => {$(
        impl Plain for $type {
            fn describe() -> Type {
                Type::Number($name.into())
            }
        }
    )+};
}

numbers! {
    i8 = "int8_t", u8 = "uint8_t", i16 = "int16_t", u16 = "uint16_t", i32 = "int32_t", u32 = "uint32_t",
    i64 = "int64_t", u64 = "uint64_t", f32 = "float", f64 = "double",
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    fn describe() -> Type {
        Type::Array(Box::new(T::describe()), N)
    }
}

impl<T: Plain> Kind for T {
    type Given<'a> = T;
    type Received = T;
    type Returned = T;
    const SHAPE: Shape = Shape::inline(padded(size_of::<T>()), padded(size_of::<T>()));

    fn describe() -> Type {
        <T as Plain>::describe()
    }

    fn give<'a>(value: T, to: &mut Writer<'a>) -> Result<(), TooLong> {
        to.inline(value.as_bytes());
        Ok(())
    }

    fn give_back(value: T, to: &mut Writer<'static>) -> Result<(), TooLong> {
        Self::give(value, to)
    }

    fn take(from: &mut Taker<'_>) -> Result<T, Refusal> {
        T::read_from_bytes(from.inline(size_of::<T>())?).map_err(|_| Refusal::BadArguments)
    }
}

/// `boolean_t`: a word, of which everything but 0 is true.
impl Kind for bool {
    type Given<'a> = bool;
    type Received = bool;
    type Returned = bool;
    const SHAPE: Shape = Shape::inline(4, 4);

    fn describe() -> Type {
        Type::Number("boolean_t".into())
    }

    fn give<'a>(value: bool, to: &mut Writer<'a>) -> Result<(), TooLong> {
        u32::give(u32::from(value), to)
    }

    fn give_back(value: bool, to: &mut Writer<'static>) -> Result<(), TooLong> {
        Self::give(value, to)
    }

    fn take(from: &mut Taker<'_>) -> Result<bool, Refusal> {
        Ok(u32::take(from)? != 0)
    }
}
