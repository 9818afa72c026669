//! The bytes that follow the header and the descriptors.
//!
//! Pure functions: what a hostile peer can write is decided here, without a
//! port in sight. Integers are in the machine's order, as everywhere in Mach
//! messages: they never leave the machine.

use crate::MalformedReply;

/// Id of a request for the ports: `'mrzv'`.
pub const REQUEST: i32 = i32::from_be_bytes(*b"mrzv");
/// Id of a request for the ports and the additional data: `'mrzV'`.
pub const REQUEST_WITH_DATA: i32 = i32::from_be_bytes(*b"mrzV");
/// Id of every reply: `'MRZV'`.
pub const REPLY: i32 = i32::from_be_bytes(*b"MRZV");

/// Id of an answer that brings no ports to a process that has some: `'MRZR'`. Chromium's servers do not send it.
pub const DENIAL: i32 = i32::from_be_bytes(*b"MRZR");

/// Id of a server's question whether a process asks: `'MRZC'`.
pub const CHALLENGE: i32 = i32::from_be_bytes(*b"MRZC");
/// Id of the answer to it, for the ports: `'mrzc'`.
pub const CONFIRMATION: i32 = i32::from_be_bytes(*b"mrzc");
/// Id of the answer to it, for the ports and the additional data: `'mrzC'`.
pub const CONFIRMATION_WITH_DATA: i32 = i32::from_be_bytes(*b"mrzC");
/// Size of either.
pub const CONFIRMATION_SIZE: usize = HEADER_SIZE + size_of::<u64>();

/// Size of a request: a bare `mach_msg_header_t`.
pub const REQUEST_SIZE: usize = HEADER_SIZE;

/// Most ports that one collection can hold.
///
/// Linux passes at most 253 descriptors in one packet (`SCM_MAX_FD`); three are
/// left for what the transport itself may have to pass. macOS would carry
/// 16,383, and one limit for both keeps a program from working on one system
/// only.
pub const MAX_PORTS: usize = 250;

/// Most bytes of additional data in one collection: 1 MiB.
///
/// The data travels inside the message. What is larger belongs into memory that
/// is sent through one of the ports. (Chromium's clients take 18 KiB.)
pub const MAX_ADDITIONAL_DATA: usize = 1 << 20;

/// Size of the largest reply, trailer excluded.
pub const MAX_REPLY_SIZE: usize = reply_size(MAX_PORTS, MAX_ADDITIONAL_DATA);

/// `mach_msg_header_t`.
const HEADER_SIZE: usize = 24;
/// `mach_msg_body_t`: the descriptor count.
const COUNT_SIZE: usize = 4;
/// `mach_msg_port_descriptor_t`.
const PORT_DESCRIPTOR_SIZE: usize = 12;
const KEY_SIZE: usize = size_of::<u32>();
const DATA_LEN_SIZE: usize = size_of::<u64>();

/// Size of a reply with `ports` ports and `data_len` bytes of additional data,
/// trailer excluded.
#[must_use]
pub const fn reply_size(ports: usize, data_len: usize) -> usize {
    (HEADER_SIZE + COUNT_SIZE)
        .saturating_add(ports.saturating_mul(PORT_DESCRIPTOR_SIZE))
        .saturating_add(body_size(ports, data_len))
}

/// The part of a reply after its descriptors. Messages are whole words long.
const fn body_size(ports: usize, data_len: usize) -> usize {
    let len = ports
        .saturating_mul(KEY_SIZE)
        .saturating_add(DATA_LEN_SIZE)
        .saturating_add(data_len);
    match len.checked_next_multiple_of(size_of::<u32>()) {
        Some(len) => len,
        None => len,
    }
}

/// Writes what follows the descriptors of a reply: the keys in the order of the
/// descriptors, the length of the data, the data, padding.
#[must_use]
pub fn encode_body(keys: &[u32], data: &[u8]) -> Vec<u8> {
    let size = body_size(keys.len(), data.len());
    let mut body = Vec::with_capacity(size);
    body.extend(keys.iter().flat_map(|key| key.to_ne_bytes()));
    body.extend((data.len() as u64).to_ne_bytes());
    body.extend(data);
    body.resize(size, 0);
    body
}

/// What follows the descriptors of a reply, checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// One key for each descriptor, in ascending order.
    pub keys: Vec<u32>,
    /// The additional data.
    pub data: &'a [u8],
}

impl<'a> Body<'a> {
    /// Reads what follows `ports` descriptors.
    ///
    /// The number of keys is not in the bytes: it is the number of descriptors,
    /// which the kernel has counted. Every byte must be accounted for.
    ///
    /// # Errors
    /// [`MalformedReply`] names the first thing that no honest server writes.
    pub fn decode(ports: usize, body: &'a [u8]) -> Result<Self, MalformedReply> {
        let truncated = MalformedReply::Truncated { len: body.len() };
        if ports > MAX_PORTS {
            return Err(MalformedReply::TooManyPorts { ports });
        }
        let (keys, rest) = body
            .split_at_checked(ports.saturating_mul(KEY_SIZE))
            .ok_or(truncated.clone())?;
        let (data_len, rest) = rest
            .split_first_chunk::<DATA_LEN_SIZE>()
            .ok_or(truncated.clone())?;
        let data_len = u64::from_ne_bytes(*data_len);
        let data_len = usize::try_from(data_len)
            .ok()
            .filter(|len| *len <= MAX_ADDITIONAL_DATA)
            .ok_or(MalformedReply::TooMuchData { len: data_len })?;
        let (data, _) = rest.split_at_checked(data_len).ok_or(truncated)?;
        if body.len() != body_size(ports, data_len) {
            return Err(MalformedReply::WrongSize {
                expected: body_size(ports, data_len),
                found: body.len(),
            });
        }
        Ok(Self {
            keys: decode_keys(keys)?,
            data,
        })
    }
}

