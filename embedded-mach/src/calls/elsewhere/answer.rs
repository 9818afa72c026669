//! Replies, checked and taken apart as MIG's client stubs do it. What is refused is destroyed.

use core::ops::RangeInclusive;

use zerocopy::FromBytes;

use super::Result;
use super::request::Request;
use crate::calls::message::mach_msg_destroy;
use crate::headers::kern_return::KERN_SUCCESS;
use crate::headers::message::{
    MACH_MSG_OOL_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, mach_msg_type_name_t,
};
use crate::headers::mig::{MIG_REPLY_MISMATCH, MIG_SERVER_DIED, MIG_TYPE_ERROR};
use crate::headers::notify::MACH_NOTIFY_SEND_ONCE;
use crate::headers::port::{MACH_PORT_NULL, mach_port_name_t};
use crate::wire::layout::{COUNT, HEADER, Header, PortDescriptor, RegionDescriptor};

const NDR: usize = 8;
/// Where a simple reply's code is, and its words begin.
const CODE_AT: usize = HEADER + NDR;
const WORDS_AT: usize = CODE_AT + 4;

/// A right that came, under its name here, and with the disposition that it arrived with.
pub(in crate::calls) type Arrived = (mach_port_name_t, mach_msg_type_name_t);

/// An array out of line, which the caller of the C function frees.
#[derive(Clone, Copy, Debug)]
pub(in crate::calls) struct Array {
    pub(in crate::calls) address: usize,
    /// How many elements it has.
    pub(in crate::calls) count: u32,
}

impl Request {
    /// Success, and nothing more.
    pub(in crate::calls) fn done(self) -> Result<()> {
        self.words::<0>().map(drop)
    }

    /// One word.
    pub(in crate::calls) fn word(self) -> Result<u32> {
        self.words().map(|[word]| word)
    }

    /// A number of 64 bits.
    pub(in crate::calls) fn long(self) -> Result<u64> {
        let [low, high] = self.words()?;
        Ok(u64::from(low) | u64::from(high) << 32)
    }

    /// So many words.
    pub(in crate::calls) fn words<const N: usize>(self) -> Result<[u32; N]> {
        self.ask(|reply| simple(reply, N..=N)?.try_into().ok())
    }

    /// So many words, of which the last counts the elements of so many bytes of an array of words that follows.
    pub(in crate::calls) fn words_and_array<const N: usize>(
        self,
        element: usize,
    ) -> Result<([u32; N], Vec<u32>)> {
        self.ask(|reply| {
            let mut words = simple(reply, N..=usize::MAX)?;
            let array = words.split_off(N);
            let bytes = (*words.last()? as usize).checked_mul(element)?;
            (bytes.div_ceil(4) == array.len()).then_some((words.try_into().ok()?, array))
        })
    }

    /// A right.
    pub(in crate::calls) fn takes_right(self) -> Result<Arrived> {
        self.ask(|reply| {
            let [descriptor]: [PortDescriptor; 1] = complex(reply, 0)?.0;
            let is_right = u32::from(descriptor.kind) == MACH_MSG_PORT_DESCRIPTOR;
            is_right.then_some((descriptor.name, descriptor.disposition.into()))
        })
    }

    /// So many words, then arrays of elements of so many bytes each.
    pub(in crate::calls) fn takes_arrays<const N: usize, const A: usize>(
        self,
        element: usize,
    ) -> Result<([u32; N], [Array; A])> {
        self.ask(|reply| {
            let (descriptors, words) = complex::<RegionDescriptor, A>(reply, N + A)?;
            let (words, counts) = words.split_at_checked(N)?;
            let mut arrays = Vec::with_capacity(A);
            for (descriptor, &count) in descriptors.iter().zip(counts) {
                let fits = (descriptor.size as usize).checked_div(element) == Some(count as usize);
                if u32::from(descriptor.kind) != MACH_MSG_OOL_DESCRIPTOR || !fits {
                    return None;
                }
                arrays.push(Array {
                    address: descriptor.address(),
                    count,
                });
            }
            Some((words.try_into().ok()?, arrays.try_into().ok()?))
        })
    }

    /// Has the reply taken apart by who knows what it should be, once it is known to be one.
    fn ask<T>(self, take: impl FnOnce(&[u8]) -> Option<T>) -> Result<T> {
        let id = self.id();
        let mut message = self.exchange()?;
        let taken = check(id, message.bytes()).and_then(|reply| take(reply).ok_or(MIG_TYPE_ERROR));
        if taken.is_err() {
            // SAFETY: the kernel wrote a whole message here, and nothing has been taken from it.
            unsafe { mach_msg_destroy(message.header()) };
        }
        taken
    }
}

/// The reply's own bytes, if it is the one to a request with this id and says no error.
fn check(id: i32, message: &[u8]) -> Result<&[u8]> {
    let (header, _) = Header::read_from_prefix(message).map_err(|_| MIG_TYPE_ERROR)?;
    match header.id {
        reply if reply == id.wrapping_add(100) => {}
        MACH_NOTIFY_SEND_ONCE => return Err(MIG_SERVER_DIED),
        _ => return Err(MIG_REPLY_MISMATCH),
    }
    let reply = message.get(..header.size as usize).unwrap_or_default();
    if header.remote != MACH_PORT_NULL {
        return Err(MIG_TYPE_ERROR);
    }
    let code = reply
        .get(CODE_AT..WORDS_AT)
        .and_then(|code| i32::read_from_bytes(code).ok());
    match code {
        Some(code) if !header.is_complex() && code != KERN_SUCCESS => Err(code),
        _ => Ok(reply),
    }
}

fn words(bytes: &[u8]) -> Option<Vec<u32>> {
    let (words, []) = bytes.as_chunks::<4>() else {
        return None;
    };
    Some(words.iter().map(|word| u32::from_ne_bytes(*word)).collect())
}

/// The words of a reply that carries nothing.
fn simple(reply: &[u8], expected: RangeInclusive<usize>) -> Option<Vec<u32>> {
    let (header, _) = Header::read_from_prefix(reply).ok()?;
    let words = words(reply.get(WORDS_AT..)?)?;
    (!header.is_complex() && expected.contains(&words.len())).then_some(words)
}

/// What a reply carries, and its words.
fn complex<T: FromBytes, const N: usize>(
    reply: &[u8],
    expected: usize,
) -> Option<([T; N], Vec<u32>)> {
    let (header, rest) = Header::read_from_prefix(reply).ok()?;
    let (count, rest) = u32::read_from_prefix(rest).ok()?;
    if !header.is_complex() || count as usize != N {
        return None;
    }
    let (descriptors, rest) = rest.split_at_checked(N * size_of::<T>())?;
    let descriptors: Vec<T> = descriptors
        .chunks_exact(size_of::<T>())
        .filter_map(|bytes| T::read_from_bytes(bytes).ok())
        .collect();
    let inline = if expected == 0 { 0 } else { NDR };
    let words = words(rest.get(inline..)?)?;
    (words.len() == expected).then_some((descriptors.try_into().ok()?, words))
}

const _: () = assert!(COUNT == size_of::<u32>());
