//! The two rights of a header: checked together, then taken together.

use crate::headers::message::{
    MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND,
    MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_REPLY,
    mach_msg_return_t,
};
use crate::headers::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, MACH_PORT_VALID, mach_port_name_t,
};
use crate::kernel::Kernel;
use crate::kernel::ports::port::{Port, Purpose};
use crate::kernel::ports::right::Right;
use crate::wire::layout::Header;

impl Kernel {
    /// Checks that the header's rights can be taken, both of them (Mach facts 25, 26 and 31): first that there is a
    /// destination, then the reply right, then the destination's right.
    pub(super) fn check_header(&mut self, header: &Header) -> Result<(), mach_msg_return_t> {
        let (to, reply) = (header.remote_disposition(), header.local_disposition());
        if !self.holds_port_right(header.remote) {
            return Err(MACH_SEND_INVALID_DEST);
        }
        if MACH_PORT_VALID(header.local) {
            self.check_reply(header.local, reply)?;
        }
        let dying = to == MACH_MSG_TYPE_MOVE_SEND_ONCE && self.is_unasked_send_once(header.remote);
        if !dying {
            self.check_copyin(header.remote, to, false, true)
                .map_err(|_| MACH_SEND_INVALID_DEST)?;
        }
        let both = to == MACH_MSG_TYPE_MOVE_SEND && reply == MACH_MSG_TYPE_MOVE_SEND;
        if both && header.remote == header.local {
            let refs = self.space.get(header.local).map_or(0, |entry| entry.urefs);
            if refs < 2 {
                return Err(MACH_SEND_INVALID_DEST);
            }
        }
        Ok(())
    }

    /// Whether a name is a port's and is not known to be dead.
    fn holds_port_right(&self, name: mach_port_name_t) -> bool {
        let rights = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_SEND_ONCE;
        self.space.get(name).is_some_and(|entry| entry.has(rights))
    }

    /// A send-once right that nobody asked to hear the end of is not looked at for death when it is a destination: a
    /// message to a dying port is destroyed with it.
    fn is_unasked_send_once(&self, name: mach_port_name_t) -> bool {
        self.space
            .get(name)
            .is_some_and(|entry| entry.has(MACH_PORT_TYPE_SEND_ONCE) && !entry.fired)
    }

    /// A dead name is no reply right. The right to a port that has died unnoticed still is one, and arrives dead.
    fn check_reply(
        &self,
        name: mach_port_name_t,
        disposition: u32,
    ) -> Result<(), mach_msg_return_t> {
        let entry = self.space.get(name).ok_or(MACH_SEND_INVALID_REPLY)?;
        let port = entry.port().and_then(|key| self.local(key));
        if port.is_some_and(|local| local.purpose == Purpose::Replies)
            && disposition != MACH_MSG_TYPE_MAKE_SEND_ONCE
        {
            return Err(MACH_SEND_INVALID_REPLY);
        }
        let dead = entry
            .port()
            .is_none_or(|key| self.port(key).is_none_or(Port::is_dead));
        let needed = match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE => MACH_PORT_TYPE_RECEIVE,
            _ if dead => MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE,
            MACH_MSG_TYPE_MOVE_SEND_ONCE => MACH_PORT_TYPE_SEND_ONCE,
            _ => MACH_PORT_TYPE_SEND,
        };
        if entry.has(needed) {
            Ok(())
        } else {
            Err(MACH_SEND_INVALID_REPLY)
        }
    }

    /// Whether a sender with `MACH_SEND_NOTIFY` has room (Mach fact 53): what its message's rights put into the queue while
    /// they are taken does not count then. That is so where a request stands, and still does once the destination is
    /// taken. Without room the request is armed, whatever becomes of the message.
    pub(super) fn finds_room(&mut self, header: &Header) -> bool {
        let Some(entry) = self.space.get(header.remote) else {
            return false;
        };
        let stays = header.remote_disposition() != MACH_MSG_TYPE_MOVE_SEND
            || entry.urefs > 1
            || entry.has(MACH_PORT_TYPE_RECEIVE);
        let once = [MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_MAKE_SEND_ONCE]
            .contains(&header.remote_disposition());
        if entry.request.is_none() || !stays || once {
            return false;
        }
        let full = entry.port().is_some_and(|key| self.is_full(key));
        if full {
            self.arm_send_possible(header.remote);
        }
        !full
    }

    /// Takes the destination and the reply right. Of one name a reference is moved last, after it was copied.
    pub(super) fn take_header_rights(&mut self, header: &Header) -> (Right, Right) {
        let (to, reply) = (header.remote_disposition(), header.local_disposition());
        if reply == 0 {
            return (self.take_right(header.remote, to), Right::Null);
        }
        if header.remote == header.local && to == MACH_MSG_TYPE_MOVE_SEND {
            let local = self.take_named(header.local, reply);
            (self.take_right(header.remote, to), local)
        } else {
            let remote = self.take_right(header.remote, to);
            (remote, self.take_named(header.local, reply))
        }
    }

    /// As `take_right`, but `MACH_PORT_NULL` and `MACH_PORT_DEAD` stand for themselves.
    fn take_named(&mut self, name: mach_port_name_t, disposition: u32) -> Right {
        match name {
            MACH_PORT_NULL => Right::Null,
            MACH_PORT_DEAD => Right::Dead,
            _ => {
                self.refresh(name);
                self.take_right(name, disposition)
            }
        }
    }
}
