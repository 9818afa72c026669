//! Volumes: their coming and going, their helpers and their failures.

use std::time::Instant;

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::reboot::Reboot;
use crate::state::{
    ATTEMPT_LIMIT, Answer, Checked, Counters, End, FAILURE_LIMIT, Happening, Machine, NewVolume,
    Outside, Why,
};
use crate::status::Status;

#[derive(Debug)]
pub(super) struct Volume {
    pub(super) name: Box<str>,
    pub(super) counters: Counters,
    pub(super) helper: Option<Helper>,
}

/// A helper that was launched and has not exited as far as is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Helper {
    pub(super) pid: i32,
    /// It was launched by force, and touches no counter.
    forced: bool,
    /// Its work has ended, well or badly, and the counters say so.
    counted: bool,
}

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
    /// A volume is there. One with the same id is replaced by it, as if that had disappeared.
    pub fn volume_appeared(&mut self, new: NewVolume, out: &mut dyn Outside) {
        self.remove_volume(new.id, out);
        self.insert_volume(new, out);
        self.look_if_waited(out);
    }

    pub(super) fn insert_volume(&mut self, new: NewVolume, out: &mut dyn Outside) {
        let NewVolume { id, name } = new;
        let volume = Volume {
            name,
            counters: Counters::default(),
            helper: None,
        };
        self.volumes.insert(id, volume);
        let resource = Resource::Id(id);
        self.tell(out, Some(&resource), 0, Happening::Appeared);
        // Somebody may have locked the id before.
        let lock = self.locks.get(&resource);
        if lock.is_some_and(|lock| !lock.holders.is_empty()) {
            self.set_owners(&resource, true, out);
        }
    }

    /// A volume is gone: who waits for it is told that it is unknown, its holder holds nothing. `false` if there was none.
    pub fn volume_disappeared(&mut self, id: Uuid, out: &mut dyn Outside) -> bool {
        let was_there = self.remove_volume(id, out);
        if was_there {
            self.look_if_waited(out);
        }
        was_there
    }

    fn remove_volume(&mut self, id: Uuid, out: &mut dyn Outside) -> bool {
        if self.volumes.remove(&id).is_none() {
            return false;
        }
        let resource = Resource::Id(id);
        let lock = self.locks.remove(&resource).unwrap_or_default();
        for waiter in lock.queue {
            self.deadlines
                .clear(waiter.until, waiter.client, waiter.token);
            self.clients.leave_place(waiter.client, waiter.token);
            out.answer(waiter.ticket, Answer::of(Status::UNKNOWN));
            self.tell(out, Some(&resource), waiter.pid, Happening::WaitsNoMore);
            self.settle(waiter.client, out);
        }
        for hold in lock.holders {
            self.deadlines.clear(hold.until, hold.client, hold.token);
            self.clients.leave_place(hold.client, hold.token);
            self.settle(hold.client, out);
        }
        self.deaths.told(&resource);
        self.tell(out, Some(&resource), 0, Happening::Disappeared);
        true
    }

    pub(super) fn look_if_waited(&mut self, out: &mut dyn Outside) {
        if matches!(self.reboot, Reboot::Waited(_)) {
            self.look_at_reboot(out);
        }
    }

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
                self.tell(out, Some(&resource), pid, Happening::Launched);
                CheckOutcome::Launched(pid)
            }
            Checked::Failed => {
                if !forced {
                    volume.counters.fail();
                    let failures = volume.counters.failures;
                    self.tell(out, Some(&resource), 0, Happening::Failed(failures));
                }
                CheckOutcome::Failed
            }
        }
    }

    /// A helper has exited. If it did not unlock its volume that is a failure; what it holds goes on to others, and who waits
    /// to shut the machine down may have its turn.
    pub fn helper_exited(&mut self, id: Uuid, pid: i32, now: Instant, out: &mut dyn Outside) {
        self.process_ended(pid, now, out);
        let Some(volume) = self.volumes.get_mut(&id) else {
            return;
        };
        let Some(helper) = volume.helper.take_if(|helper| helper.pid == pid) else {
            return;
        };
        if !helper.counted && !helper.forced {
            volume.counters.fail();
            let failures = volume.counters.failures;
            self.tell(
                out,
                Some(&Resource::Id(id)),
                pid,
                Happening::Failed(failures),
            );
        }
        self.look_if_waited(out);
    }

    /// A process has ended, and all clients that are of it.
    pub fn process_ended(&mut self, pid: i32, now: Instant, out: &mut dyn Outside) {
        for client in self.clients.of_process(pid) {
            self.client_died(client, now, out);
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

    /// Counts how the work on a volume has ended.
    pub(super) fn count_end(
        &mut self,
        resource: &Resource,
        pid: i32,
        end: End,
        out: &mut dyn Outside,
    ) {
        let Some((_, volume)) = self.volume_mut(resource) else {
            return;
        };
        if let Some(helper) = volume.helper.as_mut().filter(|helper| helper.pid == pid) {
            helper.counted = true;
            if helper.forced {
                return;
            }
        }
        if end == End::Unlocked(0) {
            let failures = volume.counters.succeed();
            if failures > 0 {
                self.tell(out, Some(resource), pid, Happening::Recovered(failures));
            }
        } else {
            volume.counters.fail();
            let failures = volume.counters.failures;
            self.tell(out, Some(resource), pid, Happening::Failed(failures));
        }
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
