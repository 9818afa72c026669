//! Where volumes are, and what comes and goes there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::VolumeId;
use crate::daemon::Event;
use crate::table::{Seen, Table, Volume};
use crate::volumes::{Declared, Found, Left, Mount, Nature, find};

/// A place: where something is mounted, and what. A declared folder has no device of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) root: PathBuf,
    mounted: Option<(Option<u64>, Option<u64>, String, Nature)>,
}

/// What has come and gone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) gone: Vec<VolumeId>,
    /// Also those that have replaced another one with the same id.
    pub(crate) appeared: Vec<(VolumeId, String)>,
}

impl Table {
    /// Compares with what there is now. Places that were left alone are looked at anew only if `anew`.
    pub(crate) fn scan(&mut self, mounts: &[Mount], anew: bool) -> Changes {
        let mut changes = Changes::default();
        let now = self.places_now(mounts);
        let gone: Vec<_> = self
            .places
            .keys()
            .filter(|place| !now.contains_key(place))
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
                changes.gone.push(id);
                // Another one with the same id, which this one had replaced, has its turn again.
                self.places
                    .retain(|_, seen| !matches!(seen, Seen::Volume(other) if *other == id));
            }
        }
        self.look_at(mounts, anew, &mut changes);
        changes
    }

    fn look_at(&mut self, mounts: &[Mount], anew: bool, changes: &mut Changes) {
        let mut now = self.places_now(mounts);
        now.retain(|place, _| match self.places.get(place) {
            None => true,
            Some(Seen::Left(_)) => anew,
            Some(Seen::Volume(_)) => false,
        });
        for (place, (mount, declared)) in now {
            let looked = find(mount, declared.as_ref(), &self.settings.descriptions);
            match looked {
                Ok(found) => self.insert(place, found, changes),
                Err(left) => self.leave(place, &left),
            }
        }
    }

    /// Looks anew at all places that were left alone, and at new ones. What is gone stays until it is noticed.
    pub(crate) fn survey(&mut self, mounts: &[Mount]) -> Vec<(VolumeId, String)> {
        let mut changes = Changes::default();
        self.look_at(mounts, true, &mut changes);
        for (id, _) in &changes.appeared {
            self.tell(Event::Rewatch(*id));
        }
        changes.appeared
    }

    fn places_now<'a>(
        &self,
        mounts: &'a [Mount],
    ) -> BTreeMap<Place, (Option<&'a Mount>, Option<Declared>)> {
        let mut declared: BTreeMap<_, _> = self
            .settings
            .declared()
            .into_iter()
            .map(|declared| (declared.path.clone(), declared))
            .collect();
        let mut places = BTreeMap::new();
        for mount in mounts {
            let said = declared.remove(&mount.root);
            if self.settings.mounts || said.is_some() {
                let place = Place {
                    root: mount.root.clone(),
                    mounted: Some((
                        mount.number,
                        mount.device,
                        mount.source.clone(),
                        mount.nature,
                    )),
                };
                places.insert(place, (Some(mount), said));
            }
        }
        for (root, declared) in declared {
            if root.is_dir() {
                let place = Place {
                    root,
                    mounted: None,
                };
                places.insert(place, (None, Some(declared)));
            }
        }
        places
    }

    fn insert(&mut self, place: Place, found: Found, changes: &mut Changes) {
        let id = found.id;
        let (name, root) = (found.name.clone(), found.root.display().to_string());
        tracing::info!(%id, name, root, "watching a volume");
        self.places.insert(place, Seen::Volume(id));
        self.schedule.forget(id);
        if let Some(replaced) = self.volumes.insert(id, Volume::new(found)) {
            let root = replaced.found.root.display();
            tracing::warn!(%id, %root, "another volume with the same id has replaced this one");
        }
        changes.appeared.retain(|(other, _)| *other != id);
        changes.appeared.push((id, name));
    }

    fn leave(&mut self, place: Place, left: &Left) {
        let reason = left.is_trouble().then(|| format!("{left:?}"));
        let known = self.places.get(&place);
        let is_known = matches!(known, Some(Seen::Left(known)) if *known == reason);
        if let Some(reason) = reason.as_deref().filter(|_| !is_known) {
            tracing::warn!(root = %place.root.display(), reason, "a volume is not watched");
        }
        self.places.insert(place, Seen::Left(reason));
    }
}
