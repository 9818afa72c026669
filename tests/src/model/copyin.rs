//! Rights out of names, and into them: `ipc_right_copyin` and `ipc_right_copyout`.

use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
    MACH_MSG_TYPE_PORT_RECEIVE, MACH_MSG_TYPE_PORT_SEND, MACH_MSG_TYPE_PORT_SEND_ONCE,
};
use mach_ports::ffi::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE,
    MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};

use super::space::{Object, UREFS_MAX};
use super::world::{Holder, PortId, Right, TaskId, World};

/// Why a name does not give a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Name,
    Right,
    /// The right is there, and its port is for replies alone.
    ForReplies,
}

/// The disposition with which a right arrives that is sent with `disposition`.
pub(super) fn arrival(disposition: u32) -> u32 {
    match disposition {
        MACH_MSG_TYPE_MOVE_RECEIVE => MACH_MSG_TYPE_PORT_RECEIVE,
        MACH_MSG_TYPE_MOVE_SEND | MACH_MSG_TYPE_COPY_SEND | MACH_MSG_TYPE_MAKE_SEND => {
            MACH_MSG_TYPE_PORT_SEND
        }
        MACH_MSG_TYPE_MOVE_SEND_ONCE | MACH_MSG_TYPE_MAKE_SEND_ONCE => MACH_MSG_TYPE_PORT_SEND_ONCE,
        _ => 0,
    }
}

pub(super) fn valid(name: u32) -> bool {
    name != MACH_PORT_NULL && name != MACH_PORT_DEAD
}

/// A right out of a name, and who is to hear that the name is gone.
pub(super) type Taken = (Right, Option<PortId>);

impl World {
    /// `ipc_right_check`: a name whose port has died becomes a dead name when somebody looks.
    pub(super) fn check(&mut self, task: TaskId, name: u32) {
        let Some(port) = self.entry(task, name).and_then(|entry| entry.port()) else {
            return;
        };
        if self.ports[port].alive() {
            return;
        }
        let slot = self.slot(port, task, name);
        let told = slot.is_some_and(|slot| self.ports[port].slots[slot].notify.is_some());
        let space = &mut self.tasks[task];
        let entry = space.names.get_mut(&name).expect("looked up above");
        if entry.has(MACH_PORT_TYPE_SEND) {
            self.ports[port].sends -= 1;
        } else {
            self.ports[port].onces -= 1;
        }
        let former = entry.clone();
        entry.rights = MACH_PORT_TYPE_DEAD_NAME;
        entry.object = Object::Nothing;
        entry.requested = false;
        if told {
            entry.add(1);
        }
        space.forget_home(&former, name);
    }

    pub(super) fn slot(&self, port: PortId, task: TaskId, name: u32) -> Option<usize> {
        let slots = &self.ports[port].slots;
        slots.iter().position(|s| s.task == task && s.name == name)
    }

    /// Ends the request on a name; the right it held.
    pub(super) fn cancel(&mut self, task: TaskId, name: u32) -> Option<PortId> {
        let entry = self.entry_mut(task, name)?;
        entry.requested = false;
        let port = entry.port()?;
        let slot = self.slot(port, task, name)?;
        self.ports[port].slots.remove(slot).notify
    }

    pub(super) fn make_send(&mut self, port: PortId) -> Right {
        self.ports[port].make_sends += 1;
        self.copy_send(port)
    }

    pub(super) fn copy_send(&mut self, port: PortId) -> Right {
        self.ports[port].sends += 1;
        Right::Send(port)
    }

    pub(super) fn make_once(&mut self, port: PortId) -> Right {
        self.ports[port].onces += 1;
        Right::Once(port)
    }

