//! What a link held when its arrivals began to be stamped: the kernel below says of it when it is read, and not when it was
//! sent.
//!
//! It need not be read at once for that, as long as it is known how much it is: it stays where its sender sees that it
//! waits.

use std::os::fd::BorrowedFd;

use crate::sys::{clock, unread};

/// Packets of unknown age.
#[derive(Debug)]
pub(super) struct Unstamped {
    /// They were sent between these times.
    since: u64,
    until: u64,
    /// How many bytes they have.
    bytes: usize,
}

impl Unstamped {
    /// What an end holds whose arrivals are stamped from now on, if anything, but not since before a time.
    pub(super) fn of(end: BorrowedFd<'_>, since: u64) -> Option<Self> {
        let bytes = unread::waiting(end);
        (bytes > 0).then(|| Self {
            since,
            until: clock::now_stamp(),
            bytes,
        })
    }

    /// Takes the next packet's bytes off what there is, and says between which times it was sent.
    pub(super) fn next(unstamped: &mut Option<Self>, len: usize, stamp: u64) -> (u64, u64) {
        let Some(some) = unstamped else {
            return (stamp, stamp);
        };
        let latest = some.until.min(stamp);
        let earliest = some.since.min(latest);
        some.bytes = some.bytes.saturating_sub(len);
        if some.bytes == 0 {
            *unstamped = None;
        }
        (earliest, latest)
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::packet;
    use crate::sys::socket::link_pair;

    #[test]
    fn what_was_there_is_older_than_what_comes() {
        let (receiving, sending) = link_pair().unwrap();
        assert!(Unstamped::of(receiving.as_fd(), 0).is_none());
        for len in [30, 5] {
            packet::send(sending.as_fd(), [&vec![0; len], &[]], &[]).unwrap();
        }
        let before = clock::now_stamp();
        let mut unstamped = Unstamped::of(receiving.as_fd(), before);
        let after = clock::now_stamp();
        for len in [30, 5] {
            assert!(unstamped.is_some());
            let (earliest, latest) = Unstamped::next(&mut unstamped, len, u64::MAX);
            assert!(earliest == before && (before..=after).contains(&latest));
        }
        assert_eq!(Unstamped::next(&mut unstamped, 30, 77), (77, 77));
    }
}
