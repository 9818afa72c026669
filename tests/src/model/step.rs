//! What is drawn at random, and how a draw becomes a call.
//!
//! A draw is a few numbers. What they mean depends on what the model has at that point: mostly a call that makes
//! sense there, sometimes one that does not. Left out is only what versions of XNU answer differently.

use arbitrary::{Arbitrary, Unstructured};
use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE,
};
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED,
    MACH_NOTIFY_SEND_ONCE, MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::ffi::port::{
    MACH_PORT_DEAD, MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_TYPE_PORT_SET,
    MACH_PORT_TYPE_RECEIVE, MACH_PORT_TYPE_SEND, MACH_PORT_TYPE_SEND_ONCE,
};
use proptest::prelude::*;

use super::call::{Call, Item, Letter};
use super::copyin::valid;
use super::space::Entry;
use super::world::{Holder, PortId, TaskId, World};

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Allocate,
    Insert,
    Extract,
    ModRefs,
    Deallocate,
    Destroy,
    Destruct,
    Ask,
    SetMakeSends,
    SetLimit,
    Request,
    Sets,
    Send,
    Receive,
    Census,
    Timer,
    ReplyPort,
}

/// How often each kind comes, of all of them together.
const KINDS: [(Kind, u8); 17] = [
    (Kind::Allocate, 12),
    (Kind::Insert, 10),
    (Kind::Extract, 7),
    (Kind::ModRefs, 9),
    (Kind::Deallocate, 4),
    (Kind::Destroy, 3),
    (Kind::Destruct, 2),
    (Kind::Ask, 5),
    (Kind::SetMakeSends, 1),
    (Kind::SetLimit, 2),
    (Kind::Request, 11),
    (Kind::Sets, 6),
    (Kind::Send, 24),
    (Kind::Receive, 14),
    (Kind::Census, 4),
    (Kind::Timer, 6),
    (Kind::ReplyPort, 3),
];

/// A task has no more names than this before it makes new ones.
const ENOUGH: usize = 12;

/// A draw.
#[derive(Clone, Debug)]
pub struct Step {
    kind: u8,
    picks: [u16; 4],
    items: Vec<(u16, u8)>,
}

/// Sequences of draws, of up to `longest`.
pub fn steps(longest: usize) -> impl Strategy<Value = Vec<Step>> {
    let total: u8 = KINDS.iter().map(|(_, weight)| weight).sum();
    let items = proptest::collection::vec((any::<u16>(), any::<u8>()), 0..3);
    let step = (0..total, any::<[u16; 4]>(), items);
    let step = step.prop_map(|(kind, picks, items)| Step { kind, picks, items });
    proptest::collection::vec(step, 1..longest)
}

impl Arbitrary<'_> for Step {
    fn arbitrary(bytes: &mut Unstructured<'_>) -> arbitrary::Result<Self> {
        Ok(Self {
            kind: bytes.arbitrary()?,
            picks: bytes.arbitrary()?,
            items: (0..bytes.int_in_range(0..=2u8)?)
                .map(|_| bytes.arbitrary())
                .collect::<arbitrary::Result<_>>()?,
        })
    }
}

impl Step {
    fn kind(&self) -> Kind {
        let mut left = self.kind;
        for (kind, weight) in KINDS {
            if left < weight {
                return kind;
            }
            left -= weight;
        }
        Kind::Census
    }

    /// Which of two tasks makes the call.
    #[must_use]
    pub fn side(&self) -> TaskId {
        usize::from(self.picks[3] >> 15)
    }
}

/// One of several, by a number drawn.
fn one<T: Copy>(of: &[T], pick: u16) -> Option<T> {
    let last = of.len().checked_sub(1)?;
    of.get(usize::from(pick) % (last + 1)).copied()
}

/// The dispositions with which a name's rights can be sent.
fn dispositions(entry: &Entry) -> impl Iterator<Item = u32> {
    let of = [
        (MACH_PORT_TYPE_RECEIVE, MACH_MSG_TYPE_MAKE_SEND),
        (MACH_PORT_TYPE_SEND, MACH_MSG_TYPE_COPY_SEND),
        (MACH_PORT_TYPE_SEND, MACH_MSG_TYPE_MOVE_SEND),
        (MACH_PORT_TYPE_RECEIVE, MACH_MSG_TYPE_MAKE_SEND_ONCE),
        (MACH_PORT_TYPE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE),
        (MACH_PORT_TYPE_RECEIVE, MACH_MSG_TYPE_MOVE_RECEIVE),
    ];
    let rights = entry.rights;
    of.into_iter()
        .filter(move |(bit, _)| rights & bit != 0)
        .map(|(_, disposition)| disposition)
}

