//! Interfaces as data: for `.defs` files, and for comparing the two ends of a connection.

mod defs;
mod hash;
mod header;
mod names;

use mach_ports::{Disposition, RightKind};

use crate::kind::PortKind;

/// What becomes of the sender's memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: MIG has no other ways.
pub enum MemoryWay {
    /// It stays the sender's.
    Lend,
    /// `dealloc`.
    Move,
    /// `dealloc[]`.
    Either,
    /// `physicalcopy`.
    Physical,
}

/// How a right is sent, and what arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: MIG has no other port types.
pub enum Sent {
    /// In this way.
    As(Disposition),
    /// The sender says how; this kind arrives.
    Arrives(RightKind),
    /// The sender says how, and any kind arrives.
    Polymorphic,
}

impl Sent {
    /// How rights of a kind are sent.
    #[must_use]
    pub fn of<K: PortKind>() -> Self {
        match (K::SENT, K::ARRIVES) {
            (Some(disposition), _) => Self::As(disposition),
            (None, Some(kind)) => Self::Arrives(kind),
            (None, None) => Self::Polymorphic,
        }
    }
}

/// A type of argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the fields say what `.defs` types say")]
pub enum Type {
    /// A number, by MIG's name.
    Number(String),
    /// A structure, by its name, and its fields.
    Struct(String, Vec<(String, Self)>),
    /// `array[N] of T`.
    Array(Box<Self>, usize),
    /// `array[*:N] of T`.
    ArrayUpTo(Box<Self>, usize),
    /// `c_string[*:N]`.
    Text(usize),
    /// `c_string[N]`.
    FixedText(usize),
    /// The part of `array[*:N] of T, CountInOut` in the request.
    Room(usize),
    /// The part of `array[*:N] of T, CountInOut` in the reply.
    Counted(Box<Self>, usize),
    /// A port right.
    Port { sent: Sent, nullable: bool },
    /// `array[N] of` rights.
    Ports {
        sent: Sent,
        nullable: bool,
        count: usize,
    },
    /// `array[*:N] of` rights.
    PortsUpTo {
        sent: Sent,
        nullable: bool,
        most: usize,
    },
    /// `^array[] of` rights.
    OolPorts {
        sent: Sent,
        nullable: bool,
        most: Option<usize>,
        fixed: bool,
        way: MemoryWay,
    },
    /// `^array[] of T`.
    Memory {
        of: Box<Self>,
        most: Option<usize>,
        fixed: bool,
        way: MemoryWay,
    },
    /// A value that Rust alone can read, inline of at most so many bytes or else out of line.
    Value {
        schema: String,
        rights: bool,
        inline: Option<usize>,
    },
}

impl Type {
    /// A reply port to which the right is sent in this way.
    #[must_use]
    pub const fn reply_port(sent: Disposition) -> Self {
        Self::Port {
            sent: Sent::As(sent),
            nullable: true,
        }
    }
}

/// Where an argument goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Direction {
    /// Into the request.
    In,
    /// Into the reply.
    Out,
    /// Both.
    InOut,
    /// The right to reply by, as the client names it.
    ReplyPort,
    /// The right to reply by, as the server alone sees it: it answers later.
    ServerReplyPort,
    /// The name of the port that the request came to.
    RequestPort,
    /// Who sent the request.
    AuditToken,
    /// Who sent the request, in two words.
    SecurityToken,
    /// Who sent the reply, told to the client.
    UserAuditToken,
    /// Who sent the reply, in two words.
    UserSecurityToken,
    /// How long the call may take, which the client says.
    WaitTime,
    /// How long its sending may take.
    SendTime,
    /// The context of the port that the request came to.
    ContextToken,
    /// The number of the request.
    SequenceNumber,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Where it goes.
    pub direction: Direction,
    /// What it is; of those that are not on the wire, nothing. Of a reply port, how the right to it is sent, if it is not made
    /// as a send-once right.
    pub of: Option<Type>,
}

impl Argument {
    /// An argument.
    #[must_use]
    pub fn new(name: &str, direction: Direction, of: Option<Type>) -> Self {
        Self {
            name: name.trim_start_matches("r#").to_owned(),
            direction,
            of,
        }
    }
}

/// A routine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// Whether it has no reply.
    pub simple: bool,
    /// Its arguments, beside the port that requests go to.
    pub arguments: Vec<Argument>,
    /// How long a call may take where nobody says otherwise, in milliseconds.
    pub wait_time: Option<u32>,
    /// How long its sending may take.
    pub send_time: Option<u32>,
}

impl Routine {
    /// A routine of these arguments and results. A result that has the name of an argument is the same one, changed by
    /// the routine.
    #[must_use]
    pub fn new(name: &str, simple: bool, ins: Vec<Argument>, outs: Vec<Argument>) -> Self {
        let mut arguments = Vec::new();
        let mut outs = outs.into_iter().peekable();
        for mut argument in ins {
            // A room and what it is for are one argument of MIG's, whatever they are called here.
            let is_same = |out: &Argument| match (&argument.of, &out.of) {
                (Some(Type::Room(_)), Some(Type::Counted(..))) => true,
                _ => out.name == argument.name && argument.direction == Direction::In,
            };
            if outs.clone().any(|out| is_same(&out)) {
                // The results that come before it in the reply come before it here.
                for out in outs.by_ref() {
                    if is_same(&out) {
                        if let Some(Type::Counted(..)) = out.of {
                            argument.of = out.of;
                            argument.direction = Direction::Out;
                        } else {
                            argument.direction = Direction::InOut;
                        }
                        break;
                    }
                    arguments.push(out);
                }
            }
            arguments.push(argument);
        }
        arguments.extend(outs);
        Self {
            name: name.trim_start_matches("r#").to_owned(),
            simple,
            arguments,
            wait_time: None,
            send_time: None,
        }
    }

    /// Limits its calls, in milliseconds.
    #[must_use]
    pub const fn with_limits(mut self, wait_time: Option<u32>, send_time: Option<u32>) -> Self {
        self.wait_time = wait_time;
        self.send_time = send_time;
        self
    }
}

/// An interface: MIG's subsystem.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// The id of its first routine.
    pub base: i32,
    /// Its routines by index; an index that is used up has none.
    pub routines: Vec<Option<Routine>>,
}

impl Interface {
    /// An interface.
    #[must_use]
    pub fn new(name: &str, base: i32, routines: Vec<Option<Routine>>) -> Self {
        Self {
            name: name.to_owned(),
            base,
            routines,
        }
    }

    /// A number that is the same for the same interface, on all machines and in all programs that are made with the
    /// same version of this crate.
    #[must_use]
    pub fn schema_hash(&self) -> u64 {
        hash::fnv1a(format!("{self:?}").as_bytes())
    }
}
