//! How many of the messages that a task sent to a port of another one wait there: a queue limit counts them.
//!
//! The kernel below says how many bytes nobody has read of what went by an end, and what each packet counts is known, so
//! what is unread is the last few. Nobody else has a say in it: who receives need not tell, and cannot lie. Between two
//! looks at it as many messages go without one as had room at the first.

use std::collections::VecDeque;
use std::os::fd::BorrowedFd;

use crate::headers::port::{MACH_PORT_QLIMIT_DEFAULT, MACH_PORT_QLIMIT_MAX};
use crate::sys::socket::{self, Outlook, outlook};
use crate::sys::unread::cost;
use crate::wire::parcel;

/// How far the kernel's count may be off: it gives back the last byte of a packet a little later than the others.
const SLACK: u32 = 64;

/// From what limit on a queue is deep: more small messages have room in less than the kernel calls writable.
const DEEP: u32 = 128;

/// The packets that went by a sending end and may be unread.
#[derive(Debug)]
pub(crate) struct Unread {
    /// Their lengths, and whether they are messages.
    each: VecDeque<(u32, bool)>,
    /// The port's queue limit, as far as is known here.
    limit: u32,
    /// So many messages have room, and so many bytes, whatever has become of the others.
    messages: u32,
    bytes: u32,
}

impl Default for Unread {
    fn default() -> Self {
        Self::new(MACH_PORT_QLIMIT_DEFAULT)
    }
}

