//! Whether volumes are looked at, and what stands against it.

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::helper::Helper;
use crate::state::look::Look;
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
    /// It is being looked at. What that comes to is known later.
    Looking,
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
        let Some(volume) = self.volumes.get(&id) else {
            return CheckOutcome::Unknown;
        };
        if let Some(pid) = self.volume_holder(id) {
            return CheckOutcome::Locked(pid);
        }
        if self.reboot.is_held() {
            return CheckOutcome::ShuttingDown;
        }
        if let Some(helper) = volume.helper.filter(|helper| !helper.counted) {
            return CheckOutcome::Running(helper.pid);
        }
        if volume.look.is_some() {
            return CheckOutcome::Looking;
        }
        if volume.is_given_up(why) {
            return CheckOutcome::GivenUp;
        }
        let checked = out.check(id, why);
        self.checked(id, why, checked, out)
    }

    /// The process that holds a volume; the first, if several share it.
    pub(super) fn volume_holder(&self, id: Uuid) -> Option<i32> {
        let lock = self.locks.get(&Resource::Id(id));
        lock.and_then(|lock| lock.holders.first())
            .map(|hold| hold.pid)
    }

    /// Counts what a look came to.
    pub(super) fn checked(
        &mut self,
        id: Uuid,
        why: Why,
        checked: Checked,
        out: &mut dyn Outside,
    ) -> CheckOutcome {
        let forced = why == Why::Forced;
        let Some(volume) = self.volumes.get_mut(&id) else {
            return CheckOutcome::Unknown;
        };
        if matches!(checked, Checked::Launched(_) | Checked::Failed) && !forced {
            volume.counters.attempt();
        }
        let resource = Resource::Id(id);
        match checked {
            Checked::Looking(number) => {
                volume.look = Some(Look::new(number, why));
                CheckOutcome::Looking
            }
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

    /// Whether a volume may be unmounted, after a look that may have launched its helper, with [`Why::Unmount`]. It may not while
    /// somebody is at work on it.
    pub fn unmount(&mut self, id: Uuid, looked: CheckOutcome) -> Unmount {
        let holder = self.volume_holder(id);
        let Some(volume) = self.volumes.get_mut(&id) else {
            return Unmount::Unknown;
        };
        let at_work = match looked {
            CheckOutcome::Locked(pid)
            | CheckOutcome::Running(pid)
            | CheckOutcome::Launched(pid) => Some(pid),
            // Others may have come and gone during the look.
            _ => holder,
        };
        let Some(pid) = at_work else {
            return Unmount::Allowed;
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
