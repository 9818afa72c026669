//! What is measured, in groups: each has its own process, so that none finds the ports and children of another.

mod growth;
mod hand_over;
mod images;
mod launch;
mod locks;
mod plt;
mod request;
mod resident;
mod rights;
mod set;
mod spawn;
mod stream;
mod threads;
mod typed;
mod watched;

use clap::ValueEnum;

use crate::args::Mode;
use crate::harness::Contender;
use crate::harness::peer::Role;
use crate::harness::rounds::race;
use crate::harness::scale::{Counts, Scale};
use crate::harness::series::Race;
use crate::raw::{self, Gone};
use crate::{Result, ours, path, peers, sys};

/// One group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// 64 bytes, and as many back.
    Request,
    /// The same by a typed interface.
    Typed,
    /// A lock and an unlock.
    Locks,
    /// Messages one way, of three sizes.
    Stream,
    /// 16 ports in a set, 16 senders.
    Set,
    /// Threads of one task, each with a port of its own.
    Threads,
    /// Rights in messages.
    Rights,
    /// Memory that is given away, of two sizes.
    Memory,
    /// A child with four ports, until its first message.
    Launch,
    /// The same from parents with little and with much memory.
    Resident,
    /// A program that monitors are told of, until its end.
    Watched,
    /// The same, with more libraries.
    Crowded,
    /// A library that a watched process loads and unloads.
    Images,
    /// Calls of a library's function in a watched process.
    Plt,
    /// Creating a child, beside children that are registered and never ask.
    Spawn,
    /// Requests beside children that have their ports.
    Children,
    /// Requests beside other ports of this task.
    Names,
}

impl Group {
    /// All, in the order of the report.
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// The word on the command line and in names of files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Typed => "typed",
            Self::Locks => "locks",
            Self::Stream => "stream",
            Self::Set => "set",
            Self::Threads => "threads",
            Self::Rights => "rights",
            Self::Memory => "memory",
            Self::Launch => "launch",
            Self::Resident => "resident",
            Self::Watched => "watched",
            Self::Crowded => "crowded",
            Self::Images => "images",
            Self::Plt => "plt",
            Self::Spawn => "spawn",
            Self::Children => "children",
            Self::Names => "names",
        }
    }

    /// What the report says above its table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Request => "Request and reply, 64 bytes",
            Self::Typed => "Typed call, 64 bytes",
            Self::Locks => "Lock and unlock",
            Self::Stream => "Messages one way, queue limit 1,024",
            Self::Set => "Many senders",
            Self::Threads => "Threads of one task, 64 bytes to themselves",
            Self::Rights => "Rights in messages, until an answer",
            Self::Memory => "Memory given away, until it was looked at",
            Self::Launch => "Launch, until the first message or byte",
            Self::Resident => "Launch from a parent with much memory",
            Self::Watched => "A watched program, until its end",
            Self::Crowded => "A watched program with more libraries, until its end",
            Self::Images => "A library that comes and goes in a watched process",
            Self::Plt => "Calls by the PLT in a watched process",
            Self::Spawn => "Creating a child beside registered ones",
            Self::Children => "Requests beside live children",
            Self::Names => "Requests beside other ports",
        }
    }

    /// What a level of its races is.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Stream | Self::Memory => "bytes",
            Self::Resident => "MiB resident",
            Self::Crowded => "more libraries",
            Self::Spawn => "registered children",
            Self::Children => "live children",
            Self::Names => "ports",
            Self::Request
            | Self::Typed
            | Self::Locks
            | Self::Set
            | Self::Threads
            | Self::Rights
            | Self::Launch
            | Self::Watched
            | Self::Images
            | Self::Plt => "",
        }
    }

    /// Whether a level is compared with the first one, and not only its contenders with each other.
    pub(crate) fn grows(self) -> bool {
        matches!(self, Self::Children | Self::Names)
    }

    fn races(self, counts: &Counts) -> Result<Vec<Race>> {
        match self {
            Self::Request => single(request::contenders(counts)?, counts.rounds),
            Self::Typed => single(typed::contenders(counts)?, counts.rounds),
            Self::Locks => single(locks::contenders(counts)?, counts.rounds),
            Self::Stream => stream::races(counts),
            Self::Set => single(set::contenders(counts)?, counts.rounds),
            Self::Threads => single(threads::contenders(counts), counts.rounds),
            Self::Rights => single(rights::contenders(counts)?, counts.rounds),
            Self::Memory => hand_over::races(counts),
            Self::Launch => single(launch::contenders()?, counts.launches),
            Self::Resident => resident::races(counts),
            Self::Watched => single(images::launches(), counts.launches),
            Self::Crowded => images::crowded_launches(counts),
            Self::Images => single(images::reloads()?, counts.rounds),
            Self::Plt => single(plt::contenders()?, counts.rounds),
            Self::Spawn => spawn::races(counts),
            Self::Children => growth::children(counts),
            Self::Names => growth::names(counts),
        }
    }
}

fn single(mut contenders: Vec<Contender>, rounds: usize) -> Result<Vec<Race>> {
    let series = race(&mut contenders, rounds)?;
    Ok(vec![Race {
        level: None,
        series,
    }])
}

/// Measures a group and prints its races.
pub(crate) fn measure(group: Group, mode: Mode, scale: Scale) -> Result<()> {
    if mode == Mode::Pinned {
        sys::pin()?;
    }
    let races = group.races(&scale.counts())?;
    println!("{}", serde_json::to_string(&races)?);
    Ok(())
}

/// Does what the role says, in a process that a benchmark has started.
pub(crate) fn serve(role: &Role) -> Result<()> {
    // These are measured from their start on, and end by themselves.
    if let Some(done) = launch::serve(role) {
        return done;
    }
    sys::end_with_parent()?;
    let served = raw::serve(role)
        .or_else(|| ours::serve(role))
        .or_else(|| sys::serve(role))
        .or_else(|| resident::serve(role))
        .or_else(|| images::serve(role))
        .or_else(|| plt::serve(role))
        .or_else(|| growth::serve(role))
        .or_else(|| spawn::serve(role))
        .or_else(|| peers::serve(role))
        .or_else(|| path::serve(role));
    match served {
        Some(Err(end)) if end.is::<Gone>() => Ok(()),
        Some(done) => done,
        None => Err(format!("there is no role {}", role.name).into()),
    }
}
