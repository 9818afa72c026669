//! Sending.

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND,
    MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
    MACH_SEND_INVALID_DEST, MACH_SEND_INVALID_HEADER, MACH_SEND_INVALID_REPLY,
    MACH_SEND_INVALID_RIGHT, MACH_SEND_TIMED_OUT,
};
use mach_ports::ffi::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_TYPE_DEAD_NAME, MACH_PORT_TYPE_RECEIVE,
    MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};

use super::call::{Arrived, Item, Letter, Outcome, Told};
use super::copyin::{Taken, arrival, valid};
use super::space::Entry;
use super::world::{Carried, Message, PortId, Right, TaskId, World};

fn can_be_sent_to(disposition: u32) -> bool {
    (MACH_MSG_TYPE_MOVE_SEND..=MACH_MSG_TYPE_MAKE_SEND_ONCE).contains(&disposition)
}

impl World {
    pub(super) fn send(&mut self, task: TaskId, letter: &Letter) -> Outcome {
        let room = !self.is_full(task, letter.to);
        let (to, reply) = match self.header(task, letter) {
            Ok(header) => header,
            Err(code) => return Outcome::Code(code),
        };
        let destination = match to.0 {
            Right::Send(port) | Right::Once(port) => port,
            _ => unreachable!("a destination is a right to send"),
        };
        let asks = letter.notify
            && matches!(to.0, Right::Send(_))
            && self
                .entry(task, letter.to)
                .is_some_and(|entry| entry.requested);
        if asks && !room {
            self.arm(destination, task, letter.to);
        }
        self.port_deleted(to.1, task, letter.to);
        self.port_deleted(reply.1, task, letter.reply);
        let mut message = Message {
            to: to.0,
            reply: reply.0,
            reply_disposition: arrival(letter.reply_disposition),
            id: letter.id,
            carried: Vec::new(),
            told: Told::Nothing,
            event: None,
        };
        let mut circular = false;
        for item in &letter.items {
            match self.body_item(task, item, destination, &mut circular) {
                Ok(carried) => message.carried.push(carried),
                Err(code) => {
                    self.clean(message);
                    return Outcome::Code(code);
                }
            }
        }
        if circular {
            self.destroy_message(message);
            return Outcome::Code(MACH_MSG_SUCCESS);
        }
        let port = &mut self.ports[destination];
        if !port.alive() {
            match std::mem::replace(&mut message.to, Right::Null) {
                Right::Send(_) => port.sends -= 1,
                _ => port.onces -= 1,
            }
            self.destroy_message(message);
            return Outcome::Code(MACH_MSG_SUCCESS);
        }
        // Who asked to be told of room has what there was, whatever has come into the queue meanwhile.
        if matches!(message.to, Right::Send(_)) && port.full() && !(asks && room) {
            let arrived = self.pseudo_receive(task, message);
            return Outcome::Message(MACH_SEND_TIMED_OUT, arrived);
        }
        port.queue.push_back(message);
        Outcome::Code(MACH_MSG_SUCCESS)
    }

    fn is_full(&self, task: TaskId, name: u32) -> bool {
        let port = self.entry(task, name).and_then(Entry::port);
        port.is_some_and(|port| self.ports[port].full())
    }

    /// `ipc_kmsg_copyin_header`: destination and reply right, or neither.
    fn header(&mut self, task: TaskId, letter: &Letter) -> Result<(Taken, Taken), i32> {
        let Letter {
            to,
            to_disposition,
            reply,
            reply_disposition,
            ..
        } = *letter;
        let reply_fits = if reply_disposition == 0 {
            reply == MACH_PORT_NULL
        } else {
            can_be_sent_to(reply_disposition)
        };
        if !can_be_sent_to(to_disposition) || !reply_fits {
            return Err(MACH_SEND_INVALID_HEADER);
        }
        if !valid(to) || self.entry(task, to).is_none() {
            return Err(MACH_SEND_INVALID_DEST);
        }
        if !valid(reply) {
            let right = if reply == MACH_PORT_DEAD {
                Right::Dead
            } else {
                Right::Null
            };
            let to = self.copyin(task, to, to_disposition, false, true);
            return Ok((to.map_err(|_| MACH_SEND_INVALID_DEST)?, (right, None)));
        }
        if !self.can_reply(task, reply, reply_disposition) {
            return Err(MACH_SEND_INVALID_REPLY);
        }
        if to == reply {
            return self
                .copyin_two(task, to, to_disposition, reply_disposition)
                .ok_or(MACH_SEND_INVALID_DEST);
        }
        let to = self.copyin(task, to, to_disposition, false, true);
        let to = to.map_err(|_| MACH_SEND_INVALID_DEST)?;
        // What the reply port is for has been looked at.
        let reply = self.copyin_any(task, reply, reply_disposition, true, false);
        Ok((to, reply.map_err(|_| MACH_SEND_INVALID_REPLY)?))
    }

