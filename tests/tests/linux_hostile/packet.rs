//! Packets, as a liar writes them: each part by hand, so that each can be wrong.

/// The first word of a packet.
pub(crate) const MAGIC: u32 = u32::from_be_bytes(*b"EM\x00\x03");
pub(crate) const MESSAGE: u8 = 1;
pub(crate) const ADD_LINK: u8 = 2;
pub(crate) const BULK: u8 = 1;
pub(crate) const CARRIER: u8 = 2;

pub(crate) const RIGHT_NULL: u32 = 0;
pub(crate) const RIGHT_SEND: u32 = 2;
pub(crate) const RIGHT_ONCE: u32 = 3;
pub(crate) const RIGHT_RECEIVE: u32 = 4;
pub(crate) const RIGHT_MEMORY: u32 = 6;

/// Bytes in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub(crate) fn u16(mut self, value: u16) -> Self {
        self.0.extend_from_slice(&value.to_ne_bytes());
        self
    }

    pub(crate) fn u32(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_ne_bytes());
        self
    }

    pub(crate) fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_ne_bytes());
        self
    }

    pub(crate) fn then(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

/// A prefix with what follows it.
pub(crate) fn packet(kind: u8, flags: u8, descriptors: u32, payload: Bytes) -> Vec<u8> {
    with_length(kind, flags, payload.0.len() as u32, descriptors, payload)
}

/// A prefix that states any length.
pub(crate) fn with_length(
    kind: u8,
    flags: u8,
    length: u32,
    descriptors: u32,
    payload: Bytes,
) -> Vec<u8> {
    let prefix = Bytes::default().u32(MAGIC).u8(kind).u8(flags).u16(0);
    prefix.u32(length).u32(descriptors).u32(0).then(payload).0
}

/// A right with its four numbers.
pub(crate) fn right(kind: u32, values: [u64; 4]) -> Bytes {
    let head = Bytes::default().u32(kind).u32(0);
    values.into_iter().fold(head, Bytes::u64)
}

/// A message's fixed part and its reply right; body and items follow.
pub(crate) fn message(id: i32, flags: u16, reply_disposition: u8, body: u32, items: u32) -> Bytes {
    let head = Bytes::default()
        .u32(id as u32)
        .u16(flags)
        .u8(reply_disposition)
        .u8(0);
    head.u32(body).u32(items).u32(0).u64(0)
}

/// An item's fixed part.
pub(crate) fn item(kind: u8, disposition: u8, flags: u16, count: u32) -> Bytes {
    Bytes::default()
        .u8(kind)
        .u8(disposition)
        .u16(flags)
        .u32(count)
        .u64(0)
}

/// The body of a message with as many port descriptors, whose bytes do not count.
pub(crate) fn body_of(ports: u32) -> Bytes {
    (0..3 * ports).fold(Bytes::default().u32(ports), |body, _| body.u32(0))
}

/// A message with one right of a disposition.
pub(crate) fn carrying(id: i32, disposition: u8, carried: Bytes) -> Bytes {
    message(id, 1, 0, 16, 1)
        .then(right(RIGHT_NULL, [0; 4]))
        .then(body_of(1))
        .then(item(0, disposition, 0, 0))
        .then(carried)
}
