//! Looking at volumes, and what stands against it.

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::helper::Helper;
use crate::state::volume::Volume;
use crate::state::{ATTEMPT_LIMIT, Checked, FAILURE_LIMIT, Happening, Machine, Outside, Why};

/// What came of looking at a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive, as the reasons are.
pub enum CheckOutcome {
    /// There is no such volume.
    Unknown,
    /// The machine is being shut down: nothing is launched any more.
    ShuttingDown,
    /// A process with this id holds it.
    Locked(i32),
    /// The helper with this id was launched before, and is not done.
    Running(i32),
    /// It has failed so often that it is not looked at for this reason.
    GivenUp,
    /// It is as it should be.
    Clean,
    /// The helper with this id has been launched.
    Launched(i32),
    /// No helper could be launched.
    Failed,
}

/// Whether a volume may be unmounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
// Exhaustive: yes, no, or which one?
pub enum Unmount {
    /// There is no such volume.
    Unknown,
    /// It may.
    Allowed,
    /// A process is at work on it.
    Denied {
        /// Its id.
        pid: i32,
        /// How many more failures are waited for until it may be unmounted all the same.
        tries_left: u32,
    },
}

impl Machine {
    /// Looks at a volume, unless somebody is at work on it or it has failed too often; launches its helper if it needs one.
    pub fn check(&mut self, id: Uuid, why: Why, out: &mut dyn Outside) -> CheckOutcome {
        let Some(volume) = self.volumes.get_mut(&id) else {
            return CheckOutcome::Unknown;
        };
        let resource = Resource::Id(id);
        let holder = self
            .locks
            .get(&resource)
            .and_then(|lock| lock.holders.first());
        if let Some(hold) = holder {
            return CheckOutcome::Locked(hold.pid);
        }
        if self.reboot.is_held() {
            return CheckOutcome::ShuttingDown;
        }
        if let Some(helper) = volume.helper.filter(|helper| !helper.counted) {
            return CheckOutcome::Running(helper.pid);
        }
        if volume.is_given_up(why) {
            return CheckOutcome::GivenUp;
        }
        let checked = out.check(id, why);
        let forced = why == Why::Forced;
        let Some(volume) = self.volumes.get_mut(&id) else {
            return CheckOutcome::Unknown;
        };
        if checked != Checked::Clean && !forced {
            volume.counters.attempt();
        }
        match checked {
            Checked::Clean => CheckOutcome::Clean,
            Checked::Launched(pid) => {
                volume.helper = Some(Helper {
                    pid,
                    forced,
                    counted: false,
                });
                self.tell(out, &resource, pid, Happening::Launched);
                CheckOutcome::Launched(pid)
            }
            Checked::Failed => {
                if !forced {
                    volume.counters.fail();
                    let failures = volume.counters.failures;
                    self.tell(out, &resource, 0, Happening::Failed(failures));
                }
                CheckOutcome::Failed
            }
        }
    }

    /// Whether a volume may be unmounted. It may not while somebody is at work on it; looking at it may launch a helper.
    pub fn unmount(&mut self, id: Uuid, out: &mut dyn Outside) -> Unmount {
        let pid = match self.check(id, Why::Unmount, out) {
            CheckOutcome::Unknown => return Unmount::Unknown,
            CheckOutcome::Locked(pid)
            | CheckOutcome::Running(pid)
            | CheckOutcome::Launched(pid) => pid,
            _ => return Unmount::Allowed,
        };
        let Some(volume) = self.volumes.get_mut(&id) else {
            return Unmount::Unknown;
        };
        let tries_left = volume.counters.tries_left();
        volume.counters.note_denial();
        Unmount::Denied { pid, tries_left }
    }
}

impl Volume {
    /// Whether it has failed so often that it is not looked at any more for this reason.
    const fn is_given_up(&self, why: Why) -> bool {
        match why {
            Why::Forced => false,
            Why::Appeared | Why::Changed => self.counters.attempts >= ATTEMPT_LIMIT,
            Why::Shutdown | Why::Unmount => {
                self.counters.failures >= FAILURE_LIMIT || self.counters.attempts >= ATTEMPT_LIMIT
            }
        }
    }
}
