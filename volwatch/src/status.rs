//! What `volwatch status` shows, and `--json` prints.

use postcard_schema::Schema;
use serde::{Deserialize, Serialize};

/// Everything at one moment. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Status {
    /// Whether volumes can be locked.
    pub ready: bool,
    /// How long the delay at the start holds back checks; `null` once it is over.
    pub starting_ms: Option<u64>,
    /// The process that holds the shutdown lock.
    pub shutdown_holder: Option<i32>,
    /// The process that waits for it.
    pub shutdown_waiter: Option<i32>,
    /// How long logind delays a shutdown for the daemon at most (`InhibitDelayMaxUSec`); `null` where nobody does.
    pub shutdown_delay_ms: Option<u64>,
    /// Whether the next shutdown is delayed.
    pub shutdown_delayed: bool,
    /// The volumes that are watched, by their ids.
    pub volumes: Vec<VolumeStatus>,
    /// What was meant to be watched and is not.
    pub left: Vec<LeftStatus>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct VolumeStatus {
    /// Its id.
    pub uuid: String,
    /// What it is called.
    pub name: String,
    /// Its root.
    pub root: String,
    /// Whether it is mounted, and not a folder in another volume.
    pub mounted: bool,
    /// What goes on there.
    pub state: State,
    /// The processes that hold it.
    pub holders: Vec<Process>,
    /// Those that wait, in order.
    pub waiters: Vec<Process>,
    /// The helper at work on it.
    pub helper: Option<i32>,
    /// Launches since the last success.
    pub attempts: u32,
    /// Failures since the last success.
    pub failures: u32,
    /// How long until it is looked at, if nothing else changes.
    pub next_check_ms: Option<u64>,
    /// Why it is not rebuilt, as it is.
    pub trouble: Option<String>,
}

/// What goes on at a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Nothing.
    Quiet,
    /// It has changed, and is waited for to be quiet.
    Settling,
    /// It is being looked at.
    Checking,
    /// A helper has been launched.
    Rebuilding,
    /// Somebody holds it.
    Locked,
}

/// A process that holds a volume, or waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// Whether it shares the volume, or would.
    pub shared: bool,
    /// For how long it has held it or waited.
    pub for_ms: u64,
}

/// A place that was meant to be watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Schema)]
pub struct LeftStatus {
    /// Where.
    pub root: String,
    /// Why it is not.
    pub reason: String,
}
