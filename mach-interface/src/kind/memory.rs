//! Out-of-line memory.

use std::marker::PhantomData;

use mach_ports::{Error, OolMemory, OutOfLine};
use zerocopy::IntoBytes;

use crate::code::Refusal;
use crate::describe::{MemoryWay, Type};
use crate::kind::{Kind, OolArray, Plain};
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// How many elements there may be out of line: [`Any`], [`UpTo`], [`Exactly`].
pub trait Length: sealed::Sealed {
    /// The most.
    const MOST: usize;
    /// Whether it is always as many; then no count stands in the message.
    const FIXED: bool;
}

/// Any number of elements: `array[]`.
#[derive(Debug)]
pub struct Any;

/// At most `N` elements: `array[*:N]`.
#[derive(Debug)]
pub struct UpTo<const N: usize>;

/// Always `N` elements: `array[N]`.
#[derive(Debug)]
pub struct Exactly<const N: usize>;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Any {}
    impl<const N: usize> Sealed for super::UpTo<N> {}
    impl<const N: usize> Sealed for super::Exactly<N> {}
    impl Sealed for super::Lend {}
    impl Sealed for super::Move {}
    impl Sealed for super::Either {}
    impl Sealed for super::Physical {}
}

impl Length for Any {
    const MOST: usize = u32::MAX as usize;
    const FIXED: bool = false;
}

impl<const N: usize> Length for UpTo<N> {
    const MOST: usize = N;
    const FIXED: bool = false;
}

impl<const N: usize> Length for Exactly<N> {
    const MOST: usize = N;
    const FIXED: bool = true;
}

/// What becomes of the sender's memory: [`Lend`], [`Move`], [`Either`], [`Physical`].
pub trait Way: sealed::Sealed {
    /// What is given to a call.
    type Given<'a, T: Plain>: Into<Source<'a, T>>;
    /// What a routine returns.
    type Returned<T: Plain>: Into<Source<'static, T>>;
    /// What it is in a `.defs`.
    const WAY: MemoryWay;
}

/// The sender keeps its memory.
#[derive(Debug)]
pub struct Lend;

/// The memory goes to the receiver: `dealloc`.
#[derive(Debug)]
pub struct Move;

/// The sender says so for each message: `dealloc[]`.
#[derive(Debug)]
pub struct Either;

/// The sender keeps its memory, and it is copied while it sends: `physicalcopy`.
#[derive(Debug)]
pub struct Physical;

/// Elements to be sent out of line.
#[derive(Debug)]
// Exhaustive: memory is lent or moved.
pub enum Source<'a, T: Plain> {
    /// They stay the sender's.
    Lent(&'a [T]),
    /// They stay the sender's, and are freed once they have been sent.
    Kept(OolArray<T>),
    /// They go to the receiver.
    Moved(OolArray<T>),
}

impl<'a, T: Plain> From<&'a [T]> for Source<'a, T> {
    fn from(elements: &'a [T]) -> Self {
        Self::Lent(elements)
    }
}

/// Kept.
impl<T: Plain> From<OolArray<T>> for Source<'_, T> {
    fn from(elements: OolArray<T>) -> Self {
        Self::Kept(elements)
    }
}

impl Way for Lend {
    type Given<'a, T: Plain> = &'a [T];
    type Returned<T: Plain> = OolArray<T>;
    const WAY: MemoryWay = MemoryWay::Lend;
}

impl Way for Physical {
    type Given<'a, T: Plain> = &'a [T];
    type Returned<T: Plain> = OolArray<T>;
    const WAY: MemoryWay = MemoryWay::Physical;
}

impl Way for Move {
    type Given<'a, T: Plain> = OolArray<T>;
    type Returned<T: Plain> = OolArray<T>;
    const WAY: MemoryWay = MemoryWay::Move;
}

impl Way for Either {
    type Given<'a, T: Plain> = Source<'a, T>;
    type Returned<T: Plain> = Source<'static, T>;
    const WAY: MemoryWay = MemoryWay::Either;
}

impl<'a, T: Plain> Source<'a, T> {
    fn len(&self) -> usize {
        match self {
            Self::Lent(elements) => elements.len(),
            Self::Kept(elements) | Self::Moved(elements) => elements.len(),
        }
    }

