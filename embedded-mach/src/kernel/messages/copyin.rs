//! From a task's names to rights: what a sender's message names is taken from its name space.

use crate::headers::kern_return::{
    KERN_INVALID_CAPABILITY, KERN_INVALID_NAME, KERN_INVALID_RIGHT, kern_return_t,
};
use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
    MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE,
    mach_msg_type_name_t,
};
use crate::headers::port::{
    MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE, mach_port_name_t,
};
use crate::kernel::Kernel;
use crate::kernel::namespace::guards::{Violation, violated};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Guard, Holder, Purpose};
use crate::kernel::ports::right::Right;

/// Why a name does not give the right that a disposition asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such name.
    Name,
    /// The name does not hold such a right.
    Right,
    /// It did, but the port is dead.
    Dead,
    /// The right must not leave its name, or not be made.
    Immovable,
}

impl Refusal {
    /// What calls on names say of it.
    pub(crate) fn code(self) -> kern_return_t {
        match self {
            Self::Name => KERN_INVALID_NAME,
            Self::Right => KERN_INVALID_RIGHT,
            Self::Dead | Self::Immovable => KERN_INVALID_CAPABILITY,
        }
    }
}

/// The disposition that a right sent under `disposition` arrives with; 0 for none that exists.
pub(crate) fn arrival(disposition: mach_msg_type_name_t) -> mach_msg_type_name_t {
    match disposition {
        MACH_MSG_TYPE_MOVE_RECEIVE => MACH_MSG_TYPE_PORT_RECEIVE,
        MACH_MSG_TYPE_MOVE_SEND | MACH_MSG_TYPE_COPY_SEND | MACH_MSG_TYPE_MAKE_SEND => {
            MACH_MSG_TYPE_PORT_SEND
        }
        MACH_MSG_TYPE_MOVE_SEND_ONCE | MACH_MSG_TYPE_MAKE_SEND_ONCE => MACH_MSG_TYPE_PORT_SEND_ONCE,
        _ => 0,
    }
}

/// Whether a disposition makes or hands on a right to send.
pub(crate) fn is_send_disposition(disposition: mach_msg_type_name_t) -> bool {
    (MACH_MSG_TYPE_MOVE_SEND..=MACH_MSG_TYPE_MAKE_SEND_ONCE).contains(&disposition)
}

impl Kernel {
    /// Whether [`Kernel::copyin_right`] would succeed. `dead_ok`: a dead name passes, as [`Right::Dead`]. `to`: the right is
    /// a message's destination.
    pub(crate) fn check_copyin(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
        dead_ok: bool,
        to: bool,
    ) -> Result<(), Refusal> {
        let (needed, from_dead) = match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE | MACH_MSG_TYPE_MOVE_RECEIVE => {
                (MACH_PORT_TYPE_RECEIVE, false)
            }
            MACH_MSG_TYPE_COPY_SEND | MACH_MSG_TYPE_MOVE_SEND => (MACH_PORT_TYPE_SEND, true),
            MACH_MSG_TYPE_MOVE_SEND_ONCE => (MACH_PORT_TYPE_SEND_ONCE, true),
            _ if self.space.get(name).is_none() => return Err(Refusal::Name),
            _ => return Err(Refusal::Right),
        };
        if from_dead {
            // Where a right is asked for that can die, and nowhere else, its death is noticed.
            self.refresh(name);
        }
        let entry = self.space.get(name).ok_or(Refusal::Name)?;
        if entry.has(MACH_PORT_TYPE_DEAD_NAME) && from_dead {
            return if dead_ok { Ok(()) } else { Err(Refusal::Dead) };
        }
        if !entry.has(needed) {
            return Err(Refusal::Right);
        }
        let Some(local) = entry.port().and_then(|key| self.local(key)) else {
            return Ok(());
        };
        let stays = local.immovable || local.purpose != Purpose::Any;
        let violation = match disposition {
            MACH_MSG_TYPE_MOVE_RECEIVE if stays => Violation::Immovable,
            MACH_MSG_TYPE_MOVE_RECEIVE => return Ok(()),
            // A reply is what a send-once right of a reply port is for, and other rights to it there should be none.
            MACH_MSG_TYPE_MOVE_SEND_ONCE if to => return Ok(()),
            _ if local.purpose == Purpose::Replies => Violation::ReplyPort,
            _ => return Ok(()),
        };
        violated(name, violation);
        Err(Refusal::Immovable)
    }

    /// Takes the right that `disposition` asks for from a name.
    pub(crate) fn copyin_right(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
        dead_ok: bool,
    ) -> Result<Right, Refusal> {
        self.check_copyin(name, disposition, dead_ok, false)?;
        Ok(self.take_right(name, disposition))
    }

    /// Takes a right that a check has found to be there.
    pub(crate) fn take_right(
        &mut self,
        name: mach_port_name_t,
        disposition: mach_msg_type_name_t,
    ) -> Right {
        let Some(entry) = self.space.get(name) else {
            return Right::Dead;
        };
        let Some(key) = entry.port() else {
            if disposition != MACH_MSG_TYPE_COPY_SEND {
                self.drop_urefs(name, 1);
            }
            return Right::Dead;
        };
        match disposition {
            MACH_MSG_TYPE_MAKE_SEND => self.make_send(key),
            MACH_MSG_TYPE_MAKE_SEND_ONCE => self.make_send_once(key),
            MACH_MSG_TYPE_COPY_SEND => self.copy_send(key),
            MACH_MSG_TYPE_MOVE_SEND => {
                let right = self.copy_send(key);
                self.drop_urefs(name, 1);
                right
            }
            MACH_MSG_TYPE_MOVE_SEND_ONCE => {
                self.remove_name(name);
                Right::SendOnce(key)
            }
            _ => self.take_receive(name, key),
        }
    }

    fn take_receive(&mut self, name: mach_port_name_t, key: PortKey) -> Right {
        self.leave_task(key);
        match self.space.get_mut(name) {
            Some(entry) if entry.has(MACH_PORT_TYPE_SEND) => {
                entry.bits &= !MACH_PORT_TYPE_RECEIVE;
            }
            _ => {
                self.remove_name(name);
            }
        }
        Right::Receive(key)
    }

    /// The holder of a receive right that is leaving this task's names.
    pub(crate) fn leave_task(&mut self, key: PortKey) {
        self.leave_sets(key);
        if let Some(local) = self.local_mut(key) {
            local.holder = Holder::Transit(None);
            local.seqno = 0;
            local.mscount = 0;
            local.context = 0;
            local.guard = Guard::None;
            local.immovable = false;
            local.moves = local.moves.wrapping_add(1);
            local.receivers.wake_all();
            if let Some(signal) = local.signal.take() {
                signal.end();
            }
        }
    }
}