impl World {
    /// The call that a draw stands for, if it stands for one here. `id` is for the message, if it is one.
    #[must_use]
    pub fn choose(&self, task: TaskId, step: &Step, id: i32) -> Option<Call> {
        let [a, b, c, d] = step.picks;
        let call = match step.kind() {
            Kind::Allocate if self.tasks[task].names.len() >= ENOUGH => {
                self.choose_receive(task, a, false)
            }
            Kind::Allocate => {
                let rights = [MACH_PORT_RIGHT_RECEIVE; 8];
                let right = match a % 12 {
                    pick @ 8..12 => [3, 4, 0, 3][usize::from(pick - 8)],
                    pick => rights[usize::from(pick)],
                };
                Call::Allocate { right }
            }
            Kind::Insert => return self.choose_insert(task, step),
            Kind::Extract => {
                let (name, disposition) = self.pick_right(task, a, b);
                Call::ExtractRight { name, disposition }
            }
            Kind::ModRefs => {
                return Some(self.choose_mod_refs(task, step))
                    .filter(|call| self.is_clear(task, call));
            }
            Kind::Deallocate => Call::Deallocate {
                name: self.pick(task, a),
            },
            Kind::Destroy => Call::Destroy {
                name: self.pick(task, a),
            },
            Kind::Destruct => {
                let name = self.pick_with(task, MACH_PORT_TYPE_RECEIVE, a);
                let delta = [0, 0, -1, -2, 1][usize::from(b % 5)];
                return Some(Call::Destruct { name, delta })
                    .filter(|call| self.is_clear(task, call));
            }
            Kind::Ask => {
                let name = self.pick(task, a);
                match b % 4 {
                    0 => Call::GetRefs {
                        name,
                        right: [0, 1, 2, 3, 4, 6][usize::from(c % 6)],
                    },
                    1 => Call::Type { name },
                    2 => Call::SendRights { name },
                    _ => Call::Status { name },
                }
            }
            Kind::SetMakeSends => Call::SetMakeSends {
                name: self.pick_with(task, MACH_PORT_TYPE_RECEIVE, a),
                count: u32::from(b % 4),
            },
            Kind::SetLimit => {
                let name = self.pick_with(task, MACH_PORT_TYPE_RECEIVE, a);
                // Versions differ in whom a raised limit tells.
                if self.has_slots(task, name) {
                    return None;
                }
                Call::SetLimit {
                    name,
                    limit: [0, 1, 2, 5, 1024, 1025][usize::from(b % 6)],
                }
            }
            Kind::Request => self.choose_request(task, step),
            Kind::Sets => {
                let (member, set) = (
                    self.pick_with(task, MACH_PORT_TYPE_RECEIVE, a),
                    self.pick_with(task, MACH_PORT_TYPE_PORT_SET, b),
                );
                match c % 7 {
                    0..3 => Call::InsertMember { member, set },
                    3 => Call::ExtractMember { member, set },
                    4 => Call::MoveMember { member, after: set },
                    5 => Call::MoveMember {
                        member,
                        after: MACH_PORT_NULL,
                    },
                    _ => Call::Members { set },
                }
            }
            Kind::Send => self.choose_send(task, step, id),
            Kind::Receive => self.choose_receive(task, a, d % 8 == 0),
            Kind::Census => Call::Census,
            Kind::Timer => self.choose_timer(task, step)?,
            Kind::ReplyPort => self.choose_reply_port(task)?,
        };
        Some(call).filter(|call| !self.several() || self.is_sure(task, call))
    }

    /// Any name; now and then one that is none.
    fn pick(&self, task: TaskId, pick: u16) -> u32 {
        let names: Vec<u32> = self.tasks[task].names.keys().copied().collect();
        match pick % 16 {
            14 => [MACH_PORT_NULL, MACH_PORT_DEAD][usize::from(pick / 16 % 2)],
            15 => {
                let former: Vec<u32> = self.tasks[task].former().collect();
                one(&former, pick / 16).unwrap_or(MACH_PORT_NULL)
            }
            _ => one(&names, pick / 16).unwrap_or(MACH_PORT_NULL),
        }
    }

