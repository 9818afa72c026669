//! What the daemon knows of the volumes: which there are, what is built on them, and when they are looked at next.
//!
//! It knows no locks. The lock service asks for it while it holds its own, so nothing here calls the lock service, and whoever
//! has locked the table asks no file system.

mod build;
mod check;
mod pin;
mod places;
mod volume;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use crate::VolumeId;
use crate::daemon::{Delay, Event};
use crate::schedule::Schedule;
use crate::settings::Settings;

pub(crate) use build::Building;
pub(crate) use check::{Looked, Reason};
pub(crate) use pin::Pin;
pub(crate) use places::{Place, Places};
pub(crate) use volume::{Repeat, Volume};

/// The volumes, the configuration and the timers.
pub(crate) struct Table {
    pub(crate) settings: Arc<Settings>,
    pub(crate) schedule: Schedule,
    pub(crate) volumes: BTreeMap<VolumeId, Volume>,
    /// The helpers at work, by their pids.
    pub(crate) helpers: BTreeMap<i32, Building>,
    /// How many volumes' stamps are being written.
    pub(crate) writing: usize,
    /// What is at each place that was looked at: a volume, or nothing to be watched.
    places: BTreeMap<Place, Seen>,
    /// What is declared a volume and is not there.
    missing: Vec<PathBuf>,
    /// Whether somebody has taken a lock since the start.
    pub(crate) checked_in: bool,
    /// How long others delay a shutdown for it.
    pub(crate) delay: Option<Delay>,
    /// Whether no helper is launched any more.
    pub(crate) ending: bool,
    /// Where the daemon's own thread is told what it is to do.
    pub(crate) events: Sender<Event>,
}

/// What was found at a place.
#[derive(Debug)]
enum Seen {
    /// A volume with this id; or one that another with the same id has replaced.
    Volume(VolumeId),
    /// Nothing to be watched; the reason, if somebody should know it.
    Left(Option<String>),
}

impl Table {
    pub(crate) fn new(settings: Settings, now: Instant, events: Sender<Event>) -> Self {
        Self {
            schedule: Schedule::new(settings.settle_times(), now, settings.startup_delay),
            settings: Arc::new(settings),
            volumes: BTreeMap::new(),
            helpers: BTreeMap::new(),
            writing: 0,
            places: BTreeMap::new(),
            missing: Vec::new(),
            checked_in: false,
            delay: None,
            ending: false,
            events,
        }
    }

    /// The volume that somebody means: by its id, its name or its root.
    pub(crate) fn named(&self, name: &str) -> Option<VolumeId> {
        let by_id = VolumeId::parse_str(name).ok();
        by_id
            .filter(|id| self.volumes.contains_key(id))
            .or_else(|| self.id_where(|volume| volume.found.name == name))
            .or_else(|| self.id_where(|volume| volume.found.root.as_os_str() == name))
    }

    fn id_where(&self, is_it: impl Fn(&Volume) -> bool) -> Option<VolumeId> {
        let mut volumes = self.volumes.iter();
        volumes.find(|(_, volume)| is_it(volume)).map(|(id, _)| *id)
    }

    /// Where the watched volumes are.
    pub(crate) fn roots(&self) -> BTreeSet<PathBuf> {
        let volumes = self.volumes.values();
        volumes.map(|volume| volume.found.root.clone()).collect()
    }

    /// Where something is that is not watched though it was meant to be, and why.
    pub(crate) fn left(&self) -> impl Iterator<Item = (&PathBuf, &str)> {
        let left = self.places.iter().filter_map(|(place, seen)| match seen {
            Seen::Left(Some(reason)) => Some((&place.root, reason.as_str())),
            _ => None,
        });
        left.chain(self.missing.iter().map(|root| (root, "it is not there")))
    }

    /// A look at a volume is to begin: `true`. While another one goes on it is to be repeated after that.
    pub(crate) fn begin_check(&mut self, id: VolumeId) -> bool {
        let Some(volume) = self.volumes.get_mut(&id) else {
            return false;
        };
        // Already now: the work that is in its way may end before it is known that there is some.
        volume.again = true;
        if volume.checking.is_some() {
            volume.checking = Some(Repeat::Yes);
            return false;
        }
        volume.checking = Some(Repeat::No);
        true
    }

    /// A look at a volume has ended; if it `is_blocked`, by work that goes on, it is repeated after that.
    pub(crate) fn end_check(&mut self, id: VolumeId, is_blocked: bool) {
        let Some(volume) = self.volumes.get_mut(&id) else {
            return;
        };
        let repeat = volume.checking.take() == Some(Repeat::Yes);
        if !is_blocked {
            volume.again = false;
            if repeat {
                self.tell(Event::Released(id));
            }
        }
    }

    /// The volumes that are to be looked at now that nobody shuts the machine down.
    pub(crate) fn tell_all_again(&mut self) {
        let ids: Vec<_> = self.volumes.keys().copied().collect();
        for id in ids {
            if self.take_again(id) {
                self.tell(Event::Released(id));
            }
        }
    }

    /// Whether a volume is to be looked at now that nobody is at work on it.
    pub(crate) fn take_again(&mut self, id: VolumeId) -> bool {
        let volume = self.volumes.get_mut(&id);
        volume.is_some_and(|volume| std::mem::take(&mut volume.again))
    }

    /// Has the daemon's thread do something. It may have ended.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }
}
