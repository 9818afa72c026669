//! The short way of a message that carries nothing but bytes.

use super::check::Checked;
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE,
    MACH_SEND_NOTIFY, mach_msg_option_t,
};
use crate::headers::port::{MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE};
use crate::kernel::Kernel;
use crate::kernel::other_tasks::slots::SMALL;
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::SendingEnd;
use crate::wire::layout::Header;
use crate::wire::plain;
use std::os::fd::AsFd;

impl Kernel {
    /// Sends a message without rights and memory to another task, if that can be done at once: whether it was done. A
    /// reply right may be made for it.
    ///
    /// If anything is in the way nothing has happened, and the long way will find out what it is.
    pub(super) fn send_plain(&mut self, message: &Checked<'_>, option: mach_msg_option_t) -> bool {
        let header = &message.header;
        if !Self::is_plain(header, option) {
            return false;
        }
        match (header.remote_disposition(), header.local_disposition()) {
            (MACH_MSG_TYPE_COPY_SEND, 0 | MACH_MSG_TYPE_MAKE_SEND_ONCE) => {
                self.send_plainly(header, message.body)
            }
            (MACH_MSG_TYPE_MOVE_SEND_ONCE, 0) => self.reply_plainly(header, message.body),
            _ => false,
        }
    }

    /// Whether a message may go the short way.
    pub(super) fn is_plain(header: &Header, option: mach_msg_option_t) -> bool {
        !header.is_complex() && option & MACH_SEND_NOTIFY == 0
    }

    /// By a right that is copied, so that nothing is taken from its sender.
    fn send_plainly(&mut self, header: &Header, body: &[u8]) -> bool {
        let to = self.space.get(header.remote);
        let Some(to) = to
            .filter(|entry| entry.has(MACH_PORT_TYPE_SEND))
            .and_then(|entry| entry.port())
        else {
            return false;
        };
        if !self.has_room(to) {
            return false;
        }
        let opened = if header.local_disposition() == 0 {
            None
        } else {
            let replies = self.space.get(header.local);
            let replies = replies.filter(|entry| entry.has(MACH_PORT_TYPE_RECEIVE));
            let Some(opened) = replies
                .and_then(|entry| entry.port())
                .and_then(|port| self.open_known_slot(to, port))
            else {
                return false;
            };
            Some(opened)
        };
        let slot = opened.as_ref().map(|opened| opened.slot);
        let Some(end) = self.sending_end(to) else {
            return false;
        };
        let most = end.unread.inline();
        let sent = plain::send_within(end.fd.as_fd(), header, body, slot, most);
        match sent {
            Some(len) => end.unread.add_message(len),
            None => end.unread.forget_room(),
        }
        if sent.is_none()
            && let Some(opened) = opened
        {
            self.close_slot(&opened);
        }
        sent.is_some()
    }

    /// Whether a message surely has room on the way to a port of another task.
    pub(super) fn has_room(&mut self, to: PortKey) -> bool {
        let Some(end) = self.sending_end(to) else {
            return false;
        };
        if end.unread.has_room() {
            return true;
        }
        // What there was is used up, or not known.
        self.hear_limit(to);
        self.sending_end(to)
            .is_some_and(|end| end.unread.look(end.fd.as_fd()))
    }

    pub(crate) fn sending_end(&mut self, to: PortKey) -> Option<&mut SendingEnd> {
        self.port_mut(to)?.remote_mut()?.send.as_mut()
    }

    /// By a send-once right that is a slot.
    fn reply_plainly(&mut self, header: &Header, body: &[u8]) -> bool {
        let to = self.space.get(header.remote);
        let unasked = to.filter(|entry| {
            entry.has(MACH_PORT_TYPE_SEND_ONCE) && entry.request.is_none() && !entry.fired
        });
        let Some(key) = unasked.and_then(|entry| entry.port()) else {
            return false;
        };
        let Some((link, slot)) = self.slot_of(key).filter(|_| body.len() <= SMALL) else {
            return false;
        };
        let Some(fd) = self.answering_end(link, slot) else {
            return false;
        };
        if plain::send_back(fd.as_fd(), slot, header, body).is_none() {
            return false;
        }
        // Slot rule 14: now, and not before.
        self.answered(link, slot);
        self.remove_name(header.remote);
        self.send_once_used(key);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::message::MACH_MSGH_BITS;
    use crate::kernel::messages::send::check::check;
    use crate::sys::socket::{buffered, link_pair};
    use zerocopy::IntoBytes;

    fn to(name: u32) -> Vec<u8> {
        let header = Header {
            bits: MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
            size: 0,
            remote: name,
            local: 0,
            voucher: 0,
            id: 1,
        };
        [header.as_bytes(), &[0; 40]].concat()
    }

    /// Whether less of an end's buffer is full than so many eighths.
    fn has_room(end: &impl AsFd, eighths: u32) -> bool {
        let (buffer, queued) = buffered(end.as_fd()).unwrap();
        queued <= buffer / 8 * eighths
    }

    #[test]
    fn a_way_is_full_when_a_look_at_it_says_so() {
        for (limit, eighths) in [(127, 2), (1024, 5)] {
            fills(limit, eighths);
        }
    }

    fn fills(limit: u32, eighths: u32) {
        let mut kernel = Kernel::new();
        let (_receiving, sending) = link_pair().unwrap();
        let counted = sending.try_clone().unwrap();
        let right = kernel.new_remote(sending, 7, 7, None);
        let end = kernel.sending_end(right.port().unwrap()).unwrap();
        end.unread.set_limit(limit);
        let bytes = [to(kernel.copyout_right(right).unwrap()), vec![0; 2000]].concat();
        let message = check(&bytes).unwrap();
        let mut sent = 0;
        while has_room(&counted, eighths) {
            assert!(kernel.send_plain(&message, 0));
            sent += 1;
        }
        assert!(!kernel.send_plain(&message, 0));
        // One more than has room, as one look before each message would have it.
        let (_other, end) = link_pair().unwrap();
        let header = Header {
            remote: 1,
            ..message.header
        };
        let mut expected = 0;
        while has_room(&end, eighths) {
            plain::send(end.as_fd(), &header, message.body, None).unwrap();
            expected += 1;
        }
        assert_eq!(sent, expected);
    }

    #[test]
    fn what_is_not_plain_or_finds_nobody_is_left_to_the_long_way() {
        let mut kernel = Kernel::new();
        let (receiving, sending) = link_pair().unwrap();
        let right = kernel.new_remote(sending, 7, 7, None);
        let bytes = to(kernel.copyout_right(right).unwrap());
        let mut message = check(&bytes).unwrap();
        assert!(!kernel.send_plain(&message, MACH_SEND_NOTIFY));
        assert!(kernel.send_plain(&message, 0));
        message.header.remote += 4;
        assert!(!kernel.send_plain(&message, 0));
        message.header.remote -= 4;
        drop(receiving);
        assert!(!kernel.send_plain(&message, 0));
    }
}