    /// `ipc_right_copyin_check_reply`.
    fn can_reply(&self, task: TaskId, name: u32, disposition: u32) -> bool {
        let Some(entry) = self.entry(task, name) else {
            return false;
        };
        let for_replies = entry.port().is_some_and(|port| {
            let port = &self.ports[port];
            port.for_replies && port.alive()
        });
        if for_replies && disposition != MACH_MSG_TYPE_MAKE_SEND_ONCE {
            return false;
        }
        let needed = match disposition {
            MACH_MSG_TYPE_MAKE_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE => MACH_PORT_TYPE_RECEIVE,
            MACH_MSG_TYPE_MOVE_SEND_ONCE => MACH_PORT_TYPE_SEND_ONCE | MACH_PORT_TYPE_DEAD_NAME,
            _ => MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DEAD_NAME,
        };
        entry.has(needed)
    }

    /// `ipc_right_copyin_two`: destination and reply from one name.
    fn copyin_two(
        &mut self,
        task: TaskId,
        name: u32,
        to: u32,
        reply: u32,
    ) -> Option<(Taken, Taken)> {
        let both = [to, reply];
        if both.contains(&MACH_MSG_TYPE_MOVE_SEND_ONCE) {
            return None;
        }
        self.check(task, name);
        let references = self.entry(task, name)?.references;
        if both == [MACH_MSG_TYPE_MOVE_SEND; 2] && references < 2 {
            return None;
        }
        if both == [MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_COPY_SEND] {
            // One is moved, and copied in the message.
            let to = self.copyin(task, name, to, false, false).ok()?;
            let Right::Send(port) = to.0 else { return None };
            return Some((to, (self.copy_send(port), None)));
        }
        let to = self.copyin(task, name, to, false, false).ok()?;
        let reply = self.copyin(task, name, reply, false, false);
        Some((to, reply.expect("checked by itself before")))
    }

    fn body_item(
        &mut self,
        task: TaskId,
        item: &Item,
        destination: PortId,
        circular: &mut bool,
    ) -> Result<Carried, i32> {
        match item {
            &Item::Port(name, disposition) => {
                let right = self.body_right(task, name, disposition, destination, circular)?;
                Ok(Carried::Port(right, arrival(disposition)))
            }
            Item::Ports(names, disposition) => {
                let mut rights = Vec::new();
                for &name in names {
                    match self.body_right(task, name, *disposition, destination, circular) {
                        Ok(right) => rights.push(right),
                        Err(code) => {
                            self.release_carried(vec![Carried::Ports(rights, 0)]);
                            return Err(code);
                        }
                    }
                }
                Ok(Carried::Ports(rights, arrival(*disposition)))
            }
        }
    }

    fn body_right(
        &mut self,
        task: TaskId,
        name: u32,
        disposition: u32,
        destination: PortId,
        circular: &mut bool,
    ) -> Result<Right, i32> {
        match name {
            MACH_PORT_NULL => return Ok(Right::Null),
            MACH_PORT_DEAD => return Ok(Right::Dead),
            _ => {}
        }
        let (right, deleted) = self
            .copyin(task, name, disposition, true, false)
            .map_err(|_| MACH_SEND_INVALID_RIGHT)?;
        self.port_deleted(deleted, task, name);
        if let Right::Receive(port) = right {
            *circular |= self.puts_into_circle(port, destination);
        }
        Ok(right)
    }

    /// A message that found no room, back with its sender as if it had arrived, but not turned round.
    fn pseudo_receive(&mut self, task: TaskId, message: Message) -> Arrived {
        let remote = self.copyout(task, message.to, None);
        let local = self.copyout(task, message.reply, None);
        Arrived {
            remote,
            remote_disposition: arrival(MACH_MSG_TYPE_COPY_SEND),
            local,
            local_disposition: message.reply_disposition,
            id: message.id,
            items: self.copyout_carried(task, message.carried),
            told: Told::Nothing,
        }
    }

    pub(super) fn copyout_carried(&mut self, task: TaskId, carried: Vec<Carried>) -> Vec<Item> {
        let items = carried.into_iter().map(|carried| match carried {
            Carried::Port(right, disposition) => {
                Item::Port(self.copyout(task, right, None), disposition)
            }
            Carried::Ports(rights, disposition) => {
                let names = rights
                    .into_iter()
                    .map(|right| self.copyout(task, right, None));
                Item::Ports(names.collect(), disposition)
            }
        });
        items.collect()
    }
}
