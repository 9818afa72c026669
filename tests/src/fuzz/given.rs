//! Messages as an input says, with names that are there and some that are not.

use arbitrary::{Arbitrary, Result, Unstructured};
use mach_ports::ffi::message::{
    MACH_MSG_OOL_PORTS_DESCRIPTOR, MACH_MSG_PORT_DESCRIPTOR, MACH_MSG_TYPE_COPY_SEND,
    MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSGH_BITS_COMPLEX,
};
use mach_ports::ffi::port::{MACH_PORT_DEAD, MACH_PORT_NULL, mach_port_name_t};
use rendezvous_protocol::wire::{REPLY, REQUEST, REQUEST_WITH_DATA};

use crate::letter::{Letter, Region};
use crate::raw::{destroy, made};

/// Memory that messages carry.
static BYTES: [u8; 40_000] = [7; 40_000];
/// The most descriptors of a message.
const MOST: usize = 300;

/// Names of each kind, given up when it is dropped.
pub(super) struct Names([mach_port_name_t; 6]);

impl Names {
    pub(super) fn new() -> Self {
        let port = made::port_with_send();
        let once = made::send_once(port);
        let names = [
            port,
            once,
            made::port(),
            made::port_with_send(),
            made::dead_name(),
            made::set(),
        ];
        Self(names)
    }

    /// A name that can be sent with a disposition, where there is such a one; 0 stays.
    fn sent_as(&self, name: mach_port_name_t, disposition: u32) -> mach_port_name_t {
        match (name, disposition) {
            (MACH_PORT_NULL, _) => MACH_PORT_NULL,
            (_, MACH_MSG_TYPE_MOVE_SEND_ONCE) => self.0[1],
            _ => self.0[3],
        }
    }

    fn one(&self, input: &mut Unstructured<'_>) -> Result<mach_port_name_t> {
        match usize::from(input.int_in_range(0..=8u8)?) {
            6 => Ok(MACH_PORT_NULL),
            7 => Ok(MACH_PORT_DEAD),
            8 => Ok(made::absent()),
            index => Ok(self.0[index]),
        }
    }
}

impl Drop for Names {
    fn drop(&mut self) {
        for name in self.0 {
            // It may have gone with a message.
            let _ = destroy(name);
        }
    }
}

/// A disposition, which mostly exists.
fn disposition(input: &mut Unstructured<'_>) -> Result<u32> {
    match input.int_in_range(0..=9u8)? {
        valid @ 0..=8 => Ok(u32::from(valid) + 15),
        _ => Ok(u32::from(u8::arbitrary(input)? & 0x1f)),
    }
}

/// A message, and the arrays of names that it refers to.
pub(super) struct Given {
    pub(super) letter: Letter,
    _arrays: Vec<Box<[mach_port_name_t]>>,
}

impl Given {
    /// The same with another id.
    pub(super) fn with_id(self, id: i32) -> Self {
        let letter = self.letter.id(id);
        Self { letter, ..self }
    }
}

/// A message by a right.
pub(super) fn message(
    input: &mut Unstructured<'_>,
    to: (mach_port_name_t, u32),
    names: &Names,
) -> Result<Given> {
    let mut arrays = Vec::new();
    let id = match input.int_in_range(0..=3u8)? {
        0 => REQUEST,
        1 => REQUEST_WITH_DATA,
        2 => REPLY,
        _ => i32::arbitrary(input)?,
    };
    let mut letter = Letter::to(to.0, to.1).id(id);
    if input.ratio(2, 3)? {
        letter = letter.reply(names.one(input)?, disposition(input)?);
    }
    if input.ratio(1, 16)? {
        // The disposition of the destination stays what it is, for what fails may use it up.
        letter = letter.bits(u32::arbitrary(input)? & !0x1f);
    }
    let again = if input.ratio(1, 32)? { MOST } else { 1 };
    for _ in 0..input.int_in_range(0..=4u8)? {
        let carried = descriptor(input, names, &mut arrays)?;
        letter = (0..again).fold(letter, |letter, _| carried(letter));
    }
    let inline = input.int_in_range(0..=64usize)?;
    let inline = input.bytes(inline.min(input.len()))?;
    Ok(Given {
        letter: letter.inline(inline),
        _arrays: arrays,
    })
}

