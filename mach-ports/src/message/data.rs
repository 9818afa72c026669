//! Inline bytes of any length: a message as such has a multiple of 4.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use crate::message::{Message, ReceivedMessage};

/// The length in front: a `u32` in native order, for both tasks are on one machine.
const PREFIX: usize = size_of::<u32>();

impl Message<'_> {
    /// Makes `data` the message's inline bytes, so that the receiver's [`data`](ReceivedMessage::data) has exactly
    /// these, whatever their number.
    ///
    /// It is called once, and in place of [`bytes`](Self::bytes). What is sent is the length as a `u32` in native
    /// order, the data, and zeros up to a multiple of 4.
    ///
    /// ```
    /// use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let port = ReceiveRight::new()?;
    /// let right = port.make_send()?;
    /// Message::new(1).data(b"hello").send(&right, &SendOptions::new())?;
    ///
    /// let message = port.receive(&ReceiveOptions::new())?;
    /// assert_eq!(message.data(), Some(&b"hello"[..]));
    /// assert_eq!(message.body().len(), 4 + 5 + 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn data(mut self, data: &[u8]) -> Self {
        match u32::try_from(data.len()) {
            Ok(len) => self.bytes(&len.to_ne_bytes()).bytes(data),
            Err(_) => {
                self.overflow = true;
                self
            }
        }
    }
}

impl ReceivedMessage {
    /// The inline bytes, as the sender gave them to [`Message::data`]. `None` if they were sent in another way:
    /// there is no length in front of them, or it is not that of what follows.
    #[must_use]
    pub fn data(&self) -> Option<&[u8]> {
        read(self.body())
    }
}

/// What stands behind the length, if that leaves out nothing but padding.
fn read(body: &[u8]) -> Option<&[u8]> {
    let (len, rest) = body.split_first_chunk::<PREFIX>()?;
    let len = usize::try_from(u32::from_ne_bytes(*len)).ok()?;
    let (data, padding) = rest.split_at_checked(len)?;
    (padding.len() < 4).then_some(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(len: u32, rest: &[u8]) -> Vec<u8> {
        [&len.to_ne_bytes(), rest].concat()
    }

    #[test]
    fn the_length_must_be_that_of_what_follows() {
        for (len, rest, data) in [
            (0, &b""[..], Some(&b""[..])),
            (1, b"a\0\0\0", Some(b"a")),
            (2, b"ab\0\0", Some(b"ab")),
            (3, b"abc\0", Some(b"abc")),
            (4, b"abcd", Some(b"abcd")),
            (5, b"abcde\0\0\0", Some(b"abcde")),
            // More than there is.
            (1, b"", None),
            (5, b"abcd", None),
            (u32::MAX, b"abcd", None),
            // Less, by a whole word.
            (0, b"\0\0\0\0", None),
            (4, b"abcd\0\0\0\0", None),
        ] {
            assert_eq!(read(&body(len, rest)), data, "{len} before {rest:?}");
        }
        for len in 0..PREFIX {
            assert_eq!(read(&[0; PREFIX][..len]), None);
        }
    }
}
