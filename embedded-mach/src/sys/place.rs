//! Where the bytes of a packet are read to.
//!
//! The most of a long message is its body, which its receiver wants in a buffer of its own: there it is read to at once,
//! behind what stands before it in the packet. Nobody knows what a packet is before it has been read, so what is
//! no such message is put together again.

/// A vector with room for any packet, and somebody's memory in the place of a part of it.
#[derive(Debug, Default)]
pub(crate) struct Place {
    own: Vec<u8>,
    /// How many bytes of a packet come before that part.
    head: usize,
    /// Where that memory is, and how much of it there is: 0 if there is none.
    address: usize,
    len: usize,
}

impl Place {
    /// A place that is nothing but a vector.
    pub(crate) fn new(own: Vec<u8>) -> Self {
        Self {
            own,
            ..Self::default()
        }
    }

    /// A place whose bytes behind the first `head` are at `address`, as far as `len` goes.
    ///
    /// # Safety
    /// As long as the place is there, so many bytes can be written there, and nobody else uses them.
    pub(crate) unsafe fn with_body(own: Vec<u8>, head: usize, address: usize, len: usize) -> Self {
        let len = len.min(own.len().saturating_sub(head));
        Self {
            own,
            head,
            address,
            len,
        }
    }

    /// What a packet is read into, in the order of its bytes.
    pub(super) fn parts(&mut self) -> [libc::iovec; 3] {
        let part = |base: *mut u8, len| libc::iovec {
            iov_base: base.cast(),
            iov_len: len,
        };
        let before = self.head.min(self.own.len());
        let (head, rest) = self.own.split_at_mut(before);
        let rest = rest.get_mut(self.len..).unwrap_or_default();
        [
            part(head.as_mut_ptr(), head.len()),
            part(
                std::ptr::with_exposed_provenance_mut(self.address),
                self.len,
            ),
            part(rest.as_mut_ptr(), rest.len()),
        ]
    }

    /// A packet of so many bytes, if all of it is in the vector.
    pub(crate) fn whole(&self, came: usize) -> Option<&[u8]> {
        let is_here = self.len == 0 || came <= self.head;
        self.own.get(..came).filter(|_| is_here)
    }

    /// The head of a packet of so many bytes, and how many stand behind it, if all of those are in the memory.
    pub(crate) fn apart(&self, came: usize) -> Option<(&[u8], usize)> {
        let body = came
            .checked_sub(self.head)
            .filter(|&body| body <= self.len)?;
        Some((self.own.get(..self.head)?, body))
    }

    /// Puts a packet of so many bytes together in the vector, which has any room behind it, too.
    pub(crate) fn gather(&mut self, came: usize) -> &[u8] {
        let there = came.saturating_sub(self.head).min(self.len);
        let to = self.own.get_mut(self.head..).unwrap_or_default();
        if let Some(to) = to.get_mut(..there).filter(|to| !to.is_empty()) {
            let from = std::ptr::with_exposed_provenance::<u8>(self.address);
            // SAFETY: whoever made the place has promised that so many bytes are there, and it is no part of the vector.
            unsafe { to.as_mut_ptr().copy_from_nonoverlapping(from, to.len()) };
        }
        self.len = 0;
        &self.own
    }

    /// The vector, for the next packet.
    pub(crate) fn into_own(self) -> Vec<u8> {
        self.own
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;

    use super::*;
    use crate::sys::packet;
    use crate::sys::socket::link_pair;

    const HEAD: usize = 4;

    /// A packet of so many bytes as it comes to a place with memory for `len` behind its head, and that memory.
    fn arrive(bytes: &[u8], len: usize) -> (Place, Vec<u8>, usize) {
        let (receiving, sending) = link_pair().unwrap();
        packet::send(sending.as_fd(), [bytes, &[]], &[]).unwrap();
        let mut memory = vec![0; len];
        let address = memory.as_mut_ptr().expose_provenance();
        // SAFETY: nobody uses it until the place has been looked at.
        let mut place = unsafe { Place::with_body(vec![0; 16], HEAD, address, len) };
        let came = packet::receive_to(receiving.as_fd(), &mut place)
            .unwrap()
            .len;
        (place, memory, came)
    }

    #[test]
    fn the_body_of_a_packet_is_where_it_is_wanted() {
        let (place, memory, came) = arrive(b"headbody", 6);
        assert_eq!(place.apart(came), Some((&b"head"[..], 4)));
        assert_eq!(memory, b"body\0\0");
        assert_eq!(place.whole(came), None);
    }

    #[test]
    fn a_packet_is_put_together_however_long_it_is() {
        let all = b"headbodyrest1234";
        for len in [0, 3, 4, 12, 100] {
            for came in 1..=all.len() {
                let (mut place, _memory, arrived) = arrive(&all[..came], len);
                assert_eq!(arrived, came);
                assert_eq!(&place.gather(came)[..came], &all[..came]);
                assert_eq!(place.whole(came), Some(&all[..came]));
            }
        }
    }

    #[test]
    fn what_has_no_room_there_is_not_apart() {
        let (place, _memory, came) = arrive(b"headbody", 3);
        assert_eq!((place.apart(came), place.whole(came)), (None, None));
        let (place, _memory, came) = arrive(b"hea", 3);
        assert_eq!(place.apart(came), None);
        assert_eq!(place.whole(came), Some(&b"hea"[..]));
    }
}
