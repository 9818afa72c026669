//! The calls on names, and on what receive rights tell of themselves.

use mach_ports::ffi::kern_return::{
    KERN_INVALID_CAPABILITY, KERN_INVALID_NAME, KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
    KERN_NAME_EXISTS, KERN_RIGHT_EXISTS, KERN_SUCCESS,
};
use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE,
};
use mach_ports::ffi::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_QLIMIT_MAX, MACH_PORT_RIGHT_DEAD_NAME,
    MACH_PORT_RIGHT_NUMBER, MACH_PORT_RIGHT_PORT_SET, MACH_PORT_RIGHT_RECEIVE,
    MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE, MACH_PORT_TYPE_DEAD_NAME,
    MACH_PORT_TYPE_DNREQUEST, MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND,
    MACH_PORT_TYPE_SEND_ONCE,
};

use super::call::Outcome;
use super::copyin::{Refusal, arrival, valid};
use super::space::{Entry, Object, UREFS_MAX};
use super::world::{PortId, Right, TaskId, World};

/// What a call that gives nothing comes to.
pub(super) type Done = Result<(), i32>;

pub(super) fn code(refusal: Refusal) -> i32 {
    match refusal {
        Refusal::Name => KERN_INVALID_NAME,
        Refusal::Right => KERN_INVALID_RIGHT,
        Refusal::ForReplies => KERN_INVALID_CAPABILITY,
    }
}

pub(super) fn outcome(done: Done) -> Outcome {
    Outcome::Code(done.err().unwrap_or(KERN_SUCCESS))
}

impl World {
    pub(super) fn allocate(&mut self, task: TaskId, right: u32) -> Outcome {
        let (bits, object) = match right {
            MACH_PORT_RIGHT_RECEIVE => (MACH_PORT_TYPE_RECEIVE, Object::Port(self.new_port(task))),
            MACH_PORT_RIGHT_PORT_SET => {
                self.sets.push(Vec::new());
                (MACH_PORT_TYPE_PORT_SET, Object::Set(self.sets.len() - 1))
            }
            MACH_PORT_RIGHT_DEAD_NAME => (MACH_PORT_TYPE_DEAD_NAME, Object::Nothing),
            _ => return Outcome::Code(KERN_INVALID_VALUE),
        };
        let name = self.tasks[task].mint();
        self.tasks[task].enter(name, bits, object);
        Outcome::Name(name)
    }

    pub(super) fn create_reply_port(&mut self, task: TaskId) -> Outcome {
        let made = self.allocate(task, MACH_PORT_RIGHT_RECEIVE);
        if let Some(port) = self.ports.last_mut() {
            port.for_replies = true;
        }
        made
    }

    /// A name that is there, as it stands once somebody has looked.
    fn look(&mut self, task: TaskId, name: u32) -> Result<&mut Entry, i32> {
        self.check(task, name);
        self.entry_mut(task, name).ok_or(KERN_INVALID_NAME)
    }

    /// The port of a receive right.
    pub(super) fn receive_right(&self, task: TaskId, name: u32) -> Result<PortId, i32> {
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?;
        match entry.port() {
            Some(port) if entry.has(MACH_PORT_TYPE_RECEIVE) => Ok(port),
            _ => Err(KERN_INVALID_RIGHT),
        }
    }

    /// The port of a receive right whose attributes are asked for.
    fn attributed(&self, task: TaskId, name: u32) -> Result<PortId, i32> {
        if valid(name) {
            self.receive_right(task, name)
        } else {
            Err(KERN_INVALID_RIGHT)
        }
    }

    pub(super) fn insert_right(
        &mut self,
        task: TaskId,
        name: u32,
        poly: u32,
        disposition: u32,
    ) -> Done {
        // At a right's own name nobody asks what its port is for.
        let shorter = [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND].contains(&disposition);
        let taken = if shorter && name == poly {
            self.copyin_any(task, poly, disposition, true, false)
        } else {
            self.copyin(task, poly, disposition, true, false)
        };
        let (right, deleted) = taken.map_err(code)?;
        self.port_deleted(deleted, task, poly);
        let refused = match right {
            _ if !valid(name) => Some(KERN_INVALID_VALUE),
            Right::Null | Right::Dead => return Err(KERN_INVALID_CAPABILITY),
            Right::Once(_) => self.entry(task, name).map(|_| KERN_NAME_EXISTS),
            Right::Send(port) | Right::Receive(port) => match self.tasks[task].home.get(&port) {
                Some(&home) => (home != name).then_some(KERN_RIGHT_EXISTS),
                None => self.entry(task, name).map(|_| KERN_NAME_EXISTS),
            },
        };
        if let Some(code) = refused {
            self.release(right);
            return Err(code);
        }
        self.copyout(task, right, Some(name));
        Ok(())
    }

