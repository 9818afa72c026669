//! The short way of a message that carries nothing but bytes.

use super::check::Checked;
use crate::headers::message::{MACH_MSG_TYPE_COPY_SEND, MACH_SEND_NOTIFY, mach_msg_option_t};
use crate::headers::port::MACH_PORT_TYPE_SEND;
use crate::kernel::Kernel;
use crate::sys::socket::{self, Outlook, outlook};
use crate::wire::plain;
use std::os::fd::AsFd;

impl Kernel {
    /// Sends a message without rights and memory to another task, if that can be done at once: whether it was done.
    ///
    /// The right that it goes through is copied, so that nothing is taken from its sender. If anything is in the way
    /// nothing has happened, and the long way will find out what it is.
    pub(super) fn send_plain(&mut self, message: &Checked<'_>, option: mach_msg_option_t) -> bool {
        let header = &message.header;
        if header.remote_disposition() != MACH_MSG_TYPE_COPY_SEND
            || header.local_disposition() != 0
            || header.is_complex()
            || option & MACH_SEND_NOTIFY != 0
        {
            return false;
        }
        let to = self.space.get(header.remote);
        let Some(end) = to
            .filter(|entry| entry.has(MACH_PORT_TYPE_SEND))
            .and_then(|entry| entry.port())
            .and_then(|key| self.port_mut(key)?.remote_mut()?.send.as_mut())
        else {
            return false;
        };
        if end.room == 0 {
            // What there was is used up, or not known.
            if outlook(end.fd.as_fd()) != Outlook::Writable {
                return false;
            }
            end.room = socket::room(end.fd.as_fd());
        }
        match plain::send(end.fd.as_fd(), header, message.body) {
            Some(len) => {
                end.room = end.room.saturating_sub(socket::weight(len));
                true
            }
            None => {
                end.room = 0;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::message::MACH_MSGH_BITS;
    use crate::kernel::messages::send::check::check;
    use crate::sys::socket::link_pair;
    use crate::wire::layout::Header;
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

    #[test]
    fn a_way_is_full_when_a_look_at_it_says_so() {
        let mut kernel = Kernel::new();
        let (_receiving, sending) = link_pair().unwrap();
        let counted = sending.try_clone().unwrap();
        let right = kernel.new_remote(sending, 7, 7, None);
        let bytes = to(kernel.copyout_right(right).unwrap());
        let message = check(&bytes).unwrap();
        let mut sent = 0;
        while outlook(counted.as_fd()) == Outlook::Writable {
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
        while outlook(end.as_fd()) == Outlook::Writable {
            plain::send(end.as_fd(), &header, message.body).unwrap();
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
