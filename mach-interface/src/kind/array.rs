//! Inline arrays of variable length.

use std::marker::PhantomData;

use zerocopy::IntoBytes;

use crate::code::Refusal;
use crate::describe::Type;
use crate::kind::{Kind, Plain};
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer, padded};

/// `array[*:N] of T`: at most `N` elements, inline behind their count.
#[derive(Debug)]
pub struct Array<T, const N: usize>(PhantomData<T>);

impl<T: Plain, const N: usize> Kind for Array<T, N> {
    type Given<'a> = &'a [T];
    type Received = Vec<T>;
    type Returned = Vec<T>;
    const SHAPE: Shape = Shape::inline(4, 4 + padded(N * size_of::<T>()));

    fn describe() -> Type {
        Type::ArrayUpTo(Box::new(T::describe()), N)
    }

    fn give<'a>(value: &'a [T], to: &mut Writer<'a>) -> Result<(), TooLong> {
        put(value, N, to)
    }

    fn give_back(value: Vec<T>, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put(&value, N, to)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        let count = at.count()?;
        if count > N {
            return Err(Refusal::BadArguments);
        }
        at.inline(count * size_of::<T>()).map(drop)
    }

    fn take(from: &mut Taker<'_>) -> Result<Vec<T>, Refusal> {
        let count = from.count()?.min(N);
        elements(from.inline(count * size_of::<T>())?, count)
    }
}

pub(super) fn put<T: Plain>(
    elements: &[T],
    most: usize,
    to: &mut Writer<'_>,
) -> Result<(), TooLong> {
    if elements.len() > most {
        return Err(TooLong);
    }
    to.count(elements.len())?;
    to.inline(elements.as_bytes());
    Ok(())
}

/// Elements from their bytes, which may begin anywhere.
fn elements<T: Plain>(bytes: &[u8], count: usize) -> Result<Vec<T>, Refusal> {
    let mut elements = Vec::with_capacity(count);
    for index in 0..count {
        let at = index * size_of::<T>();
        let element = bytes
            .get(at..)
            .and_then(|rest| T::read_from_prefix(rest).ok());
        elements.push(element.ok_or(Refusal::BadArguments)?.0);
    }
    Ok(elements)
}

/// How many elements of a [`Counted`] result the caller has room for: the part of a `CountInOut` argument that stands
/// in the request. The server gets at most `N`.
#[derive(Debug)]
pub struct Room<const N: usize>;

impl<const N: usize> Kind for Room<N> {
    type Given<'a> = usize;
    type Received = usize;
    type Returned = usize;
    const SHAPE: Shape = Shape::inline(4, 4);

    fn describe() -> Type {
        Type::Room(N)
    }

    fn give<'a>(room: usize, to: &mut Writer<'a>) -> Result<(), TooLong> {
        let room = room.min(N);
        to.rooms.push(u32::try_from(room).map_err(|_| TooLong)?);
        to.count(room)
    }

    fn give_back(room: usize, to: &mut Writer<'static>) -> Result<(), TooLong> {
        to.count(room.min(N))
    }

    fn take(from: &mut Taker<'_>) -> Result<usize, Refusal> {
        Ok(from.count()?.min(N))
    }
}

/// `array[*:N] of T, CountInOut`, the result: more elements than the caller has [`Room`] for are
/// `MIG_ARRAY_TOO_LARGE` to the caller.
#[derive(Debug)]
pub struct Counted<T, const N: usize>(PhantomData<T>);

impl<T: Plain, const N: usize> Kind for Counted<T, N> {
    type Given<'a> = &'a [T];
    type Received = Vec<T>;
    type Returned = Vec<T>;
    const SHAPE: Shape = Array::<T, N>::SHAPE;

    fn describe() -> Type {
        Type::Counted(Box::new(T::describe()), N)
    }

    fn give<'a>(value: &'a [T], to: &mut Writer<'a>) -> Result<(), TooLong> {
        put(value, N, to)
    }

    fn give_back(value: Vec<T>, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put(&value, N, to)
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Array::<T, N>::lengths(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<Vec<T>, Refusal> {
        let elements = Array::<T, N>::take(from)?;
        if from
            .room()
            .is_some_and(|room| elements.len() > room as usize)
        {
            from.too_large(elements.len());
        }
        Ok(elements)
    }
}
