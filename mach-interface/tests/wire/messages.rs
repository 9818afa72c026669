//! Captured messages: names and addresses in them are placeholders.

use serde_json::Value;

/// The bytes of a hexadecimal string.
pub(crate) fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

pub(crate) fn put(bytes: &mut [u8], at: usize, word: u32) {
    bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
}

/// Where each descriptor begins, and its type.
pub(crate) fn descriptors(message: &[u8]) -> Vec<(usize, u8)> {
    let mut found = Vec::new();
    if word(message, 0) & 1 << 31 != 0 {
        let mut at = 28;
        for _ in 0..word(message, 24) {
            let Some(kind) = message.get(at + 11) else {
                break;
            };
            found.push((at, *kind));
            at += if *kind == 0 { 12 } else { 16 };
        }
    }
    found
}

/// What arrives of a disposition.
pub(crate) fn arrival(disposition: u8) -> u8 {
    match disposition {
        16 => 16,
        17 | 19 | 20 => 17,
        18 | 21 => 18,
        _ => 0,
    }
}

/// The message as its receiver sees it: dispositions as received, and the header turned round.
pub(crate) fn received(mut message: Vec<u8>) -> Vec<u8> {
    for (at, kind) in descriptors(&message) {
        if kind != 1 {
            message[at + 10] = arrival(message[at + 10]);
        }
    }
    let bits = word(&message, 0);
    let (remote, local) = (word(&message, 8), word(&message, 12));
    let (to, reply) = (arrival(bits as u8), arrival((bits >> 8) as u8));
    put(
        &mut message,
        0,
        bits & 1 << 31 | u32::from(to) << 8 | u32::from(reply),
    );
    put(&mut message, 8, local);
    put(&mut message, 12, remote);
    message
}

/// Blanks what is not the same in two runs, or unspecified: where the message goes, names, addresses.
pub(crate) fn blank(message: &mut [u8], unspecified: &Value) {
    let bits = word(message, 0);
    put(message, 0, bits & 1 << 31);
    for at in [4, 8, 12] {
        put(message, at, 0);
    }
    for (at, kind) in descriptors(message) {
        // Whether there is a right is to be seen.
        let name = word(message, at);
        put(message, at, u32::from(name != 0));
        if kind != 0 {
            put(message, at + 4, 0);
        }
    }
    for range in unspecified.as_array().unwrap() {
        let (at, len) = (
            range[0].as_u64().unwrap() as usize,
            range[1].as_u64().unwrap() as usize,
        );
        message[at..at + len].fill(0);
    }
}
