//! Where volumes are, and what comes and goes there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::VolumeId;
use crate::settings::Settings;
use crate::table::{Seen, Table, Volume};
use crate::volumes::{Declared, Found, Left, Mount, Nature, find};

/// A place: where something is mounted, and what. A declared folder has no device of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    mounted: Option<(Option<u64>, Option<u64>, String, Nature)>,
}

/// What is mounted, and the declared folders.
#[derive(Debug)]
pub(crate) struct Places {
    there: BTreeMap<Place, (Option<Mount>, Option<Declared>)>,
    /// What is declared and is not there.
    missing: Vec<PathBuf>,
}

/// What was found at a place.
#[derive(Debug)]
pub(crate) struct Find {
    place: Place,
    is_declared: bool,
    found: Result<Found, Left>,
}

impl Places {
    /// All that there are. File systems are asked, so nothing should be locked.
    pub(crate) fn all(settings: &Settings, mounts: Vec<Mount>) -> Self {
        let declared = settings.declared().into_iter();
        let mut declared: BTreeMap<_, _> = declared
            .map(|declared| (declared.path.clone(), declared))
            .collect();
        let (mut there, mut missing) = (BTreeMap::new(), Vec::new());
        for mount in mounts {
            let said = declared.remove(&mount.root);
            if settings.mounts || said.is_some() {
                let Mount { number, device, .. } = mount;
                let mounted = Some((number, device, mount.source.clone(), mount.nature));
                let root = mount.root.clone();
                there.insert(Place { root, mounted }, (Some(mount), said));
            }
        }
        for (root, declared) in declared {
            if root.is_dir() {
                let mounted = None;
                there.insert(Place { root, mounted }, (None, Some(declared)));
            } else {
                missing.push(root);
            }
        }
        Self { there, missing }
    }

    /// Looks at each of them. File systems are asked, so nothing should be locked.
    pub(crate) fn look(self, descriptions: &[PathBuf]) -> Vec<Find> {
        let there = self.there.into_iter();
        let find = |(place, (mount, declared)): (Place, (Option<Mount>, Option<Declared>))| Find {
            place,
            is_declared: declared.is_some(),
            found: find(mount.as_ref(), declared.as_ref(), descriptions),
        };
        there.map(find).collect()
    }
}

impl Table {
    /// Forgets what is not there any more: the volumes that are gone.
    pub(crate) fn drop_gone(&mut self, now: &Places) -> Vec<VolumeId> {
        let mut volumes = Vec::new();
        self.missing.clone_from(&now.missing);
        let places = self.places.keys();
        let gone: Vec<_> = places
            .filter(|place| !now.there.contains_key(place))
            .cloned()
            .collect();
        for place in gone {
            if let Some(Seen::Volume(id)) = self.places.remove(&place)
                && self
                    .volumes
                    .get(&id)
                    .is_some_and(|volume| volume.found.root == place.root)
            {
                self.volumes.remove(&id);
                self.schedule.forget(id);
                volumes.push(id);
                // Another one with the same id, which this one had replaced, has its turn again.
                self.places
                    .retain(|_, seen| !matches!(seen, Seen::Volume(other) if *other == id));
            }
        }
        volumes
    }

    /// Those places that are to be looked at. What was left alone is only `anew`.
    pub(crate) fn unseen(&self, mut now: Places, anew: bool) -> Places {
        now.there.retain(|place, _| match self.places.get(place) {
            None => true,
            Some(Seen::Left(_)) => anew,
            Some(Seen::Volume(_)) => false,
        });
        now
    }

    /// Remembers what was found: the volumes that have appeared, also those that have replaced another one with the same id.
    pub(crate) fn insert_found(&mut self, finds: Vec<Find>) -> Vec<(VolumeId, String)> {
        let mut appeared = Vec::new();
        for Find {
            place,
            is_declared,
            found,
        } in finds
        {
            match found {
                Ok(found) => self.insert(place, found, &mut appeared),
                Err(left) => self.leave(place, is_declared, &left),
            }
        }
        appeared
    }

    fn insert(&mut self, place: Place, found: Found, appeared: &mut Vec<(VolumeId, String)>) {
        let id = found.id;
        let (name, root) = (found.name.clone(), found.root.display().to_string());
        tracing::info!(%id, name, root, "watching a volume");
        self.places.insert(place, Seen::Volume(id));
        self.schedule.forget(id);
        if let Some(replaced) = self.volumes.insert(id, Volume::new(found)) {
            let root = replaced.found.root.display();
            tracing::warn!(%id, %root, "another volume with the same id has replaced this one");
        }
        appeared.retain(|(other, _)| *other != id);
        appeared.push((id, name));
    }

    /// Leaves a place alone. Whoever has declared it sees why, in any case.
    fn leave(&mut self, place: Place, is_declared: bool, left: &Left) {
        let is_told = is_declared || left.is_trouble();
        let reason = is_told.then(|| format!("{left:?}"));
        let known = self.places.get(&place);
        let is_known = matches!(known, Some(Seen::Left(known)) if *known == reason);
        if let Some(reason) = reason.as_deref().filter(|_| !is_known) {
            tracing::warn!(root = %place.root.display(), reason, "a volume is not watched");
        }
        self.places.insert(place, Seen::Left(reason));
    }
}
