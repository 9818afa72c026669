//! Everything at one moment, for those who want to see it.

use std::time::Instant;

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::resource::Resource;
use crate::state::{Machine, Mode};

/// All volumes, and all locks that somebody holds or waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Snapshot {
    /// Whether the volumes are known.
    pub ready: bool,
    /// The process that holds the reboot lock.
    pub reboot_holder: Option<i32>,
    /// The process that waits for it.
    pub reboot_waiter: Option<i32>,
    /// The volumes, in the order of their ids.
    pub volumes: Vec<VolumeInfo>,
    /// The locks, those on volumes too, in the order of what they are on.
    pub locks: Vec<LockInfo>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct VolumeInfo {
    /// Its id, from the most significant byte on.
    pub id: [u8; 16],
    /// Its name.
    pub name: String,
    /// Launches since the last success.
    pub attempts: u32,
    /// Failures since the last success.
    pub failures: u32,
    /// The helper that works on it, or is about to.
    pub helper: Option<i32>,
    /// Whether it is being looked at.
    pub looking: bool,
}

/// A lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct LockInfo {
    /// What is locked, if it has an id.
    pub id: Option<[u8; 16]>,
    /// What is locked, as text: its name, or its id.
    pub name: String,
    /// Who holds it.
    pub holders: Vec<Holder>,
    /// Who waits for it, in order.
    pub waiters: Vec<Holder>,
}

/// A process that holds a lock, or waits for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Holder {
    /// Its id, by the kernel's word.
    pub pid: i32,
    /// Whether it shares the lock, or would.
    pub shared: bool,
    /// For how long it has held it or waited, in milliseconds.
    pub for_ms: u64,
    /// How long until the lock or the wait ends by itself, in milliseconds.
    pub ends_in_ms: Option<u64>,
}

impl Holder {
    fn new(pid: i32, mode: Mode, since: Instant, until: Option<Instant>, now: Instant) -> Self {
        let ms = |from: Instant, to: Instant| {
            u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
        };
        Self {
            pid,
            shared: mode == Mode::Shared,
            for_ms: ms(since, now),
            ends_in_ms: until.map(|until| ms(now, until)),
        }
    }
}

impl Machine {
    /// Everything at this moment.
    #[must_use]
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        let (reboot_holder, reboot_waiter) = self.reboot_pids();
        let volumes = self.volumes.iter().map(|(id, volume)| VolumeInfo {
            id: id.into_bytes(),
            name: volume.name.to_string(),
            attempts: volume.counters.attempts,
            failures: volume.counters.failures,
            helper: volume.helper.map(|helper| helper.pid),
            looking: volume.look.is_some(),
        });
        let mut locks: Vec<_> = self.locks.iter().collect();
        locks.sort_unstable_by_key(|(resource, _)| *resource);
        let locks = locks.into_iter().map(|(resource, lock)| {
            let (id, name) = match resource {
                Resource::Id(id) => (Some(id.into_bytes()), id.to_string()),
                Resource::Name(name) => (None, name.to_string()),
            };
            let holders = lock.holders.iter();
            let waiters = lock.queue.iter();
            LockInfo {
                id,
                name,
                holders: holders
                    .map(|hold| Holder::new(hold.pid, hold.mode, hold.since, hold.until, now))
                    .collect(),
                waiters: waiters
                    .map(|wait| Holder::new(wait.pid, wait.mode, wait.since, wait.until, now))
                    .collect(),
            }
        });
        Snapshot {
            ready: self.ready,
            reboot_holder,
            reboot_waiter,
            volumes: volumes.collect(),
            locks: locks.collect(),
        }
    }
}
