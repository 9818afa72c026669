//! What queue limit a port has, told to who sends to it from other tasks.
//!
//! A right says it when it is made, and of a bootstrap name it is the usual one as far as anybody knows. When it changes
//! that is said back over each link. Who sends may not read there what a stranger might read as well, but may ask how many
//! bytes have come: so all that is ever said has together as many as the limit says, but for whole rounds of [`ROUND`].

use std::os::fd::{AsFd, BorrowedFd};

use crate::headers::port::{MACH_PORT_QLIMIT_DEFAULT, MACH_PORT_QLIMIT_MAX};
use crate::kernel::Kernel;
use crate::kernel::ports::ids::{LinkKey, PortKey};
use crate::sys::unread;
use crate::wire::parcel;
use crate::wire::tree::Packet;

/// More than the highest limit, and 0 for nothing said.
const ROUND: usize = 2048;

/// What has been said of the limit over a link.
#[derive(Debug)]
pub(crate) struct Said {
    /// What its holder takes the limit for.
    limit: u32,
    /// How many bytes it took to say so.
    bytes: usize,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            limit: MACH_PORT_QLIMIT_DEFAULT,
            bytes: 0,
        }
    }
}

impl Said {
    /// The holder of the link has been told this limit with its right.
    pub(crate) fn with_right(limit: u32) -> Self {
        Self { limit, bytes: 0 }
    }

    /// So many bytes had been said when the link came.
    pub(crate) fn before(limit: u32, said: u16) -> Self {
        let bytes = usize::from(said) % ROUND;
        Self { limit, bytes }
    }

    pub(crate) fn said(&self) -> u16 {
        (self.bytes % ROUND) as u16
    }

    /// The packet that says another limit.
    fn packet(&self, limit: u32) -> Packet {
        let least = parcel::len_of_limit();
        let wanted = (limit as usize).saturating_add(1);
        let said = self.bytes.saturating_add(least) % ROUND;
        // Of the next round, so that it is never less than what has been said.
        let more = wanted.saturating_add(2 * ROUND).saturating_sub(said) % ROUND;
        Packet::Limit(limit, more)
    }

    fn has_said(&mut self, limit: u32, len: usize) {
        self.limit = limit;
        self.bytes = self.bytes.saturating_add(len) % ROUND;
    }
}

/// The limit that has been said to who sends by an end, if any has.
pub(crate) fn heard(end: BorrowedFd<'_>) -> Option<u32> {
    let limit = (unread::waiting(end) % ROUND).checked_sub(1)?;
    Some((limit as u32).min(MACH_PORT_QLIMIT_MAX))
}

impl Kernel {
    /// Says a port's limit over all links whose holders take it for another.
    pub(crate) fn say_limit(&mut self, port: PortKey) {
        let links = self.local(port).map(|local| local.links.clone());
        for link in links.unwrap_or_default() {
            self.say_limit_over(link);
        }
    }

    /// The holder of a link has not been told the limit with its right.
    pub(crate) fn forget_said(&mut self, key: LinkKey) {
        if let Some(link) = self.links.get_mut(key) {
            link.limit = Said::default();
        }
        self.say_limit_over(key);
    }

    /// Says a port's limit over a link whose holder takes it for another. Without room for that nothing is said.
    pub(crate) fn say_limit_over(&mut self, key: LinkKey) {
        let Some(port) = self.links.get(key).map(|link| link.port) else {
            return;
        };
        let Some(limit) = self.local(port).map(|local| local.qlimit) else {
            return;
        };
        let Some(link) = self.links.get_mut(key) else {
            return;
        };
        if link.once || link.left || link.limit.limit == limit {
            return;
        }
        if let Ok(len) = parcel::send(link.fd.as_fd(), &link.limit.packet(limit)) {
            link.limit.has_said(limit, len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::socket::link_pair;

    #[test]
    fn the_last_limit_is_heard_without_a_read() {
        let (receiving, sending) = link_pair().unwrap();
        let mut said = Said::default();
        assert_eq!(heard(sending.as_fd()), None);
        for limit in [6, 5, 0, 1024, 1, 1023, 7] {
            let len = parcel::send(receiving.as_fd(), &said.packet(limit)).unwrap();
            said.has_said(limit, len);
            assert_eq!(heard(sending.as_fd()), Some(limit));
            // As when the port moves.
            said = Said::before(limit, said.said());
        }
    }
}
