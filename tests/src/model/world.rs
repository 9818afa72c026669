//! Ports and messages, and how they go.

use std::collections::VecDeque;

use mach_ports::ffi::message::MACH_MSG_TYPE_PORT_RECEIVE;
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DELETED,
    MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::ffi::port::{
    MACH_PORT_QLIMIT_DEFAULT, MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};

use super::call::Told;
use super::space::{Entry, Space};

pub(super) type PortId = usize;
pub(super) type SetId = usize;
/// A task's number.
pub type TaskId = usize;

/// A right that no name stands for: in a message, or in a call's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Right {
    Null,
    Dead,
    Send(PortId),
    Once(PortId),
    Receive(PortId),
}

/// Who has a port's receive right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Task(TaskId),
    /// Nobody, for the moment.
    Limbo,
    /// A message to this port.
    Transit(PortId),
    Dead,
}

/// A request on a name: its notify right is gone once a send-possible has fired, the slot stays.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) task: TaskId,
    pub(super) name: u32,
    pub(super) notify: Option<PortId>,
    pub(super) send_possible: bool,
    pub(super) armed: bool,
}

#[derive(Debug)]
pub(super) struct Port {
    pub(super) holder: Holder,
    pub(super) queue: VecDeque<Message>,
    pub(super) limit: u32,
    pub(super) seqno: u32,
    pub(super) make_sends: u32,
    pub(super) sends: u32,
    pub(super) onces: u32,
    pub(super) no_senders: Option<PortId>,
    pub(super) destroyed: Option<PortId>,
    pub(super) slots: Vec<Slot>,
    pub(super) sets: Vec<SetId>,
    /// It is for replies alone.
    pub(super) for_replies: bool,
    /// Whether it is armed, if it is a timer.
    pub(super) timer: Option<bool>,
}

/// The id of a timer's message, which no other has here.
pub(super) const EXPIRED: i32 = 0;

impl Port {
    /// Whether a timer's message waits.
    pub(super) fn has_expired(&self) -> bool {
        self.queue.iter().any(|message| message.id == EXPIRED)
    }

    pub(super) fn alive(&self) -> bool {
        self.holder != Holder::Dead
    }

    pub(super) fn full(&self) -> bool {
        self.queue.len() >= self.limit as usize
    }
}

/// What a descriptor carries, with the disposition that it arrives with.
#[derive(Clone, Debug)]
pub(super) enum Carried {
    Port(Right, u32),
    Ports(Vec<Right>, u32),
}

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) to: Right,
    pub(super) reply: Right,
    pub(super) reply_disposition: u32,
    pub(super) id: i32,
    pub(super) carried: Vec<Carried>,
    pub(super) told: Told,
    /// Notifications of one event come in any order.
    pub(super) event: Option<u32>,
}

/// Every task's names, and every port.
#[derive(Debug, Default)]
pub struct World {
    pub(super) ports: Vec<Port>,
    /// Members of each set, in no order.
    pub(super) sets: Vec<Vec<PortId>>,
    pub(super) tasks: Vec<Space>,
    doomed: VecDeque<Message>,
    reaping: bool,
    events: u32,
    /// The event that goes on: what ends with a port or a message.
    ending: Option<u32>,
    /// A task is going to be killed.
    pub(super) mortal: bool,
}

impl World {
    /// A world of so many tasks, which have nothing.
    #[must_use]
    pub fn new(tasks: usize) -> Self {
        Self {
            tasks: std::iter::repeat_with(Space::default).take(tasks).collect(),
            ..Self::default()
        }
    }

