//! What `volwatch` asks its daemon beside locks: at the same port, by an interface of its own.

use lock_service::Uuid;
use mach_interface::{Deferred, DeferredReply, Text, Value, subsystem};
use mach_ports::{AuditToken, ReturnCode};

use crate::status::Status;

/// The key of the right to the daemon's port among the ports of a helper.
pub const LOCKS_KEY: u32 = launcher::key(b"lock");
/// Room for what people call a volume, with its end.
pub const NAME: usize = 1024;
/// What callers of another user than the daemon's are told: `KERN_NO_ACCESS`.
pub const NO_ACCESS: ReturnCode = ReturnCode::new(8);

/// Asking a daemon, and telling it.
#[subsystem(base = 70_100, name = "volwatch")]
pub trait Watcher {
    /// Id 70100: the id of the volume that is called so; nil if there is none.
    #[out(uuid)]
    fn find(&self, #[caller] caller: AuditToken, name: Text<NAME>) -> Result<[u8; 16], ReturnCode>;

    /// Id 70101: everything that there is to be seen.
    #[out(all)]
    fn status(&self, #[caller] caller: AuditToken) -> Result<Value<Status>, ReturnCode>;

    /// Id 70102: looks at a volume now, and rebuilds it if it is stale; in any case if `forced`. `outcome` is one of
    /// [`Outcome`], `pid` the process at work on it.
    #[out(outcome, pid)]
    fn rebuild(
        &self,
        #[caller] caller: AuditToken,
        reply: DeferredReply<(u32, i32)>,
        uuid: [u8; 16],
        forced: bool,
    ) -> Deferred;

    /// Id 70103: unmounts a volume, unless somebody is at work on it. `errno` is of the system call, `tries_left` how often it
    /// is still denied while it cannot be rebuilt.
    #[out(outcome, pid, tries_left, errno)]
    fn unmount(
        &self,
        #[caller] caller: AuditToken,
        reply: DeferredReply<(u32, i32, u32, i32)>,
        uuid: [u8; 16],
    ) -> Deferred;
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
#[non_exhaustive]
pub enum Outcome {
    /// It is done, or there was nothing to do.
    Done = 0,
    /// There is no such volume.
    Unknown = 1,
    /// Somebody is at work on it.
    Busy = 2,
    /// A helper has been launched.
    Launched = 3,
    /// It failed.
    Failed = 4,
    /// The machine is being shut down.
    ShuttingDown = 5,
    /// It has failed too often.
    GivenUp = 6,
    /// It is a folder, and not mounted.
    NotMounted = 7,
    /// It cannot be looked at, or nothing is configured that rebuilds it; the status says why.
    Trouble = 8,
}

impl Outcome {
    /// The outcome with that number, of a daemon that may be newer.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        Some(match number {
            0 => Self::Done,
            1 => Self::Unknown,
            2 => Self::Busy,
            3 => Self::Launched,
            4 => Self::Failed,
            5 => Self::ShuttingDown,
            6 => Self::GivenUp,
            7 => Self::NotMounted,
            8 => Self::Trouble,
            _ => return None,
        })
    }

    pub(crate) const fn number(self) -> u32 {
        self as u32
    }
}

pub(crate) const NONE: [u8; 16] = *Uuid::nil().as_bytes();
