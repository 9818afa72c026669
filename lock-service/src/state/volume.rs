//! Volumes: their coming and going.

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::finish::Finishing;
use crate::state::helper::Helper;
use crate::state::look::Look;
use crate::state::{Answer, Counters, Happening, Machine, NewVolume, Outside};
use crate::status::Status;

#[derive(Debug)]
pub(super) struct Volume {
    pub(super) name: Box<str>,
    pub(super) counters: Counters,
    pub(super) helper: Option<Helper>,
    /// A look that has begun and has not ended.
    pub(super) look: Option<Look>,
    /// Whether a look has found it fit for a shutdown since the round of looks began, and nobody has locked it since.
    pub(super) is_fit: bool,
    /// The work of its helper that is being finished.
    pub(super) finishing: Option<Finishing>,
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
            look: None,
            is_fit: false,
            finishing: None,
        };
        self.volumes.insert(id, volume);
        let resource = Resource::Id(id);
        self.tell(out, &resource, 0, Happening::Appeared);
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
            let who = (waiter.client, waiter.pid);
            self.tell_of(out, Some(&resource), who, Happening::WaitsNoMore);
            self.settle(waiter.client, out);
        }
        for hold in lock.holders {
            self.leave_hold(&hold, out);
            self.settle(hold.client, out);
        }
        self.deaths.told(&resource);
        self.tell(out, &resource, 0, Happening::Disappeared);
        true
    }
}