    /// Whether a right is held whose port is not for that: of a port for replies there are send-once rights only, each made as
    /// the reply port of a message, and all that can be done with one is to reply.
    fn is_for_replies(&self, task: TaskId, name: u32, disposition: u32) -> bool {
        let needed = match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE | MACH_MSG_TYPE_MOVE_RECEIVE => {
                MACH_PORT_TYPE_RECEIVE
            }
            MACH_MSG_TYPE_MOVE_SEND_ONCE => MACH_PORT_TYPE_SEND_ONCE,
            _ => MACH_PORT_TYPE_SEND,
        };
        let entry = self.entry(task, name).filter(|entry| entry.has(needed));
        let port = entry.and_then(|entry| entry.port());
        port.is_some_and(|port| self.ports[port].for_replies && self.ports[port].alive())
    }

    /// As [`World::copyin_any`], for a right that its port is for.
    pub(super) fn copyin(
        &mut self,
        task: TaskId,
        name: u32,
        disposition: u32,
        dead_ok: bool,
        dying_ok: bool,
    ) -> Result<Taken, Refusal> {
        let replies = dying_ok && disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE;
        if !replies && self.is_for_replies(task, name, disposition) {
            return Err(Refusal::ForReplies);
        }
        self.copyin_any(task, name, disposition, dead_ok, dying_ok)
    }

    /// `ipc_right_copyin`. `dead_ok`: a dead name gives a dead right; `dying_ok`: a send-once right of a port that has
    /// died passes as long as nobody has looked.
    pub(super) fn copyin_any(
        &mut self,
        task: TaskId,
        name: u32,
        disposition: u32,
        dead_ok: bool,
        dying_ok: bool,
    ) -> Result<Taken, Refusal> {
        let entry = self.entry(task, name).ok_or(Refusal::Name)?;
        let receive = entry.has(MACH_PORT_TYPE_RECEIVE);
        let dying = dying_ok && entry.has(MACH_PORT_TYPE_SEND_ONCE) && !entry.requested;
        match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE | MACH_MSG_TYPE_MOVE_RECEIVE
                if !receive =>
            {
                return Err(Refusal::Right);
            }
            MACH_MSG_TYPE_MAKE_SEND => {
                let port = entry.port().expect("a receive right");
                return Ok((self.make_send(port), None));
            }
            MACH_MSG_TYPE_MAKE_SEND_ONCE => {
                let port = entry.port().expect("a receive right");
                return Ok((self.make_once(port), None));
            }
            MACH_MSG_TYPE_MOVE_RECEIVE => return Ok(self.take_receive(task, name)),
            MACH_MSG_TYPE_COPY_SEND | MACH_MSG_TYPE_MOVE_SEND => self.check(task, name),
            MACH_MSG_TYPE_MOVE_SEND_ONCE if !dying => self.check(task, name),
            MACH_MSG_TYPE_MOVE_SEND_ONCE => {}
            _ => return Err(Refusal::Right),
        }
        let entry = self.entry(task, name).ok_or(Refusal::Name)?;
        if entry.has(MACH_PORT_TYPE_DEAD_NAME) {
            if !dead_ok {
                return Err(Refusal::Right);
            }
            if disposition != MACH_MSG_TYPE_COPY_SEND {
                self.drop_references(task, name, 1);
            }
            return Ok((Right::Dead, None));
        }
        let needed = if disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE {
            MACH_PORT_TYPE_SEND_ONCE
        } else {
            MACH_PORT_TYPE_SEND
        };
        if !entry.has(needed) {
            return Err(Refusal::Right);
        }
        let port = entry.port().expect("a send right");
        Ok(match disposition {
            MACH_MSG_TYPE_COPY_SEND => (self.copy_send(port), None),
            MACH_MSG_TYPE_MOVE_SEND => {
                let right = self.copy_send(port);
                let (gone, deleted) = self.drop_references(task, name, 1);
                // It is the name's own right that moves: nobody has lost the last one.
                if gone {
                    self.ports[port].sends -= 1;
                }
                (right, deleted)
            }
            _ => {
                let deleted = self.cancel(task, name);
                self.tasks[task].remove(name);
                (Right::Once(port), deleted)
            }
        })
    }

    fn take_receive(&mut self, task: TaskId, name: u32) -> Taken {
        let entry = self.entry_mut(task, name).expect("a receive right");
        let port = entry.port().expect("a receive right");
        let deleted = if entry.has(MACH_PORT_TYPE_SEND) {
            entry.rights &= !MACH_PORT_TYPE_RECEIVE;
            None
        } else {
            let deleted = self.cancel(task, name);
            self.tasks[task].remove(name);
            deleted
        };
        self.clear_receiver(port);
        (Right::Receive(port), deleted)
    }

    /// Takes references off a send right or dead name. Whether the name's right is gone with them, which is not yet
    /// counted off, and who is to hear if its name is gone too.
    pub(super) fn drop_references(
        &mut self,
        task: TaskId,
        name: u32,
        count: u32,
    ) -> (bool, Option<PortId>) {
        let entry = self.entry_mut(task, name).expect("a counted right");
        if entry.references == UREFS_MAX && count < UREFS_MAX {
            return (false, None);
        }
        if entry.references > count {
            entry.references -= count;
            return (false, None);
        }
        if entry.has(MACH_PORT_TYPE_RECEIVE) {
            entry.rights &= !MACH_PORT_TYPE_SEND;
            entry.references = 1;
            return (true, None);
        }
        let deleted = self.cancel(task, name);
        self.tasks[task].remove(name);
        (true, deleted)
    }

    /// Gives a right a name, `chosen` if it has none of its own.
    pub(super) fn copyout(&mut self, task: TaskId, right: Right, chosen: Option<u32>) -> u32 {
        let (port, bit) = match right {
            Right::Null => return MACH_PORT_NULL,
            Right::Dead => return MACH_PORT_DEAD,
            Right::Send(port) => (port, MACH_PORT_TYPE_SEND),
            Right::Once(port) => (port, MACH_PORT_TYPE_SEND_ONCE),
            Right::Receive(port) => (port, MACH_PORT_TYPE_RECEIVE),
        };
        if !self.ports[port].alive() {
            return MACH_PORT_DEAD;
        }
        if bit == MACH_PORT_TYPE_RECEIVE {
            self.ports[port].holder = Holder::Task(task);
        }
        let space = &mut self.tasks[task];
        let home = space.home.get(&port).copied();
        if let Some(name) = home.filter(|_| bit != MACH_PORT_TYPE_SEND_ONCE) {
            let entry = space.names.get_mut(&name).expect("a home is a name");
            if entry.has(MACH_PORT_TYPE_SEND) && bit == MACH_PORT_TYPE_SEND {
                entry.add(1);
                self.ports[port].sends -= 1;
            }
            entry.rights |= bit;
            return name;
        }
        let name = chosen.unwrap_or_else(|| space.mint());
        space.enter(name, bit, Object::Port(port));
        name
    }
}