    fn out_of_line(self, moves: bool) -> Result<OutOfLine<'a>, Error> {
        match self {
            Self::Lent(elements) => Ok(OutOfLine::Lent(elements.as_bytes())),
            Self::Kept(elements) if !moves => elements.into_kept(),
            Self::Kept(elements) | Self::Moved(elements) => elements.into_moved(),
        }
    }
}

/// `^array[] of T`: elements in memory of their own, `L` of them, sent in way `W`.
///
/// ```
/// use mach_interface::kind::{Any, Either, Exactly, Move, Ool, UpTo};
///
/// type Samples = Ool<f32>; // ^array[] of float
/// type Names = Ool<u32, Any, Move>; // ^array[] of uint32_t, dealloc
/// type Tile = Ool<u8, Exactly<4096>>; // ^array[4096] of uint8_t
/// type Few = Ool<u64, UpTo<16>, Either>; // ^array[*:16] of uint64_t, dealloc[]
/// ```
#[derive(Debug)]
pub struct Ool<T, L = Any, W = Lend>(PhantomData<(T, L, W)>);

fn put<'a, T: Plain, L: Length>(
    source: Source<'a, T>,
    way: MemoryWay,
    to: &mut Writer<'a>,
) -> Result<(), TooLong> {
    let count = source.len();
    if count > L::MOST || L::FIXED && count != L::MOST {
        return Err(TooLong);
    }
    let memory = source
        .out_of_line(way == MemoryWay::Move)
        .map_err(|_| TooLong)?;
    to.descriptor(|message| match way {
        MemoryWay::Physical => message.out_of_line_copy(memory),
        _ => message.out_of_line(memory),
    });
    if L::FIXED { Ok(()) } else { to.count(count) }
}

impl<T: Plain, L: Length, W: Way> Kind for Ool<T, L, W> {
    type Given<'a> = W::Given<'a, T>;
    type Received = OolArray<T>;
    type Returned = W::Returned<T>;
    const SHAPE: Shape = Shape::region(if L::FIXED { 0 } else { 4 });

    fn describe() -> Type {
        let length = (L::MOST != Any::MOST).then_some(L::MOST);
        Type::Memory {
            of: Box::new(T::describe()),
            most: length,
            fixed: L::FIXED,
            way: W::WAY,
        }
    }

    fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        put::<T, L>(value.into(), W::WAY, to)
    }

    fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put::<T, L>(value.into(), W::WAY, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        let size = at.memory()?;
        if L::FIXED && size != L::MOST * size_of::<T>() {
            return Err(Refusal::Type);
        }
        Ok(())
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        let size = at.memory()?;
        if L::FIXED {
            return Ok(());
        }
        let count = at.count()?;
        // Rounded down, as MIG divides.
        if count > L::MOST || count != size / size_of::<T>() {
            return Err(Refusal::Type);
        }
        Ok(())
    }

    fn take(from: &mut Taker<'_>) -> Result<OolArray<T>, Refusal> {
        let index = from.descriptor();
        let count = if L::FIXED { L::MOST } else { from.count()? };
        let memory = from.message.take_memory(index).ok_or(Refusal::Type)?;
        Ok(OolArray::received(memory, count))
    }
}

/// `^array[] of uint8_t, dealloc`: memory that is moved.
impl Kind for OolMemory {
    type Given<'a> = OolMemory;
    type Received = OolMemory;
    type Returned = OolMemory;
    const SHAPE: Shape = Shape::region(4);

    fn describe() -> Type {
        Ool::<u8, Any, Move>::describe()
    }

    fn give<'a>(value: OolMemory, to: &mut Writer<'a>) -> Result<(), TooLong> {
        let count = value.len();
        to.descriptor(|message| message.out_of_line(value));
        to.count(count)
    }

    fn give_back(value: OolMemory, to: &mut Writer<'static>) -> Result<(), TooLong> {
        Self::give(value, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        at.memory().map(drop)
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        Ool::<u8>::counts(at)
    }

    fn take(from: &mut Taker<'_>) -> Result<OolMemory, Refusal> {
        let index = from.descriptor();
        from.count()?;
        from.message.take_memory(index).ok_or(Refusal::Type)
    }
}