    /// A name with one of certain rights, mostly.
    fn pick_with(&self, task: TaskId, rights: u32, pick: u16) -> u32 {
        let names = &self.tasks[task].names;
        let fitting = names.iter().filter(|(_, entry)| entry.has(rights));
        let fitting: Vec<u32> = fitting.map(|(name, _)| *name).collect();
        if pick % 8 == 7 {
            return self.pick(task, pick / 8);
        }
        one(&fitting, pick / 8).unwrap_or_else(|| self.pick(task, pick / 8))
    }

    /// A name and a disposition that fits it, mostly.
    fn pick_right(&self, task: TaskId, pick: u16, odd: u16) -> (u32, u32) {
        if odd % 8 == 7 {
            let disposition = MACH_MSG_TYPE_MOVE_RECEIVE + u32::from(odd / 8 % 6);
            return (self.pick(task, pick), disposition);
        }
        let names = &self.tasks[task].names;
        let fitting = names
            .iter()
            .flat_map(|(name, entry)| dispositions(entry).map(|disposition| (*name, disposition)));
        let fitting: Vec<(u32, u32)> = fitting.collect();
        one(&fitting, pick).unwrap_or((self.pick(task, pick), MACH_MSG_TYPE_MAKE_SEND))
    }

    /// A port for replies alone: in one task only, for on Linux another task does not know what a port is for, and not on
    /// macOS, which raises exceptions for what is refused.
    fn choose_reply_port(&self, task: TaskId) -> Option<Call> {
        let possible = !self.several() && cfg!(target_os = "linux");
        let room = self.tasks[task].names.len() < ENOUGH;
        (possible && room).then_some(Call::CreateReplyPort)
    }

    /// A call on a timer: in one task only, for on Linux a timer that leaves its task is none any more.
    fn choose_timer(&self, task: TaskId, step: &Step) -> Option<Call> {
        let [a, b, c, _] = step.picks;
        if self.several() {
            return None;
        }
        let is_timer = |entry: &Entry| {
            let port = entry.port().filter(|_| entry.has(MACH_PORT_TYPE_RECEIVE))?;
            self.ports[port].timer.map(|_| port)
        };
        let names = &self.tasks[task].names;
        let timers = names.iter().filter(|(_, entry)| is_timer(entry).is_some());
        let timers: Vec<u32> = timers.map(|(name, _)| *name).collect();
        if timers.is_empty() || b % 8 == 0 && names.len() < ENOUGH {
            return Some(Call::CreateTimer);
        }
        let name = match a % 8 {
            7 => self.pick(task, a / 8),
            _ => one(&timers, a / 8)?,
        };
        Some(match b / 8 % 8 {
            0..5 => {
                let timer = self.entry(task, name).and_then(is_timer);
                // Where its message waits, macOS takes its time to find that out.
                let may_come = timer.is_none_or(|port| !self.ports[port].has_expired());
                let past = c % 2 == 0 && may_come;
                Call::ArmTimer { name, past }
            }
            5 | 6 => Call::CancelTimer { name },
            _ => Call::DestroyTimer { name },
        })
    }

    fn choose_insert(&self, task: TaskId, step: &Step) -> Option<Call> {
        let [a, b, c, _] = step.picks;
        let (poly, disposition) = self.pick_right(task, a, b);
        let own = || {
            let entry = self.entry(task, poly)?;
            let name = *self.tasks[task].home.get(&entry.port()?)?;
            Some(name)
        };
        let name = match c % 16 {
            0..8 => own().unwrap_or(poly),
            8..12 => self.tasks[task].next(),
            12 => MACH_PORT_NULL,
            _ => one(
                &self.tasks[task].names.keys().copied().collect::<Vec<_>>(),
                c / 16,
            )?,
        };
        let same_ok = [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND].contains(&disposition)
            && self
                .entry(task, poly)
                .and_then(Entry::port)
                .is_some_and(|port| self.ports[port].alive());
        (name != poly || same_ok).then_some(Call::InsertRight {
            name,
            poly,
            disposition,
        })
    }

