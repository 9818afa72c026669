//! Calls and what they give, as values.

use serde::{Deserialize, Serialize};

use super::world::TaskId;

/// A call on the calling task. Names are the model's in the model, and real ones where it is really made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as the calls and their parameters")]
pub enum Call {
    Allocate {
        right: u32,
    },
    InsertRight {
        name: u32,
        poly: u32,
        disposition: u32,
    },
    ExtractRight {
        name: u32,
        disposition: u32,
    },
    ModRefs {
        name: u32,
        right: u32,
        delta: i32,
    },
    Deallocate {
        name: u32,
    },
    Destroy {
        name: u32,
    },
    Destruct {
        name: u32,
        delta: i32,
    },
    GetRefs {
        name: u32,
        right: u32,
    },
    Type {
        name: u32,
    },
    Status {
        name: u32,
    },
    SendRights {
        name: u32,
    },
    SetMakeSends {
        name: u32,
        count: u32,
    },
    SetLimit {
        name: u32,
        limit: u32,
    },
    Request {
        name: u32,
        id: i32,
        sync: u32,
        notify: u32,
        disposition: u32,
    },
    InsertMember {
        member: u32,
        set: u32,
    },
    ExtractMember {
        member: u32,
        set: u32,
    },
    MoveMember {
        member: u32,
        after: u32,
    },
    Members {
        set: u32,
    },
    Send(Letter),
    /// `small`: with room for nothing but an empty message.
    Receive {
        name: u32,
        small: bool,
        timeout: u32,
    },
    /// A send right made from a receive right, for the other task, past all ports of the model's. Gives its name there.
    Give {
        name: u32,
    },
    /// A port for replies alone (`MPO_REPLY_PORT`).
    CreateReplyPort,
    CreateTimer,
    /// `past`: for a time that has come, while no message of the timer's waits; else for one that does not come.
    ArmTimer {
        name: u32,
        past: bool,
    },
    /// Gives whether it was armed.
    CancelTimer {
        name: u32,
    },
    DestroyTimer {
        name: u32,
    },
    /// A number that a name could have; not a call of Mach's.
    FreeName,
    /// Every name with its type and references.
    Census,
}

/// A message to send, never waiting for room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as in Mach's header")]
pub struct Letter {
    pub to: u32,
    pub to_disposition: u32,
    pub reply: u32,
    pub reply_disposition: u32,
    pub id: i32,
    pub items: Vec<Item>,
    /// `MACH_SEND_NOTIFY`.
    pub notify: bool,
}

/// A descriptor: names and their disposition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the descriptor's name says it")]
pub enum Item {
    Port(u32, u32),
    Ports(Vec<u32>, u32),
}

/// A receive right's status: in a set, sequence number, make-send count, limit, messages, send-once rights, any send
/// rights, port-destroyed request, no-senders request.
pub type Status = [u32; 9];

/// What a call gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Only this code.
    Code(i32),
    /// Success and a name.
    Name(u32),
    /// Success, a name and its disposition.
    Right(u32, u32),
    /// Success and a number.
    Value(u32),
    /// Success and a receive right's status, as [`Status`].
    Status(Status),
    /// Success and the members of a set, ascending.
    Members(Vec<u32>),
    /// A message that arrived, or came back, with a code.
    Message(i32, Arrived),
    /// Names with types and references, ascending.
    Census(Vec<(u32, u32, u32)>),
}

/// A message in a task's hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as in Mach's header")]
pub struct Arrived {
    pub remote: u32,
    pub remote_disposition: u32,
    pub local: u32,
    pub local_disposition: u32,
    pub id: i32,
    pub items: Vec<Item>,
    pub told: Told,
}

/// What a notification says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// It has no number.
    Nothing,
    /// A number: a make-send count, or in what really arrived a name.
    Count(u32),
    /// In the model, a name of this task.
    Name(TaskId, u32),
}

impl Item {
    fn each(&mut self, f: &mut impl FnMut(&mut u32)) {
        match self {
            Self::Port(name, _) => f(name),
            Self::Ports(names, _) => names.iter_mut().for_each(f),
        }
    }
}

impl Call {
    /// Has `f` see, and change, every name.
    pub fn each_name(&mut self, mut f: impl FnMut(&mut u32)) {
        match self {
            Self::Allocate { .. }
            | Self::CreateReplyPort
            | Self::CreateTimer
            | Self::FreeName
            | Self::Census => {}
            Self::InsertRight { name, poly, .. } => {
                f(poly);
                f(name);
            }
            Self::Request { name, notify, .. } => {
                f(name);
                f(notify);
            }
            Self::InsertMember { member, set } | Self::ExtractMember { member, set } => {
                f(member);
                f(set);
            }
            Self::MoveMember { member, after } => {
                f(member);
                f(after);
            }
            Self::Send(letter) => {
                f(&mut letter.to);
                f(&mut letter.reply);
                letter.items.iter_mut().for_each(|item| item.each(&mut f));
            }
            Self::ExtractRight { name, .. }
            | Self::ModRefs { name, .. }
            | Self::Deallocate { name }
            | Self::Destroy { name }
            | Self::Destruct { name, .. }
            | Self::GetRefs { name, .. }
            | Self::Type { name }
            | Self::Status { name }
            | Self::SendRights { name }
            | Self::Give { name }
            | Self::SetMakeSends { name, .. }
            | Self::SetLimit { name, .. }
            | Self::Receive { name, .. }
            | Self::ArmTimer { name, .. }
            | Self::CancelTimer { name }
            | Self::DestroyTimer { name }
            | Self::Members { set: name } => f(name),
        }
    }
}

impl Outcome {
    /// Has `f` see, and change, every name that the call gave to its caller.
    pub fn each_name(&mut self, mut f: impl FnMut(&mut u32)) {
        match self {
            Self::Code(_) | Self::Value(_) | Self::Status(_) => {}
            Self::Name(name) | Self::Right(name, _) => f(name),
            Self::Members(names) => names.iter_mut().for_each(f),
            Self::Message(_, arrived) => {
                f(&mut arrived.remote);
                f(&mut arrived.local);
                arrived.items.iter_mut().for_each(|item| item.each(&mut f));
            }
            Self::Census(names) => names.iter_mut().for_each(|(name, _, _)| f(name)),
        }
    }
}
