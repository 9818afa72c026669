//! Waiting for room on the way to a deep queue, for a message that goes the short way.
//!
//! A sender that has sent as much as a link takes does so again and again. What it sends then stays where it is until there is
//! room, and is taken in by the one call that sends it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::PollFlags;

use super::check::Checked;
use super::way::Way;
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_SEND_INTERRUPT, MACH_SEND_TIMEOUT, mach_msg_option_t,
};
use crate::headers::port::MACH_PORT_TYPE_SEND;
use crate::kernel::Kernel;
use crate::kernel::messages::parking;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::task::{self, Locked};
use crate::sys::foreign::Foreign;
use crate::sys::parker::Woken;

/// After how long a sender looks by itself whether a deep queue has room, at first and at last: whoever receives may have made
/// some, and go on when more has come only. Longer than it takes to receive from many senders what they have waiting, or each
/// would look, and send a little, in place of being woken for much.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);

/// When a sender that waits looks by itself.
#[derive(Debug)]
pub(super) struct Pauses(Duration);

impl Default for Pauses {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pauses {
    /// When the next look is.
    pub(super) fn next(&self) -> Instant {
        Instant::now() + self.0
    }

    /// A look was due.
    pub(super) fn is_over(&mut self) {
        self.0 = (self.0 * 2).min(LONGEST_PAUSE);
    }
}

/// As [`Kernel::send_plain`], where a message that nothing but want of room is in the way of waits for it. If it does not go
/// the short way, the lock is given back.
pub(super) fn send_plain(
    mut kernel: Locked,
    message: &Checked<'_>,
    option: mach_msg_option_t,
) -> Result<(), Locked> {
    let mut way: Option<Way> = None;
    let mut pauses = Pauses::default();
    loop {
        if kernel.send_plain(message, option) {
            return Ok(());
        }
        let Some(end) = kernel.full_end(message, option) else {
            return Err(kernel);
        };
        let Some(way) = way.as_ref().filter(|way| way.is(&end)) else {
            // Something may have been received before it was watched.
            match Way::new(&end) {
                Ok(watched) => way = Some(watched),
                Err(_) => return Err(kernel),
            }
            continue;
        };
        let Ok(parker) = parking::parker() else {
            return Err(kernel);
        };
        drop(kernel);
        let event = way.event();
        let watched = Some((&event, PollFlags::POLLIN));
        if parker.wait(watched, Some(pauses.next())) == Woken::TimedOut {
            pauses.is_over();
        }
        kernel = task::lock();
        way.forget_event();
    }
}

impl Kernel {
    /// The end by which a plain message waits for as long as it takes to go to a deep queue, if there is no room there.
    fn full_end(
        &mut self,
        message: &Checked<'_>,
        option: mach_msg_option_t,
    ) -> Option<Arc<Foreign>> {
        let header = &message.header;
        let may_wait = option & (MACH_SEND_TIMEOUT | MACH_SEND_INTERRUPT) == 0;
        if !may_wait
            || !Self::is_plain(header, option)
            || header.remote_disposition() != MACH_MSG_TYPE_COPY_SEND
        {
            return None;
        }
        let to = self.space.get(header.remote)?;
        let to = to.port().filter(|_| to.has(MACH_PORT_TYPE_SEND))?;
        if !self.is_deep(to) || self.has_room(to) {
            return None;
        }
        self.sending_end(to).map(|end| Arc::clone(&end.fd))
    }

    /// Whether there may be room on the way to a port of another task before whoever waits for it is woken.
    pub(super) fn is_deep(&mut self, port: PortKey) -> bool {
        self.sending_end(port)
            .is_some_and(|end| end.unread.is_deep())
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;
    use crate::headers::message::MACH_MSGH_BITS;
    use crate::kernel::messages::send::send;
    use crate::sys::packet;
    use crate::sys::socket::link_pair;
    use crate::wire::layout::Header;
    use zerocopy::IntoBytes;

    const LONG: Duration = Duration::from_secs(60);
    const MESSAGES: usize = 8;

    #[test]
    fn a_sender_that_waits_goes_on_though_a_little_only_has_been_received() {
        let (receiving, sending) = link_pair().unwrap();
        let name = {
            let mut kernel = task::lock();
            let right = kernel.new_remote(sending, 7, 7, None);
            let end = kernel.sending_end(right.port().unwrap()).unwrap();
            end.unread.set_limit(1024);
            kernel.copyout_right(right).unwrap()
        };
        let header = Header {
            bits: MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
            size: 0,
            remote: name,
            local: 0,
            voucher: 0,
            id: 1,
        };
        let bytes = [header.as_bytes(), &[0; 2000]].concat();
        let send_one = move |option| send(&bytes, option, 0, &mut Vec::new());
        while send_one(MACH_SEND_TIMEOUT).is_ok() {}
        let (tell, told) = channel();
        let sender = thread::spawn(move || {
            for _ in 0..MESSAGES {
                let _ = tell.send(send_one(0).is_ok());
            }
        });
        for _ in 0..MESSAGES {
            // It wakes nobody: the end is far from what the kernel below calls writable.
            packet::receive(receiving.as_fd(), &mut [0; 4096]).unwrap();
            assert_eq!(told.recv_timeout(LONG), Ok(true));
        }
        sender.join().unwrap();
        task::lock().deallocate(name).unwrap();
    }
}
