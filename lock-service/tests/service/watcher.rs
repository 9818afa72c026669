//! Stands in for who watches volumes: does what the test says, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::Arc;

use lock_service::state::{Checked, NewVolume, Policy, Why};
use lock_service::{LockService, Uuid, VolumeClient, Volumes};
use std::sync::Mutex;

/// What is found by a look at each volume. `Clean`, if nothing is said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watcher(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    found: HashMap<Uuid, Checked>,
    surveyed: Vec<NewVolume>,
    asked: Vec<Asked>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    Check(Uuid, Why),
    Owners(Uuid, bool),
}

impl Watcher {
    /// What the next looks at a volume find.
    pub(crate) fn find(&self, volume: Uuid, found: Checked) {
        self.0.lock().unwrap().found.insert(volume, found);
    }

    /// What a survey finds, once.
    pub(crate) fn hide(&self, volume: NewVolume) {
        self.0.lock().unwrap().surveyed.push(volume);
    }

    /// What was asked since this was called.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

impl Volumes for Watcher {
    fn check(&mut self, volume: Uuid, why: Why) -> Checked {
        let mut state = self.0.lock().unwrap();
        state.asked.push(Asked::Check(volume, why));
        *state.found.get(&volume).unwrap_or(&Checked::Clean)
    }

    fn set_owners(&mut self, volume: Uuid, on: bool) {
        self.0.lock().unwrap().asked.push(Asked::Owners(volume, on));
    }

    fn survey(&mut self) -> Option<Vec<NewVolume>> {
        Some(std::mem::take(&mut self.0.lock().unwrap().surveyed))
    }
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn volume(number: u128) -> NewVolume {
    NewVolume {
        id: id(number),
        name: format!("volume {number}").into(),
    }
}

/// A service with so many volumes, which are numbered from 1.
pub(crate) fn service(volumes: u128) -> (LockService, Watcher, VolumeClient) {
    let watcher = Watcher::default();
    let service = LockService::builder()
        .policy(Policy::new())
        .volumes(watcher.clone())
        .start()
        .unwrap();
    for number in 1..=volumes {
        service.handle().volume_appeared(volume(number));
    }
    service.handle().set_ready();
    let client = VolumeClient::new(service.right());
    (service, watcher, client)
}
