//! What a peer writes: mostly what the format allows, with anything in it.

use arbitrary::{Arbitrary, Result, Unstructured};

const MAGIC: u32 = u32::from_be_bytes(*b"EM\x00\x03");
const MESSAGE: u8 = 1;
const REPLY: u8 = 5;
const GONE: u8 = 8;
const REPLACE: u8 = 9;
pub(super) const BULK: u8 = 1;
pub(super) const CARRIER: u8 = 2;
const RIGHT_SEND: u8 = 2;
const RIGHT_ONCE: u8 = 3;
const RIGHT_RECEIVE: u8 = 4;
const RIGHT_SLOT: u8 = 10;
/// How deep receive rights lie in queues of receive rights, at most.
const DEEP: u32 = 18;

/// Bytes, and how many descriptors they speak of.
#[derive(Default)]
pub(super) struct Written {
    bytes: Vec<u8>,
    pub(super) descriptors: usize,
}

impl Written {
    fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_ne_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_ne_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend(value.to_ne_bytes());
    }

    fn right(&mut self, input: &mut Unstructured<'_>, kind: u8, deep: u32) -> Result<()> {
        self.u32(u32::from(kind));
        self.u32(input.int_in_range(0..=1)?);
        for _ in 0..4 {
            self.u64(input.int_in_range(0..=3)?);
        }
        match kind {
            RIGHT_RECEIVE => self.port(input, deep + 1)?,
            RIGHT_SEND | RIGHT_ONCE | 5..=7 => self.descriptors += 1,
            _ => {}
        }
        Ok(())
    }

    fn kind(&self, input: &mut Unstructured<'_>, deep: u32) -> Result<u8> {
        let most = if input.ratio(1, 32)? { 255 } else { RIGHT_SLOT };
        let kind = input.int_in_range(0..=most)?;
        Ok(if kind == RIGHT_RECEIVE && deep > DEEP {
            0
        } else {
            kind
        })
    }

    fn link(&mut self, input: &mut Unstructured<'_>) -> Result<()> {
        self.u64(input.int_in_range(0..=3)?);
        self.u32(input.int_in_range(0..=1)?);
        self.descriptors += 1;
        Ok(())
    }

    fn port(&mut self, input: &mut Unstructured<'_>, deep: u32) -> Result<()> {
        let qlimit = input.int_in_range(0..=1030)?;
        let links = input.int_in_range(0..=3u32)?;
        let messages = input.int_in_range(0..=2u32)?;
        let services = u32::from(input.ratio(1, 16)?);
        for number in [qlimit, links, messages, services] {
            self.u32(number);
        }
        for _ in 0..links {
            self.link(input)?;
        }
        for _ in 0..2 {
            let kind = if input.ratio(1, 4)? {
                self.kind(input, deep)?
            } else {
                0
            };
            self.right(input, kind, deep)?;
        }
        for _ in 0..services {
            let name = input.int_in_range(0..=4u32)?;
            self.u32(name);
            for _ in 0..name {
                self.u8(b'a' + input.int_in_range(0..=1)?);
            }
            self.descriptors += 1;
        }
        for _ in 0..messages {
            self.message(input, false, deep)?;
        }
        Ok(())
    }

    fn message(&mut self, input: &mut Unstructured<'_>, slot: bool, deep: u32) -> Result<()> {
        let items = input.int_in_range(0..=4u32)?;
        let reply = match input.int_in_range(0..=3u8)? {
            0 if !slot => self.kind(input, deep)?,
            _ if slot => RIGHT_SLOT,
            1 => RIGHT_SEND,
            2 => RIGHT_ONCE,
            _ => 0,
        };
        let complex = items > 0 || input.ratio(1, 4)?;
        let kinds: Vec<u8> = (0..items)
            .map(|_| input.int_in_range(0..=4))
            .collect::<Result<_>>()?;
        let list: u32 = kinds.iter().map(|kind| size(*kind)).sum();
        let spare = 4 * input.int_in_range(0..=8u32)?;
        let body = if complex { 4 + list + spare } else { spare };
        self.u32(u32::arbitrary(input)?);
        self.u16(u16::from(complex) | u16::from(input.ratio(1, 8)?) << 1);
        self.u8(disposition(reply));
        self.u8(0);
        self.u32(body);
        self.u32(items);
        self.u32(0);
        self.u64(u64::arbitrary(input)?);
        self.right(input, reply, deep)?;
        if complex {
            self.u32(items);
        }
        let filled = if complex { body - 4 } else { body };
        self.bytes.resize(self.bytes.len() + filled as usize, 7);
        for kind in kinds {
            self.item(input, kind, deep)?;
        }
        Ok(())
    }

    fn item(&mut self, input: &mut Unstructured<'_>, kind: u8, deep: u32) -> Result<()> {
        let right = self.kind(input, deep)?;
        let flags = input.int_in_range(0..=7u16)?;
        let count = match kind {
            1 => input.int_in_range(0..=64u32)?,
            2 => input.int_in_range(0..=5)?,
            _ => 0,
        };
        self.u8(kind);
        self.u8(disposition(right));
        self.u16(flags);
        self.u32(count);
        self.u64(input.int_in_range(0..=3)?);
        match kind {
            1 if flags & 4 != 0 => self.descriptors += 1,
            1 => self.bytes.resize(self.bytes.len() + count as usize, 9),
            2 => {
                for _ in 0..count {
                    self.right(input, right, deep)?;
                }
            }
            _ => self.right(input, right, deep)?,
        }
        Ok(())
    }
}