    fn choose_mod_refs(&self, task: TaskId, step: &Step) -> Call {
        let [a, b, c, _] = step.picks;
        let name = self.pick(task, a);
        let held: Vec<u32> = (0..5)
            .filter(|right| {
                let entry = self.entry(task, name);
                entry.is_some_and(|entry| entry.has(1 << (right + 16)))
            })
            .collect();
        let right = match b % 8 {
            7 => u32::from(b / 8 % 7),
            _ => one(&held, b / 8).unwrap_or(0),
        };
        let deltas = [-1, 1, -1, 2, -2, 0, -1, 65_535, -65_535, 70_000, -70_000, 1];
        Call::ModRefs {
            name,
            right,
            delta: deltas[usize::from(c % 12)],
        }
    }

    fn choose_request(&self, task: TaskId, step: &Step) -> Call {
        let [a, b, c, d] = step.picks;
        let ids = [
            MACH_NOTIFY_DEAD_NAME,
            MACH_NOTIFY_SEND_POSSIBLE,
            MACH_NOTIFY_NO_SENDERS,
            MACH_NOTIFY_PORT_DESTROYED,
            MACH_NOTIFY_SEND_ONCE,
        ];
        let id = ids[usize::from((b % 17).min(16) / 4)];
        let sync = match id {
            // Early versions took it for "at once".
            MACH_NOTIFY_DEAD_NAME => 0,
            MACH_NOTIFY_PORT_DESTROYED => u32::from(b / 17 % 8 == 0),
            _ => u32::from(b / 17 % 3),
        };
        let rights = match id {
            MACH_NOTIFY_NO_SENDERS | MACH_NOTIFY_PORT_DESTROYED => MACH_PORT_TYPE_RECEIVE,
            _ => u32::MAX,
        };
        let name = self.pick_with(task, rights, a);
        let (right, disposition) = match c % 3 {
            2 => (MACH_PORT_TYPE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE),
            _ => (MACH_PORT_TYPE_RECEIVE, MACH_MSG_TYPE_MAKE_SEND_ONCE),
        };
        let notify = match self.pick_with(task, right, d & 0x7fff) {
            MACH_PORT_DEAD => MACH_PORT_NULL,
            _ if c / 3 % 8 == 0 => MACH_PORT_NULL,
            name => name,
        };
        Call::Request {
            name,
            id,
            sync,
            notify,
            disposition,
        }
    }

    fn choose_send(&self, task: TaskId, step: &Step, id: i32) -> Call {
        let [a, b, c, d] = step.picks;
        let (to, to_disposition) = self.pick_right(task, a, b);
        let (mut reply, mut reply_disposition) = match c % 3 {
            0 => (MACH_PORT_NULL, 0),
            _ => self.pick_right(task, c / 3, d & 0x7fff),
        };
        let makes = reply_disposition >= MACH_MSG_TYPE_MAKE_SEND
            && reply_disposition != MACH_MSG_TYPE_MOVE_SEND_ONCE;
        let once = MACH_MSG_TYPE_MOVE_SEND_ONCE;
        let same_once = to == reply && [to_disposition, reply_disposition].contains(&once);
        // Versions differ over dead reply rights, and over which half of a send-once right for both is wrong.
        if same_once || !makes && valid(reply) && !self.denotes_living(task, reply) {
            (reply, reply_disposition) = (MACH_PORT_NULL, 0);
        }
        let items = step
            .items
            .iter()
            .map(|&(pick, kind)| self.choose_item(task, pick, kind));
        Call::Send(Letter {
            to,
            to_disposition,
            reply,
            reply_disposition,
            id,
            items: items.collect(),
            notify: b / 8 % 4 == 0,
        })
    }

    fn choose_item(&self, task: TaskId, pick: u16, kind: u8) -> Item {
        let (name, disposition) = self.pick_right(task, pick, u16::from(kind / 4));
        match kind % 4 {
            3 => {
                let more = self.pick(task, pick.rotate_left(5));
                let mut names = vec![name, more, name];
                names.truncate(usize::from(kind / 4 % 4));
                Item::Ports(names, disposition)
            }
            _ => Item::Port(name, disposition),
        }
    }

