//! Arrays of rights.

use std::marker::PhantomData;

use mach_ports::{
    AnyRight, Disposition, OutgoingRight, ReceiveRight, Right, RightKind, SendOnceRight, SendRight,
};

use crate::code::Refusal;
use crate::describe::{MemoryWay, Sent, Type};
use crate::kind::memory::{Any, Either, Lend, Length, Move};
use crate::kind::port::{arrives, check_port, null, take_port};
use crate::kind::{Kind, PortKind};
use crate::wire::{Cursor, Shape, Taker, TooLong, Writer};

/// `array[N] of` rights: always `N` descriptors.
#[derive(Debug)]
pub struct Ports<K, const N: usize>(PhantomData<K>);

impl<K: PortKind, const N: usize> Kind for Ports<K, N> {
    type Given<'a> = [K::Given<'a>; N];
    type Received = [K::Received; N];
    type Returned = [K::Returned; N];
    const SHAPE: Shape = Shape::ports(N);

    fn describe() -> Type {
        Type::Ports {
            sent: Sent::of::<K>(),
            nullable: K::NULLABLE,
            count: N,
        }
    }

    fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        for right in value {
            to.descriptor(|message| message.right(K::outgoing(right)));
        }
        Ok(())
    }

    fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
        for right in value {
            to.descriptor(|message| message.right(K::returning(right)));
        }
        Ok(())
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        (0..N).try_for_each(|_| check_port::<K>(at))
    }

    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
        let mut rights = Vec::with_capacity(N);
        for _ in 0..N {
            rights.push(take_port::<K>(from)?);
        }
        rights.try_into().map_err(|_| Refusal::Type)
    }
}

/// `array[*:N] of` rights: always `N` descriptors, of which the first hold rights, and their count.
///
/// MIG does not look at what kind of rights they are, so the receiver gets any.
#[derive(Debug)]
pub struct PortsUpTo<K, const N: usize>(PhantomData<K>);

fn put_up_to<'a, K: PortKind>(
    rights: impl ExactSizeIterator<Item = OutgoingRight<'a>>,
    places: usize,
    to: &mut Writer<'a>,
) -> Result<(), TooLong> {
    let count = rights.len();
    if count > places {
        return Err(TooLong);
    }
    for right in rights.chain((count..places).map(|_| null::<K>())) {
        to.descriptor(|message| message.right(right));
    }
    to.count(count)
}

impl<K: PortKind, const N: usize> Kind for PortsUpTo<K, N> {
    type Given<'a> = Vec<K::Given<'a>>;
    type Received = Vec<Option<AnyRight>>;
    type Returned = Vec<K::Returned>;
    const SHAPE: Shape = Shape::ports(N).and(Shape::inline(4, 4));

    fn describe() -> Type {
        Type::PortsUpTo {
            sent: Sent::of::<K>(),
            nullable: K::NULLABLE,
            most: N,
        }
    }

    fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        put_up_to::<K>(value.into_iter().map(K::outgoing), N, to)
    }

    fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
        put_up_to::<K>(value.into_iter().map(K::returning), N, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        (0..N).try_for_each(|_| at.port().map(drop))
    }

    fn lengths(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        // MIG overruns its array here.
        if at.count()? > N {
            return Err(Refusal::BadArguments);
        }
        Ok(())
    }

    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
        let count = from.count()?.min(N);
        let mut rights = Vec::with_capacity(count);
        for place in 0..N {
            let index = from.descriptor();
            if place < count {
                rights.push(from.message.take_right(index));
            }
        }
        Ok(rights)
    }
}

/// `^array[] of` rights: any number of them, `L` says how many, and `W` whether the array's own memory goes with the
/// message.
#[derive(Debug)]
pub struct OolPorts<K, L = Any, W = Lend>(PhantomData<(K, L, W)>);

/// What becomes of the sender's memory of an array of rights: [`Lend`], [`Move`] or [`Either`]. The library makes that memory
/// itself, so it only shows in the message.
pub trait ArrayWay {
    /// The rights as they are given: a `Vec`, with [`Either`] as the first of a pair whose second says whether the memory goes.
    type Of<R>;
    /// What it is in a `.defs`.
    const WAY: MemoryWay;

    /// The rights, and whether the memory goes.
    fn split<R>(of: Self::Of<R>) -> (Vec<R>, bool);
}

