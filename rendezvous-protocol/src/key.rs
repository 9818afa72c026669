/// The key of a port in a collection, as a four-character code.
///
/// Chromium names its ports with C's multi-character literals, whose first
/// character is the most significant byte: `key(b"port")` is C's `'port'`.
///
/// ```
/// use rendezvous_protocol::key;
///
/// const RESULTS: u32 = key(b"rslt");
/// assert_eq!(RESULTS, 0x7273_6c74);
/// ```
#[must_use]
pub const fn key(code: &[u8; 4]) -> u32 {
    u32::from_be_bytes(*code)
}

/// The key under which a child finds the right by which it can offer its task port to its parent: the library's own.
pub const TASK_PORT: u32 = key(b"mrtp");

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn the_first_character_is_the_most_significant() {
        assert_eq!(key(b"abcd"), 0x6162_6364);
        assert_eq!(key(b"\0\0\0\x01"), 1);
        assert_eq!(key(b"\xff\0\0\0"), 0xff00_0000);
    }
}