    fn choose_receive(&self, task: TaskId, pick: u16, small: bool) -> Call {
        let name = self.pick_with(task, MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET, pick);
        let sources = self.sources(task, name).unwrap_or_default();
        let waiting = sources
            .iter()
            .any(|&port| !self.ports[port].queue.is_empty());
        // Whether a message that is destroyed on arrival makes room is not told by every version.
        let asked = sources
            .iter()
            .any(|&port| !self.ports[port].slots.is_empty());
        // Of messages that may come in any order, one that is cut down does not say which it was.
        let alike = sources.iter().any(|&port| {
            let mut events = self.ports[port].queue.iter().map(|message| message.event);
            events
                .next()
                .flatten()
                .is_some_and(|first| events.next() == Some(Some(first)))
        });
        Call::Receive {
            name,
            small: small && !asked && !alike,
            // What happens in another task may take its time to be told here.
            timeout: if self.several() && waiting { 10_000 } else { 0 },
        }
    }

    fn denotes_living(&self, task: TaskId, name: u32) -> bool {
        self.entry(task, name)
            .is_none_or(|entry| entry.port().is_some_and(|port| self.ports[port].alive()))
    }

    /// Whether it is clear how many references remain: XNU counts one for a request that has been answered already.
    fn is_clear(&self, task: TaskId, call: &Call) -> bool {
        let name = match *call {
            Call::Destruct { name, .. } => name,
            Call::ModRefs {
                name,
                right: MACH_PORT_RIGHT_RECEIVE,
                ..
            } => name,
            _ => return true,
        };
        let port = self.entry(task, name).and_then(Entry::port);
        port.is_none_or(|port| {
            self.ports[port]
                .slots
                .iter()
                .all(|slot| slot.notify.is_some())
        })
    }

    /// Whether it does not depend on time or on the system what a call does when there are several tasks: how many
    /// messages a queue holds, how many rights there are elsewhere, when a death there is noticed here, what becomes of
    /// ports that are sent round in circles.
    fn is_sure(&self, task: TaskId, call: &Call) -> bool {
        match call {
            Call::SetLimit { .. } | Call::SendRights { .. } => false,
            // A killed process answers no request any more, and saves no port.
            Call::Request { id, .. } if self.mortal => task == 0 && *id == MACH_NOTIFY_DEAD_NAME,
            Call::Request { name, id, .. } if *id == MACH_NOTIFY_SEND_POSSIBLE => {
                let port = self.entry(task, *name).and_then(Entry::port);
                port.is_none_or(|port| !self.ports[port].full())
            }
            Call::Request {
                name, id, notify, ..
            } if *id == MACH_NOTIFY_PORT_DESTROYED => {
                let port_of = |name| self.entry(task, name).and_then(Entry::port);
                port_of(*notify).is_none_or(|saviour| {
                    port_of(*name) != Some(saviour)
                        && matches!(self.ports[saviour].holder, Holder::Task(_))
                })
            }
            Call::Send(letter) => {
                let Some(entry) = self.entry(task, letter.to) else {
                    return true;
                };
                let Some(port) = entry.port().map(|port| &self.ports[port]) else {
                    return true;
                };
                let moved = letter.items.iter().flat_map(|item| match item {
                    Item::Port(name, MACH_MSG_TYPE_MOVE_RECEIVE) => std::slice::from_ref(name),
                    Item::Ports(names, MACH_MSG_TYPE_MOVE_RECEIVE) => names,
                    _ => &[],
                });
                // By whatever name: a port's send-once rights have their own.
                let mut moved = moved
                    .filter_map(|name| self.entry(task, *name)?.port())
                    .peekable();
                !port.full()
                    && (port.alive() || !entry.requested)
                    && (moved.peek().is_none() || matches!(port.holder, Holder::Task(_)))
                    && moved.all(|moved| Some(moved) != entry.port() && !self.saves(moved))
            }
            _ => true,
        }
    }

    /// Whether another port goes to this one when its receive right is destroyed.
    fn saves(&self, port: PortId) -> bool {
        self.ports.iter().any(|other| other.destroyed == Some(port))
    }

    fn has_slots(&self, task: TaskId, name: u32) -> bool {
        let port = self.entry(task, name).and_then(Entry::port);
        port.is_some_and(|port| !self.ports[port].slots.is_empty())
    }
}
