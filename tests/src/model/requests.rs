//! Notifications that are asked for.

use mach_ports::ffi::kern_return::{
    KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_INVALID_CAPABILITY, KERN_INVALID_NAME,
    KERN_INVALID_RIGHT, KERN_INVALID_VALUE,
};
use mach_ports::ffi::message::MACH_MSG_TYPE_PORT_SEND_ONCE;
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
    MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::ffi::port::{
    MACH_PORT_NULL, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_PORT_SET, MACH_PORT_TYPE_SEND_ONCE,
};

use super::call::Outcome;
use super::copyin::{arrival, valid};
use super::names::code;
use super::world::{PortId, Right, Slot, TaskId, World};

/// What a name is to be watched for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wish {
    DeadName,
    /// Once a send has met a full queue.
    SendPossibleLater,
    SendPossibleNow,
}

impl World {
    pub(super) fn request(
        &mut self,
        task: TaskId,
        name: u32,
        id: i32,
        sync: u32,
        notify: u32,
        disposition: u32,
    ) -> Outcome {
        if arrival(disposition) != MACH_MSG_TYPE_PORT_SEND_ONCE {
            return Outcome::Code(KERN_INVALID_VALUE);
        }
        let right = if notify == MACH_PORT_NULL {
            Right::Null
        } else {
            match self.copyin(task, notify, disposition, true, false) {
                Err(refusal) => return Outcome::Code(code(refusal)),
                Ok((Right::Dead, _)) => return Outcome::Code(KERN_INVALID_CAPABILITY),
                Ok((right, deleted)) => {
                    self.port_deleted(deleted, task, notify);
                    right
                }
            }
        };
        let with = match right {
            Right::Once(port) => Some(port),
            _ => None,
        };
        match self.ask(task, name, id, sync, with) {
            Ok(previous) => {
                let previous = previous.map_or(Right::Null, Right::Once);
                Outcome::Name(self.copyout(task, previous, None))
            }
            Err(code) => {
                self.release(right);
                Outcome::Code(code)
            }
        }
    }

    fn ask(
        &mut self,
        task: TaskId,
        name: u32,
        id: i32,
        sync: u32,
        notify: Option<PortId>,
    ) -> Result<Option<PortId>, i32> {
        match id {
            MACH_NOTIFY_PORT_DESTROYED if sync != 0 => Err(KERN_INVALID_VALUE),
            MACH_NOTIFY_PORT_DESTROYED | MACH_NOTIFY_NO_SENDERS if !valid(name) => {
                Err(KERN_INVALID_RIGHT)
            }
            MACH_NOTIFY_PORT_DESTROYED => {
                let port = self.asked_of(task, name)?;
                let slot = &mut self.ports[port].destroyed;
                if slot.is_some() {
                    return Err(KERN_FAILURE);
                }
                *slot = notify;
                Ok(None)
            }
            MACH_NOTIFY_NO_SENDERS => {
                let port = self.asked_of(task, name)?;
                Ok(self.ask_no_senders(port, sync, notify))
            }
            MACH_NOTIFY_DEAD_NAME => self.ask_on_name(task, name, Wish::DeadName, notify),
            MACH_NOTIFY_SEND_POSSIBLE if sync == 0 => {
                self.ask_on_name(task, name, Wish::SendPossibleLater, notify)
            }
            MACH_NOTIFY_SEND_POSSIBLE => {
                self.ask_on_name(task, name, Wish::SendPossibleNow, notify)
            }
            _ => Err(KERN_INVALID_VALUE),
        }
    }

    /// The port of a receive right that is not for replies alone.
    fn asked_of(&self, task: TaskId, name: u32) -> Result<PortId, i32> {
        let port = self.receive_right(task, name)?;
        match self.ports[port].for_replies {
            true => Err(KERN_INVALID_RIGHT),
            false => Ok(port),
        }
    }

    fn ask_no_senders(
        &mut self,
        port: PortId,
        sync: u32,
        notify: Option<PortId>,
    ) -> Option<PortId> {
        let asked = &mut self.ports[port];
        let make_sends = asked.make_sends;
        let at_once = asked.sends == 0 && sync <= make_sends;
        let previous = asked.no_senders.take();
        match notify {
            Some(notify) if at_once => self.tell_no_senders((notify, make_sends)),
            _ => asked.no_senders = notify,
        }
        previous
    }

    /// `ipc_right_request_alloc`.
    fn ask_on_name(
        &mut self,
        task: TaskId,
        name: u32,
        wish: Wish,
        notify: Option<PortId>,
    ) -> Result<Option<PortId>, i32> {
        if !valid(name) {
            return Err(KERN_INVALID_ARGUMENT);
        }
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?;
        if notify.is_none() && !entry.requested {
            return Ok(None);
        }
        self.check(task, name);
        let entry = self.entry(task, name).ok_or(KERN_INVALID_NAME)?;
        if entry.has(MACH_PORT_TYPE_PORT_SET) {
            return Err(KERN_INVALID_RIGHT);
        }
        if entry.has(MACH_PORT_TYPE_DEAD_NAME) {
            let Some(notify) = notify.filter(|_| wish != Wish::DeadName) else {
                return Err(KERN_INVALID_ARGUMENT);
            };
            self.entry_mut(task, name).expect("looked up above").add(1);
            self.dead_name(notify, task, name, None);
            return Ok(None);
        }
        let port = entry.port().expect("a right to a port");
        let once = entry.has(MACH_PORT_TYPE_SEND_ONCE);
        let previous = self.cancel(task, name);
        let Some(notify) = notify else {
            return Ok(previous);
        };
        if wish == Wish::SendPossibleNow && (once || !self.ports[port].full()) {
            self.send_possible(notify, task, name, None);
            return Ok(previous);
        }
        self.entry_mut(task, name)
            .expect("looked up above")
            .requested = true;
        self.ports[port].slots.push(Slot {
            task,
            name,
            notify: Some(notify),
            send_possible: wish != Wish::DeadName,
            armed: wish == Wish::SendPossibleNow,
        });
        Ok(previous)
    }

    /// A send with `MACH_SEND_NOTIFY` has met a full queue.
    pub(super) fn arm(&mut self, port: PortId, task: TaskId, name: u32) {
        if let Some(slot) = self.slot(port, task, name) {
            let slot = &mut self.ports[port].slots[slot];
            slot.armed |= slot.send_possible;
        }
    }

    /// `ipc_port_spnotify`: a message has left the queue.
    pub(super) fn tell_send_possible(&mut self, port: PortId) {
        let event = self.event();
        for slot in 0..self.ports[port].slots.len() {
            let slot = &mut self.ports[port].slots[slot];
            if !slot.armed {
                continue;
            }
            let (task, name) = (slot.task, slot.name);
            if let Some(notify) = slot.notify.take() {
                self.send_possible(notify, task, name, Some(event));
            }
        }
    }
}