impl ArrayWay for Lend {
    type Of<R> = Vec<R>;
    const WAY: MemoryWay = MemoryWay::Lend;

    fn split<R>(rights: Vec<R>) -> (Vec<R>, bool) {
        (rights, false)
    }
}

impl ArrayWay for Move {
    type Of<R> = Vec<R>;
    const WAY: MemoryWay = MemoryWay::Move;

    fn split<R>(rights: Vec<R>) -> (Vec<R>, bool) {
        (rights, true)
    }
}

impl ArrayWay for Either {
    type Of<R> = (Vec<R>, bool);
    const WAY: MemoryWay = MemoryWay::Either;

    fn split<R>(of: (Vec<R>, bool)) -> (Vec<R>, bool) {
        of
    }
}

fn put_array<'a, K: PortKind, L: Length>(
    rights: Vec<OutgoingRight<'a>>,
    gives: bool,
    to: &mut Writer<'a>,
) -> Result<(), TooLong> {
    let count = rights.len();
    if count > L::MOST || L::FIXED && count != L::MOST {
        return Err(TooLong);
    }
    // Of a polymorphic array, the first right says what all are.
    let disposition = K::SENT
        .or(rights.first().map(OutgoingRight::disposition))
        .unwrap_or(Disposition::CopySend);
    to.rights(disposition, rights, gives)?;
    if L::FIXED { Ok(()) } else { to.count(count) }
}

impl<K: PortKind, L: Length, W: ArrayWay> Kind for OolPorts<K, L, W> {
    type Given<'a> = W::Of<K::Given<'a>>;
    type Received = Vec<K::Received>;
    type Returned = W::Of<K::Returned>;
    const SHAPE: Shape = Shape::region(if L::FIXED { 0 } else { 4 });

    fn describe() -> Type {
        Type::OolPorts {
            sent: Sent::of::<K>(),
            nullable: K::NULLABLE,
            most: (L::MOST != Any::MOST).then_some(L::MOST),
            fixed: L::FIXED,
            way: W::WAY,
        }
    }

    fn give<'a>(value: Self::Given<'a>, to: &mut Writer<'a>) -> Result<(), TooLong> {
        let (rights, gives) = W::split(value);
        put_array::<K, L>(rights.into_iter().map(K::outgoing).collect(), gives, to)
    }

    fn give_back(value: Self::Returned, to: &mut Writer<'static>) -> Result<(), TooLong> {
        let (rights, gives) = W::split(value);
        put_array::<K, L>(rights.into_iter().map(K::returning).collect(), gives, to)
    }

    fn descriptors(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        let (count, disposition) = at.ports()?;
        if !arrives::<K>(disposition) || L::FIXED && count != L::MOST {
            return Err(Refusal::Type);
        }
        Ok(())
    }

    fn counts(at: &mut Cursor<'_>) -> Result<(), Refusal> {
        let (there, _) = at.ports()?;
        if L::FIXED {
            return Ok(());
        }
        let count = at.count()?;
        if count > L::MOST || count != there {
            return Err(Refusal::Type);
        }
        Ok(())
    }

    fn take(from: &mut Taker<'_>) -> Result<Self::Received, Refusal> {
        let index = from.descriptor();
        if !L::FIXED {
            from.count()?;
        }
        take_array(from, index)
            .into_iter()
            .map(|right| K::received(right).ok_or(Refusal::Type))
            .collect()
    }
}

/// The rights of an array, of whatever kind they are.
fn take_array(from: &mut Taker<'_>, index: usize) -> Vec<Option<AnyRight>> {
    fn any<R: Right + Into<AnyRight>>(from: &mut Taker<'_>, index: usize) -> Vec<Option<AnyRight>> {
        let rights = from.message.take_rights::<R>(index).unwrap_or_default();
        rights
            .into_iter()
            .map(|right| right.map(Into::into))
            .collect()
    }
    match from.message.descriptor(index) {
        Some(mach_ports::Descriptor::OutOfLinePorts { kind, .. }) => match kind {
            RightKind::Send => any::<SendRight>(from, index),
            RightKind::SendOnce => any::<SendOnceRight>(from, index),
            RightKind::Receive => any::<ReceiveRight>(from, index),
        },
        _ => Vec::new(),
    }
}