fn decode_keys(bytes: &[u8]) -> Result<Vec<u32>, MalformedReply> {
    let (words, _) = bytes.as_chunks::<KEY_SIZE>();
    let keys: Vec<u32> = words.iter().map(|word| u32::from_ne_bytes(*word)).collect();
    for pair in keys.windows(2) {
        match *pair {
            [a, b] if a == b => return Err(MalformedReply::DuplicateKey { key: a }),
            [a, b] if a > b => return Err(MalformedReply::KeysOutOfOrder { key: b }),
            _ => {}
        }
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_PORTS: &[u8] = &[
        1, 0, 0, 0, // first key
        b't', b'r', b'o', b'p', // second key, 'port'
        3, 0, 0, 0, 0, 0, 0, 0, // bytes of data
        0xaa, 0xbb, 0xcc, 0, // data, padded to a word
    ];

    #[test]
    fn ids_are_chromiums() {
        assert_eq!(REQUEST, 0x6d72_7a76);
        assert_eq!(REQUEST_WITH_DATA, 0x6d72_7a56);
        assert_eq!(REPLY, 0x4d52_5a56);
        // Not Chromium's.
        assert_eq!(DENIAL, 0x4d52_5a52);
    }

    #[test]
    #[cfg(target_endian = "little")]
    fn golden_bytes_of_a_body() {
        let keys = [1, crate::key(b"port")];
        assert_eq!(encode_body(&keys, &[0xaa, 0xbb, 0xcc]), TWO_PORTS);
        let body = Body {
            keys: keys.to_vec(),
            data: &[0xaa, 0xbb, 0xcc],
        };
        assert_eq!(Body::decode(2, TWO_PORTS), Ok(body));
        assert_eq!(encode_body(&[], &[]), [0; 8]);
        assert_eq!(
            Body::decode(0, &[0; 8]),
            Ok(Body {
                keys: vec![],
                data: &[]
            })
        );
    }

    #[test]
    fn sizes_are_chromiums() {
        assert_eq!(reply_size(0, 0), 36);
        assert_eq!(reply_size(1, 0), 52);
        assert_eq!(reply_size(2, 3), 72);
    }

    #[test]
    fn the_fullest_reply_is_read_back() {
        let keys: Vec<u32> = (0..MAX_PORTS as u32).collect();
        let data = vec![7; MAX_ADDITIONAL_DATA];
        let bytes = encode_body(&keys, &data);
        assert_eq!(
            bytes.len() + HEADER_SIZE + COUNT_SIZE + MAX_PORTS * PORT_DESCRIPTOR_SIZE,
            MAX_REPLY_SIZE
        );
        assert_eq!(
            Body::decode(MAX_PORTS, &bytes),
            Ok(Body { keys, data: &data })
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        for len in 0..TWO_PORTS.len() {
            let cut = TWO_PORTS.get(..len).unwrap();
            // The padding alone may be cut: then the size is wrong.
            let expected = if len == 19 {
                MalformedReply::WrongSize {
                    expected: 20,
                    found: 19,
                }
            } else {
                MalformedReply::Truncated { len }
            };
            assert_eq!(Body::decode(2, cut), Err(expected), "{len} bytes");
        }
    }

    #[test]
    fn keys_that_outnumber_the_descriptors_are_refused() {
        for keys in [[1, crate::key(b"port")], [1, 0], [0, 8]] {
            let bytes = encode_body(&keys, &[]);
            assert!(Body::decode(1, &bytes).is_err(), "{keys:?}");
            assert!(Body::decode(0, &bytes).is_err(), "{keys:?}");
        }
    }

    #[test]
    fn descriptors_that_outnumber_the_keys_are_refused() {
        let bytes = encode_body(&[1], &[]);
        assert_eq!(
            Body::decode(2, &bytes),
            Err(MalformedReply::Truncated { len: 12 })
        );
        assert_eq!(
            Body::decode(usize::MAX, &bytes),
            Err(MalformedReply::TooManyPorts { ports: usize::MAX })
        );
    }

    #[test]
    fn keys_must_ascend() {
        let twice = encode_body(&[1, 4, 4], &[]);
        assert_eq!(
            Body::decode(3, &twice),
            Err(MalformedReply::DuplicateKey { key: 4 })
        );
        let back = encode_body(&[4, 1], &[]);
        assert_eq!(
            Body::decode(2, &back),
            Err(MalformedReply::KeysOutOfOrder { key: 1 })
        );
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused() {
        for len in [MAX_ADDITIONAL_DATA as u64 + 1, u64::MAX, 1 << 32] {
            assert_eq!(
                Body::decode(0, &len.to_ne_bytes()),
                Err(MalformedReply::TooMuchData { len })
            );
        }
    }
}