/// A request as its bytes show it, by a send right: this task's own rights and memory stand for what it carries. `None` if the
/// bytes do not begin as a request's.
pub(super) fn shown(bytes: &[u8], to: mach_port_name_t, names: &Names) -> Option<Given> {
    let word = |at: usize| {
        let word = bytes.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*word))
    };
    let bits = word(0)?;
    if bits & 0xff != MACH_MSG_TYPE_COPY_SEND {
        return None;
    }
    let letter = Letter::to(to, MACH_MSG_TYPE_COPY_SEND);
    let mut letter = letter.id(word(20)?.cast_signed());
    let mut arrays = Vec::new();
    let mut at = 24;
    if bits & MACH_MSGH_BITS_COMPLEX != 0 {
        let count = word(at)?;
        at += 4;
        for _ in 0..count.min(MOST as u32) {
            let ([.., disposition, kind], first) = (word(at + 8)?.to_le_bytes(), word(at)?);
            let name = names.sent_as(first, disposition.into());
            letter = match u32::from(kind) {
                MACH_MSG_PORT_DESCRIPTOR => letter.port(name, disposition.into()),
                MACH_MSG_OOL_PORTS_DESCRIPTOR => {
                    let array = vec![name; word(at + 12)?.min(40) as usize].into_boxed_slice();
                    let region = whole(array.as_ptr().addr(), array.len() as u32);
                    arrays.push(array);
                    letter.ports(region, disposition.into())
                }
                _ => {
                    let size = word(at + 12)?.min(BYTES.len() as u32);
                    letter.memory(whole(BYTES.as_ptr().addr(), size))
                }
            };
            at += if u32::from(kind) == MACH_MSG_PORT_DESCRIPTOR {
                12
            } else {
                16
            };
        }
    }
    Some(Given {
        letter: letter.inline(bytes.get(at..)?),
        _arrays: arrays,
    })
}

fn whole(address: usize, size: u32) -> Region {
    Region {
        address,
        deallocate: 0,
        copy: 1,
        size,
    }
}

type Carried = Box<dyn Fn(Letter) -> Letter>;

fn descriptor(
    input: &mut Unstructured<'_>,
    names: &Names,
    arrays: &mut Vec<Box<[mach_port_name_t]>>,
) -> Result<Carried> {
    let name = names.one(input)?;
    let kind = disposition(input)?;
    Ok(match input.int_in_range(0..=5u8)? {
        0 | 1 => Box::new(move |letter| letter.port(name, kind)),
        2 => {
            let region = region(input)?;
            Box::new(move |letter| letter.memory(region))
        }
        3 => {
            let array: Box<[mach_port_name_t]> = (0..input.int_in_range(0..=40u8)?)
                .map(|_| names.one(input))
                .collect::<Result<_>>()?;
            let mut region = region(input)?;
            region.address = array.as_ptr().addr();
            region.size = region.size.min(array.len() as u32);
            arrays.push(array);
            Box::new(move |letter| letter.ports(region, kind))
        }
        4 => {
            let (context, flags) = (u64::arbitrary(input)?, u16::arbitrary(input)?);
            Box::new(move |letter| letter.guarded(name, kind, context, flags))
        }
        _ => {
            let mut bytes = <[u8; 16]>::arbitrary(input)?;
            // What is freed must be the sender's.
            bytes[8] = 0;
            Box::new(move |letter| letter.descriptor(&bytes))
        }
    })
}

fn region(input: &mut Unstructured<'_>) -> Result<Region> {
    let address = match input.int_in_range(0..=3u8)? {
        0 => usize::from(u16::arbitrary(input)? & 0xfff),
        _ => BYTES.as_ptr().addr(),
    };
    Ok(Region {
        address,
        deallocate: 0,
        copy: input.int_in_range(0..=3u8)?,
        size: input.int_in_range(0..=BYTES.len() as u32)?,
    })
}
