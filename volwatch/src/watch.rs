//! Notices changes of what a volume's description names.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::ModifyKind;
use notify::{
    Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _,
};

use crate::VolumeId;
use crate::beneath::Root;
use crate::description::Description;
use crate::record::{self, RecordError};
use crate::sys;

/// As often is it looked for folders that have just appeared; what goes on for longer is told, and begun anew.
const LOOKS: usize = 8;

/// What was noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noticed {
    /// Something that the description names has changed.
    Changed(VolumeId),
    /// A folder has come or gone, or changes were lost: what is watched may be no longer what is there, so it is to
    /// be watched anew.
    Moved(VolumeId),
}

/// Why a volume cannot be watched.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The volume's side: its folders cannot be looked at, or are too many.
    #[error(transparent)]
    Folders(#[from] RecordError),
    /// The system is short of watches.
    #[error("the system does not watch it")]
    Notify(#[from] notify::Error),
}

mach_ports::debug_with_causes!(WatchError);

/// Watches one volume, until it is dropped.
///
/// What lies beside the named files is not told. The files of the volume are not held open, so that it can be unmounted.
#[derive(Debug)]
pub struct Watching {
    _watcher: RecommendedWatcher,
}

impl Watching {
    /// Begins to watch what `description` names beneath `root`. What changes is told by `tell`, on a thread of its own.
    ///
    /// What is not there is waited for in the folders on the way.
    ///
    /// # Errors
    ///
    /// The volume has more folders than are watched, or the system has no watches left: on Linux
    /// `fs.inotify.max_user_instances` and `max_user_watches` limit them.
    pub fn begin(
        id: VolumeId,
        root: &Path,
        description: &Description,
        tell: impl Fn(Noticed) + Send + Sync + 'static,
    ) -> Result<Self, WatchError> {
        let interest = Arc::new(Interest::new(root, description));
        let tell = Arc::new(tell);
        let (told, teller) = (Arc::clone(&interest), Arc::clone(&tell));
        let handler = move |event: notify::Result<Event>| {
            let noticed = match event {
                Ok(event) => told.of(id, &event),
                Err(error) => {
                    tracing::warn!(%id, %error, "changes may have been lost");
                    Some(Noticed::Moved(id))
                }
            };
            noticed.into_iter().for_each(&*teller);
        };
        let mut watcher =
            RecommendedWatcher::new(handler, Config::default().with_follow_symlinks(false))?;
        // What appears in a folder before that is watched is told by nobody: it is found by a second look.
        let mut watched = BTreeMap::new();
        for _ in 0..LOOKS {
            let opened = Root::open(root).map_err(RecordError::from)?;
            let places = interest.places(&record::folders(&opened, description)?);
            if places == watched {
                return Ok(Self { _watcher: watcher });
            }
            for (path, mode) in &places {
                if watched.get(path) != Some(mode) {
                    begin_one(&mut watcher, path, *mode)?;
                }
            }
            watched = places;
        }
        tell(Noticed::Moved(id));
        Ok(Self { _watcher: watcher })
    }
}

/// Watches a folder, if it is still there: those on the way are watched before it, and tell when it comes again.
fn begin_one(
    watcher: &mut RecommendedWatcher,
    folder: &Path,
    mode: RecursiveMode,
) -> notify::Result<()> {
    let result = watcher.watch(folder, mode);
    match result.as_ref().map_err(|error| &error.kind) {
        Err(ErrorKind::PathNotFound) => Ok(()),
        Err(ErrorKind::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => result,
    }
}

/// What of a volume counts.
struct Interest {
    root: PathBuf,
    named: Vec<PathBuf>,
}

impl Interest {
    fn new(root: &Path, description: &Description) -> Self {
        let Description {
            path,
            sources,
            targets,
            stamps,
            ..
        } = description;
        let named = [sources, targets, stamps].into_iter().flatten();
        Self {
            root: root.to_owned(),
            named: named.chain([path]).map(|path| root.join(path)).collect(),
        }
    }

    /// What an event means. One change may be told as several.
    fn of(&self, id: VolumeId, event: &Event) -> Option<Noticed> {
        if event.need_rescan() {
            tracing::warn!(%id, "more has changed than could be told");
            return Some(Noticed::Moved(id));
        }
        if matches!(event.kind, EventKind::Access(_)) {
            return None; // also by the watcher's own look
        }
        let mut noticed = None;
        for path in &event.paths {
            if self.is_of_folder(path, event.kind) {
                // Another one may be there now.
                return Some(Noticed::Moved(id));
            }
            if self.named.iter().any(|named| path.starts_with(named)) {
                noticed = Some(Noticed::Changed(id));
            }
        }
        noticed
    }

    /// Whether a folder has come or gone that is on the way to what is named, or in it.
    fn is_of_folder(&self, path: &Path, kind: EventKind) -> bool {
        if matches!(
            kind,
            EventKind::Modify(ModifyKind::Metadata(_) | ModifyKind::Data(_))
        ) {
            return false;
        }
        let is_way = |named: &PathBuf| named != path && named.starts_with(path);
        if self.named.iter().any(is_way) {
            return true;
        }
        let is_named = self.named.iter().any(|named| path.starts_with(named));
        // A link is not followed: it may lead anywhere.
        is_named && std::fs::symlink_metadata(path).is_ok_and(|found| found.is_dir())
    }

    /// The folders to be watched: those in what is named, and those on the way, for what appears in them.
    fn places(&self, folders: &[PathBuf]) -> BTreeMap<PathBuf, RecursiveMode> {
        let mut places = BTreeMap::new();
        for named in &self.named {
            let on_the_way = named.ancestors().skip(1);
            for folder in on_the_way.take_while(|folder| folder.starts_with(&self.root)) {
                places.insert(folder.to_owned(), RecursiveMode::NonRecursive);
            }
        }
        // Each by itself, unless the system knows better: who walks into folders of others may not come back.
        for folder in folders {
            let folder = self.root.join(folder);
            if !sys::WATCHES_ALL_WITHIN {
                places.insert(folder, RecursiveMode::NonRecursive);
            } else if self.named.contains(&folder) {
                places.insert(folder, RecursiveMode::Recursive);
            }
        }
        places
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Duration;

    use super::*;
    use crate::description;

    const LONG: Duration = Duration::from_secs(30);
    const ID: VolumeId = VolumeId::from_u128(3);

    struct Volume {
        folder: tempfile::TempDir,
        description: Description,
    }

    impl Volume {
        fn new(sources: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let text = format!("sources = [{sources}]\nstamps = [\"stamp\"]\n");
            fs::write(folder.path().join("d.toml"), text).unwrap();
            let root = Root::open(folder.path()).unwrap();
            let description = description::load(&root, &["d.toml".into()])
                .unwrap()
                .unwrap();
            Self {
                folder,
                description,
            }
        }

        fn path(&self, path: &str) -> PathBuf {
            self.folder.path().join(path)
        }

        fn watch(&self) -> (Watching, Receiver<Noticed>) {
            let (sender, noticed) = channel();
            let tell = move |what| {
                let _ = sender.send(what);
            };
            let watching = Watching::begin(ID, self.folder.path(), &self.description, tell);
            (watching.unwrap(), noticed)
        }
    }

    /// Nothing that came before this change was told.
    fn only_after(volume: &Volume, noticed: &Receiver<Noticed>) {
        assert_eq!(noticed.try_recv().ok(), None);
        fs::write(volume.path("stamp"), "x").unwrap();
        noticed.recv_timeout(LONG).unwrap();
    }

    #[test]
    fn a_file_that_appears_is_noticed_and_its_neighbours_are_not() {
        let volume = Volume::new("\"in/file\"");
        fs::create_dir(volume.path("in")).unwrap();
        let (_watching, noticed) = volume.watch();
        fs::write(volume.path("in/other"), "x").unwrap();
        fs::write(volume.path("other"), "x").unwrap();
        fs::write(volume.path("in/file"), "x").unwrap();
        assert_eq!(noticed.recv_timeout(LONG), Ok(Noticed::Changed(ID)));
    }

    #[test]
    fn looking_is_no_change() {
        let volume = Volume::new("\"in\"");
        fs::create_dir(volume.path("in")).unwrap();
        fs::write(volume.path("in/file"), "x").unwrap();
        let (_watching, noticed) = volume.watch();
        let root = Root::open(volume.folder.path()).unwrap();
        crate::record::sources(&root, &volume.description).unwrap();
        assert_eq!(fs::read(volume.path("in/file")).unwrap(), b"x");
        only_after(&volume, &noticed);
    }

    #[test]
    fn a_folder_is_watched_to_its_depth() {
        let volume = Volume::new("\"in\"");
        fs::create_dir_all(volume.path("in/a/b")).unwrap();
        let (_watching, noticed) = volume.watch();
        fs::write(volume.path("in/a/b/c"), "x").unwrap();
        assert_eq!(noticed.recv_timeout(LONG), Ok(Noticed::Changed(ID)));
    }

    #[test]
    fn a_folder_that_appears_within_is_to_be_watched_as_well() {
        let volume = Volume::new("\"in\"");
        fs::create_dir_all(volume.path("in/a")).unwrap();
        let (_watching, noticed) = volume.watch();
        fs::create_dir(volume.path("in/a/b")).unwrap();
        assert_eq!(noticed.recv_timeout(LONG), Ok(Noticed::Moved(ID)));
    }

    #[test]
    fn a_folder_on_the_way_that_is_replaced_is_told_as_such() {
        let volume = Volume::new("\"way/file\"");
        fs::create_dir(volume.path("way")).unwrap();
        fs::create_dir(volume.path("new")).unwrap();
        let (_watching, noticed) = volume.watch();
        fs::rename(volume.path("way"), volume.path("old")).unwrap();
        assert_eq!(noticed.recv_timeout(LONG), Ok(Noticed::Moved(ID)));
    }
}