/// A descriptor's size in a message.
fn size(kind: u8) -> u32 {
    if kind == 0 { 12 } else { 16 }
}

/// What a right of a kind arrives as.
fn disposition(kind: u8) -> u8 {
    match kind {
        0 | 1 => 0,
        RIGHT_ONCE | RIGHT_SLOT => 18,
        RIGHT_RECEIVE => 16,
        _ => 17,
    }
}

/// A packet, taken apart as far as it is sent in different ways.
pub(super) struct Packet {
    pub(super) prefix: [u8; 20],
    pub(super) payload: Vec<u8>,
    pub(super) descriptors: usize,
    pub(super) flags: u8,
}

/// A packet; `slots` are those that the peer has seen or made up.
pub(super) fn packet(input: &mut Unstructured<'_>, slots: &[(u16, u32)]) -> Result<Packet> {
    let kind = if input.ratio(1, 32)? {
        u8::arbitrary(input)?
    } else if input.ratio(1, 2)? {
        MESSAGE
    } else {
        input.int_in_range(1..=12)?
    };
    let slot = (input.ratio(1, 2)?).then(|| *input.choose(slots).unwrap_or(&(1, 1)));
    let mut written = Written::default();
    match kind {
        MESSAGE | REPLY => written.message(input, kind == MESSAGE && slot.is_some(), 0)?,
        2 => written.link(input)?,
        3 | 4 => written.u64(input.int_in_range(0..=3)?),
        7 | 12 => written.descriptors = 1,
        GONE | REPLACE => {
            for _ in 0..input.int_in_range(0..=4u8)? {
                let (index, generation) = *input.choose(slots).unwrap_or(&(1, 1));
                written.u32(u32::from(index).wrapping_sub(1));
                written.u32(generation);
                written.descriptors += usize::from(kind == REPLACE);
            }
        }
        _ => {}
    }
    let mut payload = written.bytes;
    if input.ratio(1, 4)? {
        for _ in 0..input.int_in_range(1..=4u8)? {
            if let Ok(at) = input.choose_index(payload.len()) {
                payload[at] = u8::arbitrary(input)?;
            }
        }
    }
    let mut descriptors = written.descriptors;
    let mut flags = 0;
    if input.ratio(1, 8)? {
        flags = input.int_in_range(0..=3u8)?;
    }
    if input.ratio(1, 16)? {
        descriptors = input.int_in_range(0..=4)?;
    }
    let length = payload.len() as u32;
    let (index, generation) = slot.unwrap_or_default();
    let mut prefix = [0; 20];
    prefix[..4].copy_from_slice(&MAGIC.to_ne_bytes());
    prefix[4] = kind;
    prefix[5] = flags;
    prefix[6..8].copy_from_slice(&index.to_ne_bytes());
    prefix[8..12].copy_from_slice(&length.to_ne_bytes());
    prefix[12..16].copy_from_slice(&(descriptors as u32).to_ne_bytes());
    prefix[16..].copy_from_slice(&generation.to_ne_bytes());
    if input.ratio(1, 32)? {
        let at = input.choose_index(prefix.len())?;
        prefix[at] = u8::arbitrary(input)?;
    }
    Ok(Packet {
        prefix,
        payload,
        descriptors,
        flags,
    })
}
