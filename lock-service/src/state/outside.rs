//! What a machine asks of the rest of the program, and what it tells.

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::{ClientId, Mode};
use crate::status::Status;

/// A request that has not been answered yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// How the holder before ended its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
// Exhaustive: a lock ends by its holder, without it, or by the clock.
pub enum Previous {
    /// It unlocked, or there was none.
    #[default]
    Unlocked,
    /// It died: what the lock protects may be half done.
    Died,
    /// Its lease ended; it may be at work still.
    Expired,
}

/// How a lock ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive, as `Previous` is.
pub enum End {
    /// Its holder unlocked it, with this exit status of the work that it was for.
    Unlocked(i32),
    /// Its holder died.
    Died,
    /// Its lease was over.
    Expired,
}

impl End {
    /// What the next holder is told.
    pub(super) const fn as_previous(self) -> Previous {
        match self {
            Self::Unlocked(_) => Previous::Unlocked,
            Self::Died => Previous::Died,
            Self::Expired => Previous::Expired,
        }
    }
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// What it comes to.
    pub status: Status,
    /// Of a lock that is granted: how the one before it ended.
    pub previous: Previous,
    /// Of a reboot lock that is not granted: the name of a volume that is busy.
    pub busy: Option<Box<str>>,
}

impl Answer {
    /// A status and nothing more.
    #[must_use]
    pub const fn of(status: Status) -> Self {
        Self {
            status,
            previous: Previous::Unlocked,
            busy: None,
        }
    }
}

/// Why a volume is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: the limits say what holds for each.
pub enum Why {
    /// It has appeared, or the delay at the start is over.
    Appeared,
    /// Something on it has changed.
    Changed,
    /// The machine is to be shut down.
    Shutdown,
    /// It is to be unmounted.
    Unmount,
    /// It is to be rebuilt, changed or not. This touches no counter.
    Forced,
}

/// What looking at a volume came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: there is nothing to do, it is being done, it cannot be done, or that is not known yet.
pub enum Checked {
    /// The look takes its time: [`Machine::looked`](crate::state::Machine::looked) is told of its end, by this number, which
    /// no other look has.
    Looking(u64),
    /// It is as it should be.
    Clean,
    /// It was not; a helper with this process id has been launched.
    Launched(i32),
    /// It was not, and the helper could not be launched.
    Failed,
}

/// A volume that is to be watched from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVolume {
    /// The id of its file system, by which it is locked.
    pub id: Uuid,
    /// The name by which it is shown.
    pub name: Box<str>,
}

/// Something that happened to a lock or a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// Which one; `None` is the reboot lock.
    pub resource: Option<Resource>,
    /// The client that did it, or that it happened to; a process can have several. `None` for what happens to volumes.
    pub client: Option<ClientId>,
    /// Its process, or the helper's. 0 if there is none.
    pub pid: i32,
    /// What happened.
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Happening {
    /// A process waits for the lock.
    Waits,
    /// A process waits no more: it gave up, died or was refused.
    WaitsNoMore,
    /// A process has the lock.
    Locked(Mode),
    /// A process has it no more.
    Ended(End),
    /// A volume is there.
    Appeared,
    /// A volume is gone.
    Disappeared,
    /// A helper was launched for a volume.
    Launched,
    /// A volume's helper failed; so many times in a row by now.
    Failed(u32),
    /// A volume's helper succeeded after so many failures.
    Recovered(u32),
}

impl Happening {
    /// As observers in other processes are told: see [`LockEvents::event`](crate::wire::LockEvents::event).
    pub(crate) fn to_wire(self) -> (u32, i32) {
        let count = |count| i32::try_from(count).unwrap_or(i32::MAX);
        match self {
            Self::Waits => (1, 0),
            Self::WaitsNoMore => (2, 0),
            Self::Locked(mode) => (3, i32::from(mode == Mode::Shared)),
            Self::Ended(End::Unlocked(status)) => (4, status),
            Self::Ended(End::Died) => (5, 0),
            Self::Ended(End::Expired) => (6, 0),
            Self::Appeared => (7, 0),
            Self::Disappeared => (8, 0),
            Self::Launched => (9, 0),
            Self::Failed(failures) => (10, count(failures)),
            Self::Recovered(failures) => (11, count(failures)),
        }
    }

    /// What an observer was told; `None` for what this version does not know.
    pub(crate) fn from_wire(what: u32, detail: i32) -> Option<Self> {
        let count = u32::try_from(detail).unwrap_or_default();
        Some(match what {
            1 => Self::Waits,
            2 => Self::WaitsNoMore,
            3 if detail == 1 => Self::Locked(Mode::Shared),
            3 => Self::Locked(Mode::Exclusive),
            4 => Self::Ended(End::Unlocked(detail)),
            5 => Self::Ended(End::Died),
            6 => Self::Ended(End::Expired),
            7 => Self::Appeared,
            8 => Self::Disappeared,
            9 => Self::Launched,
            10 => Self::Failed(count),
            11 => Self::Recovered(count),
            _ => return None,
        })
    }
}

/// What a machine asks of the rest of the program. None of it may come back to the machine before it has returned.
pub trait Outside {
    /// Answers a request: whether that was possible. A waiter that cannot be told does not get the lock.
    fn answer(&mut self, ticket: Ticket, answer: Answer) -> bool;

    /// A client holds nothing and waits for nothing any more: what was kept of it can go.
    fn released(&mut self, client: ClientId);

    /// Looks at a volume that nobody holds, and launches its helper if it needs one.
    fn check(&mut self, volume: Uuid, why: Why) -> Checked;

    /// A volume's helper unlocks it after its work was done well. What is still to be done before the lock goes on may take its
    /// time: then it is begun, and [`Machine::finished`](crate::state::Machine::finished) is told of its end, by this number.
    fn finish(&mut self, volume: Uuid, pid: i32) -> Option<u64> {
        let _ = (volume, pid);
        None
    }

    /// Makes a volume respect owners for its holder, or not any more.
    fn set_owners(&mut self, volume: Uuid, on: bool);

    /// Looks for volumes that are not watched yet, before the machine is shut down. `None` if that takes its time:
    /// [`Machine::surveyed`](crate::state::Machine::surveyed) is told of them.
    fn survey(&mut self) -> Option<Vec<NewVolume>>;

    /// Something happened.
    fn event(&mut self, event: Event);
}