    pub(super) fn extract_right(&mut self, task: TaskId, name: u32, disposition: u32) -> Outcome {
        if !(MACH_MSG_TYPE_MOVE_RECEIVE..=MACH_MSG_TYPE_MAKE_SEND_ONCE).contains(&disposition) {
            return Outcome::Code(KERN_INVALID_VALUE);
        }
        if !valid(name) {
            return Outcome::Code(KERN_INVALID_RIGHT);
        }
        match self.copyin(task, name, disposition, true, false) {
            Err(refusal) => Outcome::Code(code(refusal)),
            Ok((right, deleted)) => {
                self.port_deleted(deleted, task, name);
                Outcome::Right(self.copyout(task, right, None), arrival(disposition))
            }
        }
    }

    /// Drops references of a send right or dead name that are there, and tells whom it concerns.
    fn let_go(&mut self, task: TaskId, name: u32, count: u32) {
        let port = self.entry(task, name).and_then(Entry::port);
        let (gone, deleted) = self.drop_references(task, name, count);
        if let Some(port) = port.filter(|_| gone) {
            self.release(Right::Send(port));
        }
        self.port_deleted(deleted, task, name);
    }

    fn drop_once(&mut self, task: TaskId, name: u32) {
        let deleted = self.cancel(task, name);
        let entry = self.tasks[task].remove(name);
        self.release(Right::Once(entry.port().expect("a send-once right")));
        self.port_deleted(deleted, task, name);
    }

    /// `ipc_right_delta` of a receive right.
    fn drop_receive(&mut self, task: TaskId, name: u32) {
        let space = &mut self.tasks[task];
        let entry = space.names.get_mut(&name).expect("a receive right");
        let port = entry.port().expect("a receive right");
        let mut deleted = None;
        if entry.has(MACH_PORT_TYPE_SEND) && self.ports[port].destroyed.is_some() {
            entry.rights &= !MACH_PORT_TYPE_RECEIVE;
        } else if entry.has(MACH_PORT_TYPE_SEND) {
            let former = entry.clone();
            entry.rights = MACH_PORT_TYPE_DEAD_NAME;
            entry.object = Object::Nothing;
            if std::mem::take(&mut entry.requested) {
                entry.add(1);
            }
            // A dead port has no senders to lose.
            space.forget_home(&former, name);
        } else {
            deleted = self.cancel(task, name);
            self.tasks[task].remove(name);
        }
        self.destroy_port(port);
        self.port_deleted(deleted, task, name);
    }

    fn destroy_set(&mut self, task: TaskId, name: u32) {
        if let Object::Set(set) = self.tasks[task].remove(name).object {
            for member in std::mem::take(&mut self.sets[set]) {
                self.ports[member].sets.retain(|&other| other != set);
            }
        }
    }

    pub(super) fn deallocate(&mut self, task: TaskId, name: u32) -> Done {
        if !valid(name) {
            return Ok(());
        }
        let entry = self.look(task, name)?;
        if entry.has(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME) {
            self.let_go(task, name, 1);
        } else if entry.has(MACH_PORT_TYPE_SEND_ONCE) {
            self.drop_once(task, name);
        } else if entry.has(MACH_PORT_TYPE_PORT_SET) {
            self.destroy_set(task, name);
        } else {
            return Err(KERN_INVALID_RIGHT);
        }
        Ok(())
    }

    /// `ipc_right_destroy`: the port first, then who waits for no senders, then who asked about the name.
    pub(super) fn destroy(&mut self, task: TaskId, name: u32) -> Done {
        if !valid(name) {
            return Ok(());
        }
        self.check(task, name);
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?.clone();
        let Object::Port(port) = entry.object else {
            self.destroy_set(task, name);
            return Ok(());
        };
        let deleted = self.cancel(task, name);
        self.tasks[task].remove(name);
        let no_senders = if entry.has(MACH_PORT_TYPE_SEND) {
            self.release_send_quietly(Right::Send(port))
        } else {
            None
        };
        if entry.has(MACH_PORT_TYPE_RECEIVE) {
            self.release(Right::Receive(port));
        } else if entry.has(MACH_PORT_TYPE_SEND_ONCE) {
            self.release(Right::Once(port));
        }
        if let Some(no_senders) = no_senders {
            self.tell_no_senders(no_senders);
        }
        self.port_deleted(deleted, task, name);
        Ok(())
    }