impl Unread {
    /// Nothing has gone by an end that leads to a port with this queue limit.
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            each: VecDeque::new(),
            limit: limit.min(MACH_PORT_QLIMIT_MAX),
            messages: 0,
            bytes: 0,
        }
    }

    pub(crate) fn limit(&self) -> u32 {
        self.limit
    }

    /// The port has another limit.
    pub(crate) fn set_limit(&mut self, limit: u32) {
        self.limit = limit.min(MACH_PORT_QLIMIT_MAX);
        self.messages = 0;
    }

    /// Whether the port's queue is a deep one. Who waits for room there is woken by the kernel when the most has been read, and
    /// not by each message.
    pub(crate) fn is_deep(&self) -> bool {
        self.limit >= DEEP
    }

    /// The longest payload of a message that travels in the packet itself.
    pub(crate) fn inline(&self) -> usize {
        if self.is_deep() {
            parcel::INLINE_IF_DEEP
        } else {
            parcel::INLINE
        }
    }

    /// Whether a message surely has room.
    pub(crate) fn has_room(&self) -> bool {
        self.messages > 0 && self.bytes > 0
    }

    /// A message went.
    pub(crate) fn add_message(&mut self, len: usize) {
        self.messages = self.messages.saturating_sub(1);
        self.add(len, true);
    }

    /// Something else went.
    pub(crate) fn add_other(&mut self, len: usize) {
        self.add(len, false);
    }

    fn add(&mut self, len: usize, is_message: bool) {
        self.bytes = self.bytes.saturating_sub(socket::weight(len));
        let len = u32::try_from(len).unwrap_or(u32::MAX);
        self.each.push_back((len, is_message));
    }

    /// The next message needs a look.
    pub(crate) fn forget_room(&mut self) {
        self.bytes = 0;
    }

    /// Looks what has been read, and whether there is room for a message.
    pub(crate) fn look(&mut self, end: BorrowedFd<'_>) -> bool {
        let Some((buffer, queued)) = socket::buffered(end) else {
            // An older kernel: messages are not counted.
            self.each.clear();
            let writable = outlook(end) != Outlook::Full;
            (self.messages, self.bytes) = (1, u32::from(writable));
            return writable;
        };
        let unread = self.drop_read(queued);
        self.messages = self.limit.saturating_sub(unread);
        self.bytes = (self.share_of(buffer) + 1).saturating_sub(queued);
        // Nothing is read there any more, and a send will say so.
        self.has_room() || outlook(end) == Outlook::Dead
    }

    /// How much of an end's buffer messages may fill; the rest is for other packets.
    ///
    /// Up to a quarter the kernel calls an end writable, and wakes who waits for that. With a limit that stopped there each
    /// message that is read would wake the sender, for one more. So a deep queue goes beyond, and its sender sleeps until that
    /// much has been read: as many messages go in one go as by a plain socket with the usual buffer.
    fn share_of(&self, buffer: u32) -> u32 {
        if self.is_deep() {
            buffer / 8 * 5
        } else {
            buffer / 4
        }
    }

    /// Forgets the packets that have been read, as so many bytes have not: how many messages are left.
    fn drop_read(&mut self, queued: u32) -> u32 {
        let mut sum = 0u32;
        let mut left = 0;
        let mut messages = 0;
        for &(len, is_message) in self.each.iter().rev() {
            if sum.saturating_add(SLACK) > queued {
                break;
            }
            // If it cannot be tried it counts what it does at the least.
            sum = sum.saturating_add(cost(len as usize).unwrap_or(len));
            left += 1;
            messages += u32::from(is_message);
        }
        self.each.drain(..self.each.len() - left);
        // What whoever had the end before has sent.
        messages + u32::from(sum.saturating_add(SLACK) <= queued)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::packet;
    use crate::sys::socket::link_pair;

    fn send(unread: &mut Unread, end: BorrowedFd<'_>, len: usize) -> bool {
        if !unread.has_room() && !unread.look(end) {
            return false;
        }
        packet::send(end, [&vec![0; len], &[]], &[]).unwrap();
        unread.add_message(len);
        true
    }

    #[test]
    fn as_many_messages_go_as_the_limit_says_whatever_their_lengths() {
        for limit in [0, 1, 5, 20] {
            for lengths in [[60; 3], [40, 900, 3000], [5000, 44, 44]] {
                let (receiving, sending) = link_pair().unwrap();
                let mut unread = Unread::new(limit);
                let mut lengths = lengths.into_iter().cycle();
                let mut fill = |unread: &mut Unread| {
                    let more = std::iter::from_fn(|| {
                        let len = lengths.next()?;
                        send(unread, sending.as_fd(), len).then_some(())
                    });
                    more.count()
                };
                assert_eq!(fill(&mut unread), limit as usize);
                for _ in 0..limit.min(3) {
                    packet::receive(receiving.as_fd(), &mut [0; 8192]).unwrap();
                }
                assert_eq!(fill(&mut unread), limit.min(3) as usize);
            }
        }
    }

    #[test]
    fn what_is_no_message_does_not_count() {
        let (receiving, sending) = link_pair().unwrap();
        let mut unread = Unread::default();
        packet::send(sending.as_fd(), [&[0; 30], &[]], &[]).unwrap();
        unread.add_other(30);
        let count = |unread: &mut Unread| {
            (0..100)
                .take_while(|_| send(unread, sending.as_fd(), 500))
                .count()
        };
        assert_eq!(count(&mut unread), 5);
        // The first to be read is that one.
        packet::receive(receiving.as_fd(), &mut [0; 8192]).unwrap();
        assert_eq!(count(&mut unread), 0);
        packet::receive(receiving.as_fd(), &mut [0; 8192]).unwrap();
        assert_eq!(count(&mut unread), 1);
    }

    #[test]
    fn another_limit_counts_from_the_next_message_on() {
        let (_receiving, sending) = link_pair().unwrap();
        let mut unread = Unread::default();
        let fill = |unread: &mut Unread| {
            (0..100)
                .take_while(|_| send(unread, sending.as_fd(), 50))
                .count()
        };
        assert_eq!(fill(&mut unread), 5);
        unread.set_limit(8);
        assert_eq!(fill(&mut unread), 3);
        unread.set_limit(2);
        assert_eq!(fill(&mut unread), 0);
    }

    #[test]
    fn an_end_that_came_with_something_unread_has_a_message_less() {
        let (_receiving, sending) = link_pair().unwrap();
        packet::send(sending.as_fd(), [&[0; 3000], &[]], &[]).unwrap();
        let mut unread = Unread::default();
        let sent = (0..100).take_while(|_| send(&mut unread, sending.as_fd(), 50));
        assert_eq!(sent.count(), 4);
    }

    #[test]
    fn a_dead_end_is_not_full() {
        let (receiving, sending) = link_pair().unwrap();
        let mut unread = Unread::default();
        while send(&mut unread, sending.as_fd(), 50) {}
        drop(receiving);
        assert!(unread.look(sending.as_fd()));
    }
}
