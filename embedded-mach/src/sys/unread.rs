//! What nobody has read yet of what was sent by an end, as the kernel below says: in bytes, from which packets follow.
//!
//! It counts more for a packet than its bytes, and always as much for as many of them. So what a packet of some length
//! counts is tried once, with a pair of sockets that nothing else uses.

use std::collections::HashMap;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, setsockopt, socketpair, sockopt};

use super::{packet, socket};

/// Lengths that count the same, at the least: the kernel aligns what it keeps.
const STEP: usize = 64;

// Not a parking_lot lock: a forked child may use it, too. It is only asked for while the task is locked.
static COSTS: Mutex<Option<HashMap<usize, u32>>> = Mutex::new(None);

/// What a packet of some length counts; `None` if that cannot be tried now.
pub(crate) fn cost(len: usize) -> Option<u32> {
    let step = len.max(1).div_ceil(STEP);
    let mut costs = COSTS.lock().unwrap_or_else(PoisonError::into_inner);
    let costs = costs.get_or_insert_default();
    if let Some(&known) = costs.get(&step) {
        return Some(known);
    }
    let cost = tried(step * STEP)?;
    costs.insert(step, cost);
    Some(cost)
}

fn tried(len: usize) -> Option<u32> {
    let kind = SockType::SeqPacket;
    let (_other, end) = socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).ok()?;
    let _ = setsockopt(&end, sockopt::SndBuf, &(4 * len));
    packet::send(end.as_fd(), [&vec![0; len], &[]], &[]).ok()?;
    let (_, queued) = socket::buffered(end.as_fd())?;
    Some(queued)
}

/// How many bytes have come by an end and were not read, whoever has it: without reading them, and without waiting for
/// who does.
pub(crate) fn waiting(end: BorrowedFd<'_>) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: the call writes one number to a live local.
    let rc = unsafe { libc::ioctl(end.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    if rc == 0 {
        usize::try_from(bytes).unwrap_or(0)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::socket::link_pair;

    #[test]
    fn packets_count_what_was_tried() {
        let (_receiving, sending) = link_pair().unwrap();
        let mut all = 0;
        for len in [1, 44, 64, 65, 700, 1500, 4000, 10_000, 23_000, 3] {
            packet::send(sending.as_fd(), [&vec![0; len], &[]], &[]).unwrap();
            all += cost(len).unwrap();
            let (_, queued) = socket::buffered(sending.as_fd()).unwrap();
            assert_eq!(queued, all, "{len}");
        }
    }

    #[test]
    fn what_waits_is_seen_without_being_read() {
        let (receiving, sending) = link_pair().unwrap();
        assert_eq!(waiting(receiving.as_fd()), 0);
        for len in [100, 24] {
            packet::send(sending.as_fd(), [&vec![0; len], &[]], &[]).unwrap();
        }
        assert_eq!(waiting(receiving.as_fd()), 124);
        assert_eq!(waiting(receiving.as_fd()), 124);
    }
}
