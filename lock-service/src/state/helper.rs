//! Helpers: how their work ends, and what that counts.

use std::time::Instant;

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::{End, Happening, Machine, Outside};

/// A helper that was launched and has not exited as far as is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Helper {
    pub(super) pid: i32,
    /// It was launched by force, and touches no counter.
    pub(super) forced: bool,
    /// Its work has ended, well or badly, and the counters say so.
    pub(super) counted: bool,
}

impl Machine {
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
            self.tell(out, &Resource::Id(id), pid, Happening::Failed(failures));
        }
        self.look_if_waited(out);
    }

    /// A process has ended, and all clients that are of it.
    pub fn process_ended(&mut self, pid: i32, now: Instant, out: &mut dyn Outside) {
        for client in self.clients.of_process(pid) {
            self.client_died(client, now, out);
        }
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
                self.tell(out, resource, pid, Happening::Recovered(failures));
            }
        } else {
            volume.counters.fail();
            let failures = volume.counters.failures;
            self.tell(out, resource, pid, Happening::Failed(failures));
        }
    }
}