    pub(super) fn mod_refs(&mut self, task: TaskId, name: u32, right: u32, delta: i32) -> Done {
        if right >= MACH_PORT_RIGHT_NUMBER {
            return Err(KERN_INVALID_VALUE);
        }
        let sends = [MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE].contains(&right);
        if !valid(name) {
            return if sends {
                Ok(())
            } else {
                Err(KERN_INVALID_NAME)
            };
        }
        let bit = 1 << (right + 16);
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?;
        // Only where a right is held that can die, or the dead one is asked for, does anybody look.
        if right == MACH_PORT_RIGHT_DEAD_NAME || entry.has(bit) {
            self.check(task, name);
        }
        let entry = self.entry_mut(task, name).ok_or(KERN_INVALID_NAME)?;
        if right > MACH_PORT_RIGHT_DEAD_NAME || !entry.has(bit) {
            return Err(KERN_INVALID_RIGHT);
        }
        if [MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_DEAD_NAME].contains(&right) {
            let size = delta.unsigned_abs();
            let below = delta < 0 && size > entry.references;
            if size > UREFS_MAX || below {
                return Err(KERN_INVALID_VALUE);
            }
            if delta >= 0 {
                entry.add(size);
            } else {
                self.let_go(task, name, size);
            }
            return Ok(());
        }
        match (delta, right) {
            (0, _) => {}
            (-1, MACH_PORT_RIGHT_RECEIVE) => self.drop_receive(task, name),
            (-1, MACH_PORT_RIGHT_SEND_ONCE) => self.drop_once(task, name),
            (-1, _) => self.destroy_set(task, name),
            _ => return Err(KERN_INVALID_VALUE),
        }
        Ok(())
    }

    pub(super) fn destruct(&mut self, task: TaskId, name: u32, delta: i32) -> Done {
        let port = self.receive_right(task, name)?;
        let entry = self.entry(task, name).expect("a receive right");
        if delta != 0 && !entry.has(MACH_PORT_TYPE_SEND) {
            return Err(KERN_INVALID_RIGHT);
        }
        let drop = delta.unsigned_abs();
        if delta > 0 || drop > entry.references && delta != 0 {
            return Err(KERN_INVALID_VALUE);
        }
        if drop > 0 && self.drop_references(task, name, drop).0 {
            self.release(Right::Send(port));
        }
        self.drop_receive(task, name);
        Ok(())
    }

    pub(super) fn get_refs(&mut self, task: TaskId, name: u32, right: u32) -> Outcome {
        let sends = [MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE].contains(&right);
        if right >= MACH_PORT_RIGHT_NUMBER {
            return Outcome::Code(KERN_INVALID_VALUE);
        }
        if !valid(name) && sends {
            return Outcome::Value(1);
        }
        match self.look(task, name) {
            Ok(entry) => Outcome::Value(entry.references_of(right)),
            Err(code) => Outcome::Code(code),
        }
    }

    pub(super) fn type_of(&mut self, task: TaskId, name: u32) -> Outcome {
        match name {
            MACH_PORT_NULL => Outcome::Code(KERN_INVALID_NAME),
            MACH_PORT_DEAD => Outcome::Value(MACH_PORT_TYPE_DEAD_NAME),
            _ => match self.look(task, name) {
                Ok(_) => Outcome::Value(self.shown(task, name)),
                Err(code) => Outcome::Code(code),
            },
        }
    }

    /// The rights of a name, and whether a dead-name request stands on it.
    fn shown(&self, task: TaskId, name: u32) -> u32 {
        let entry = &self.tasks[task].names[&name];
        let slot = entry.port().and_then(|port| {
            let slot = self.slot(port, task, name)?;
            self.ports[port].slots[slot].notify
        });
        entry.rights | slot.map_or(0, |_| MACH_PORT_TYPE_DNREQUEST)
    }

    pub(super) fn status(&self, task: TaskId, name: u32) -> Outcome {
        let port = match self.attributed(task, name) {
            Ok(port) => &self.ports[port],
            Err(code) => return Outcome::Code(code),
        };
        Outcome::Status([
            u32::from(!port.sets.is_empty()),
            port.seqno,
            port.make_sends,
            port.limit,
            port.queue.len() as u32,
            port.onces,
            u32::from(port.sends > 0),
            u32::from(port.destroyed.is_some()),
            u32::from(port.no_senders.is_some()),
        ])
    }

    /// To this call null and dead are names like others that are not there.
    pub(super) fn send_rights(&self, task: TaskId, name: u32) -> Outcome {
        match self.receive_right(task, name) {
            Ok(port) => Outcome::Value(self.ports[port].sends),
            Err(code) => Outcome::Code(code),
        }
    }

    pub(super) fn set_make_sends(&mut self, task: TaskId, name: u32, count: u32) -> Done {
        let port = self.attributed(task, name)?;
        self.ports[port].make_sends = count;
        Ok(())
    }

    pub(super) fn set_limit(&mut self, task: TaskId, name: u32, limit: u32) -> Done {
        if limit > MACH_PORT_QLIMIT_MAX {
            return Err(KERN_INVALID_VALUE);
        }
        let port = self.attributed(task, name)?;
        self.ports[port].limit = limit;
        Ok(())
    }

    /// Every name with its type and references.
    pub(super) fn census(&mut self, task: TaskId) -> Outcome {
        let names: Vec<u32> = self.tasks[task].names.keys().copied().collect();
        let census = names.into_iter().map(|name| {
            self.check(task, name);
            let rights = self.tasks[task].names[&name].rights;
            let counted = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME;
            let references = if rights & counted == 0 {
                1
            } else {
                self.tasks[task].names[&name].references
            };
            (name, self.shown(task, name), references)
        });
        Outcome::Census(census.collect())
    }
}
