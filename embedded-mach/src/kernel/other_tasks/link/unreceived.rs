//! What a link's holder has sent that nobody has received yet, in bytes.
//!
//! Whatever does not fit into a packet stays in the file that it came in until it is received, and a file may have much
//! less than it says. The sender is charged what it says, before anything of it is mapped or read.

use std::collections::VecDeque;

/// How many bytes of messages may wait before no more are read from a link. One message may go beyond.
const MOST: u64 = 4 << 30;

/// How many messages may: more than the highest queue limit.
const MOST_MESSAGES: usize = 2048;

/// The messages of one link that have been read and not been received, in their order.
#[derive(Debug, Default)]
pub(crate) struct Unreceived {
    each: VecDeque<u64>,
    all: u64,
}

impl Unreceived {
    /// Whether one more message may be read.
    pub(super) fn admits(&self) -> bool {
        self.all < MOST && self.each.len() < MOST_MESSAGES
    }

    /// A message is read.
    pub(super) fn add(&mut self, bytes: u64) {
        let bytes = bytes.min(MOST);
        self.each.push_back(bytes);
        self.all = self.all.saturating_add(bytes);
    }

    /// The first message is received.
    pub(crate) fn take_first(&mut self) {
        let first = self.each.pop_front().unwrap_or(0);
        self.all = self.all.saturating_sub(first);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_as_one_message_can_have_is_read_and_no_more() {
        let mut unreceived = Unreceived::default();
        unreceived.add(MOST - 1);
        assert!(unreceived.admits());
        unreceived.add(u64::MAX);
        assert!(!unreceived.admits());
        unreceived.take_first();
        assert!(!unreceived.admits());
        unreceived.take_first();
        assert!(unreceived.admits());
        unreceived.take_first();
        unreceived.add(0);
        assert!(unreceived.admits());
    }

    #[test]
    fn messages_without_bytes_are_counted() {
        let mut unreceived = Unreceived::default();
        (0..MOST_MESSAGES).for_each(|_| unreceived.add(0));
        assert!(!unreceived.admits());
        unreceived.take_first();
        assert!(unreceived.admits());
    }
}