    /// Whether nothing is left of anything: no names, no port that lives.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tasks.iter().all(|task| task.names.is_empty()) && !self.ports.iter().any(Port::alive)
    }

    /// Whether there are several tasks, whose messages to one port may come in any order, and whose queues are as long
    /// as the system has it.
    pub(super) fn several(&self) -> bool {
        self.tasks.len() > 1
    }

    /// A task ends: its receive rights go first.
    pub(super) fn end_task(&mut self, task: TaskId) {
        let space = std::mem::take(&mut self.tasks[task]);
        let (first, rest): (Vec<_>, Vec<_>) = space
            .names
            .into_values()
            .partition(|entry| entry.has(MACH_PORT_TYPE_RECEIVE));
        for entry in first.into_iter().chain(rest) {
            let Some(port) = entry.port() else { continue };
            if entry.has(MACH_PORT_TYPE_SEND) {
                self.release(Right::Send(port));
            }
            if entry.has(MACH_PORT_TYPE_SEND_ONCE) {
                self.release(Right::Once(port));
            }
            if entry.has(MACH_PORT_TYPE_RECEIVE) {
                self.release(Right::Receive(port));
            }
        }
    }

    pub(super) fn new_port(&mut self, task: TaskId) -> PortId {
        self.ports.push(Port {
            holder: Holder::Task(task),
            queue: VecDeque::new(),
            limit: MACH_PORT_QLIMIT_DEFAULT,
            seqno: 0,
            make_sends: 0,
            sends: 0,
            onces: 0,
            no_senders: None,
            destroyed: None,
            slots: Vec::new(),
            sets: Vec::new(),
            for_replies: false,
            timer: None,
        });
        self.ports.len() - 1
    }

    pub(super) fn entry(&self, task: TaskId, name: u32) -> Option<&Entry> {
        self.tasks[task].names.get(&name)
    }

    pub(super) fn entry_mut(&mut self, task: TaskId, name: u32) -> Option<&mut Entry> {
        self.tasks[task].names.get_mut(&name)
    }

    pub(super) fn event(&mut self) -> u32 {
        self.events += 1;
        self.events
    }

    /// Ends a port or messages, and what goes with them. macOS 11 tells of that in another order than newer versions.
    fn end(&mut self, end: impl FnOnce(&mut Self)) {
        let outer = self.ending;
        if cfg!(target_vendor = "apple") && outer.is_none() {
            self.ending = Some(self.event());
        }
        end(self);
        self.ending = outer;
    }

    /// A message of the kernel's, through a send-once right.
    pub(super) fn post(&mut self, notify: PortId, id: i32, told: Told, event: Option<u32>) {
        self.deliver(Message {
            to: Right::Once(notify),
            reply: Right::Null,
            reply_disposition: 0,
            id,
            carried: Vec::new(),
            told,
            event: self.ending.or(event),
        });
    }

    pub(super) fn port_deleted(&mut self, notify: Option<PortId>, task: TaskId, name: u32) {
        if let Some(notify) = notify {
            self.post(
                notify,
                MACH_NOTIFY_PORT_DELETED,
                Told::Name(task, name),
                None,
            );
        }
    }

    pub(super) fn dead_name(
        &mut self,
        notify: PortId,
        task: TaskId,
        name: u32,
        event: Option<u32>,
    ) {
        self.post(notify, MACH_NOTIFY_DEAD_NAME, Told::Name(task, name), event);
    }

    pub(super) fn send_possible(
        &mut self,
        notify: PortId,
        task: TaskId,
        name: u32,
        event: Option<u32>,
    ) {
        self.post(
            notify,
            MACH_NOTIFY_SEND_POSSIBLE,
            Told::Name(task, name),
            event,
        );
    }

    /// A timer is due: its one message comes, if it does not wait already.
    pub(super) fn expire(&mut self, timer: PortId) {
        let port = &mut self.ports[timer];
        if port.has_expired() {
            return;
        }
        port.sends += 1;
        self.deliver(Message {
            to: Right::Send(timer),
            reply: Right::Null,
            reply_disposition: 0,
            id: EXPIRED,
            carried: Vec::new(),
            told: Told::Nothing,
            event: None,
        });
    }

    fn deliver(&mut self, message: Message) {
        match message.to {
            Right::Send(to) | Right::Once(to) if self.ports[to].alive() => {
                self.ports[to].queue.push_back(message);
            }
            _ => self.destroy_message(message),
        }
    }

    /// Gives a right up.
    pub(super) fn release(&mut self, right: Right) {
        if let Some(no_senders) = self.release_send_quietly(right) {
            self.tell_no_senders(no_senders);
            return;
        }
        match right {
            Right::Once(port) if self.ports[port].alive() => {
                // The notification goes through the very right that was not used.
                self.post(port, MACH_NOTIFY_SEND_ONCE, Told::Nothing, None);
            }
            Right::Receive(port) => self.destroy_port(port),
            _ => {}
        }
    }

    /// Counts a send right off; whom to tell, and what, if it was the last.
    pub(super) fn release_send_quietly(&mut self, right: Right) -> Option<(PortId, u32)> {
        let Right::Send(port) = right else {
            return None;
        };
        let port = &mut self.ports[port];
        port.sends -= 1;
        if port.sends > 0 || !port.alive() {
            return None;
        }
        Some((port.no_senders.take()?, port.make_sends))
    }

    pub(super) fn tell_no_senders(&mut self, (notify, make_sends): (PortId, u32)) {
        self.post(
            notify,
            MACH_NOTIFY_NO_SENDERS,
            Told::Count(make_sends),
            None,
        );
    }

    /// The receive right leaves its task: out of every set, and what was the task's own is forgotten.
    pub(super) fn clear_receiver(&mut self, port: PortId) {
        for set in std::mem::take(&mut self.ports[port].sets) {
            self.sets[set].retain(|&member| member != port);
        }
        let port = &mut self.ports[port];
        port.holder = Holder::Limbo;
        port.make_sends = 0;
        port.seqno = 0;
    }

    /// `ipc_port_destroy`.
    pub(super) fn destroy_port(&mut self, port: PortId) {
        self.clear_receiver(port);
        let saviour = self.ports[port].destroyed.take();
        self.end(|world| match saviour {
            Some(notify) if world.ports[notify].alive() => world.send_home(port, notify),
            _ => world.bury(port),
        });
    }

    fn bury(&mut self, port: PortId) {
        self.ports[port].holder = Holder::Dead;
        let queue = std::mem::take(&mut self.ports[port].queue);
        self.doomed.extend(queue);
        self.reap();
        if let Some(notify) = self.ports[port].no_senders.take() {
            self.release(Right::Once(notify));
        }
        let event = self.event();
        for slot in self.ports[port].slots.clone() {
            if let Some(notify) = slot.notify {
                self.dead_name(notify, slot.task, slot.name, Some(event));
            }
        }
    }

    /// A port that somebody wanted to have rather than see die.
    fn send_home(&mut self, port: PortId, notify: PortId) {
        let message = Message {
            to: Right::Once(notify),
            reply: Right::Null,
            reply_disposition: 0,
            id: MACH_NOTIFY_PORT_DESTROYED,
            carried: vec![Carried::Port(
                Right::Receive(port),
                MACH_MSG_TYPE_PORT_RECEIVE,
            )],
            told: Told::Nothing,
            event: self.ending,
        };
        if self.puts_into_circle(port, notify) {
            self.destroy_message(message);
        } else {
            self.deliver(message);
        }
    }

    /// `ipc_port_check_circularity`: whether a receive right in a message to `to` would end up in its own queue.
    pub(super) fn puts_into_circle(&mut self, port: PortId, to: PortId) -> bool {
        let mut end = to;
        while let Holder::Transit(next) = self.ports[end].holder {
            end = next;
        }
        if end == port {
            return true;
        }
        self.ports[port].holder = Holder::Transit(to);
        false
    }

    /// Destroys a message. Messages that go with it wait their turn.
    pub(super) fn destroy_message(&mut self, message: Message) {
        self.doomed.push_back(message);
        self.reap();
    }

    fn reap(&mut self) {
        if self.reaping {
            return;
        }
        self.reaping = true;
        self.end(|world| {
            while let Some(message) = world.doomed.pop_front() {
                world.clean(message);
            }
        });
        self.reaping = false;
    }

    /// `ipc_kmsg_clean`: gives up what a message carries, here and now.
    pub(super) fn clean(&mut self, message: Message) {
        self.release(message.to);
        self.release(message.reply);
        self.release_carried(message.carried);
    }

    pub(super) fn release_carried(&mut self, carried: Vec<Carried>) {
        for carried in carried {
            match carried {
                Carried::Port(right, _) => self.release(right),
                Carried::Ports(rights, _) => {
                    for right in rights {
                        self.release(right);
                    }
                }
            }
        }
    }
}
