//! Where bootstrap names may be: folders that only this user can enter.
//!
//! A name is taken in the first that will do, and looked for in all of them: two processes that see different ones,
//! because a session began or ended in between, still meet in one that both see.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use nix::unistd::geteuid;

use super::trouble::Trouble;
use crate::sys::environment;
use crate::sys::folder::Folder;
use crate::sys::random;

/// Names the directory in place of the usual ones.
pub(crate) const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";
/// Names one more, which a process found for itself and its children because all usual ones were taken.
pub(crate) const SPARE: &str = "EMBEDDED_MACH_SPARE_DIR";
/// Where sessions say their folder is.
const RUNTIME: &str = "XDG_RUNTIME_DIR";
/// Where everybody can make folders.
const SHARED: [&str; 2] = ["/tmp", "/dev/shm"];

/// A folder that may be one for names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    path: PathBuf,
    pub(super) origin: Origin,
}

/// Why a folder may be one for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody said that it is to be this one and no other.
    Chosen,
    /// It is in the folder of a session, which must be this user's own as well.
    Session,
    /// It is where everybody has folders.
    Shared,
    /// It is to be made by this process, because it found no other.
    Spare,
}

/// The folders in which names of this user's may be, in the order in which they are preferred.
pub(super) fn places() -> Vec<Place> {
    let value = |variable| environment::get(variable).filter(|value| !value.is_empty());
    if let Some(path) = value(DIRECTORY) {
        let path = PathBuf::from(path);
        return vec![Place {
            path: std::path::absolute(&path).unwrap_or(path),
            origin: Origin::Chosen,
        }];
    }
    let runtime = value(RUNTIME).map(PathBuf::from);
    usual(geteuid().as_raw(), runtime, value(SPARE).map(PathBuf::from))
}

fn usual(uid: u32, runtime: Option<PathBuf>, spare: Option<PathBuf>) -> Vec<Place> {
    let session = PathBuf::from(format!("/run/user/{uid}"));
    // Elsewhere for each process that reads it: no place to meet.
    let runtime = runtime.filter(|path| path.is_absolute());
    let of_sessions = runtime.into_iter().chain([session]);
    let shared = SHARED.map(|place| Path::new(place).join(format!("embedded-mach-{uid}")));
    let mut places: Vec<Place> = Vec::new();
    let sessions = of_sessions.map(|path| (path.join("embedded-mach"), Origin::Session));
    let others = shared
        .into_iter()
        .chain(spare.filter(|path| path.is_absolute()))
        .map(|path| (path, Origin::Shared));
    for (path, origin) in sessions.chain(others) {
        if places.iter().all(|place| place.path != path) {
            places.push(Place { path, origin });
        }
    }
    places
}

/// Folders that nobody else can have taken, for none can guess them: the same ones for as long as the process lives.
pub(super) fn spares() -> impl Iterator<Item = Place> {
    static NUMBER: LazyLock<u64> = LazyLock::new(random::number);
    let name = format!("embedded-mach-{}-{:016x}", geteuid(), *NUMBER);
    SHARED.into_iter().map(move |place| Place {
        path: Path::new(place).join(&name),
        origin: Origin::Spare,
    })
}

impl Place {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, if it is there and this user's alone.
    pub(super) fn open(&self) -> Result<Folder, Trouble> {
        self.reach(Folder::open_in)
    }

    /// As [`Self::open`]; makes it if it is not there.
    pub(super) fn make(&self) -> Result<Folder, Trouble> {
        self.reach(Folder::make_in)
    }

    fn reach(&self, step: Step) -> Result<Folder, Trouble> {
        let (above, name) = parts(&self.path);
        if self.origin != Origin::Session {
            return enter(&follow(above)?, name, step);
        }
        let (far_above, session) = parts(above);
        let session = enter(&follow(far_above)?, session, Folder::open_in)?;
        enter(&session, name, step)
    }
}

type Step = fn(&Folder, &Path) -> std::io::Result<Folder>;

fn parts(path: &Path) -> (&Path, &Path) {
    let name = Path::new(path.file_name().unwrap_or_default());
    (path.parent().unwrap_or(path), name)
}

/// A folder by any way that leads to it: only what is in it is used, and that is looked at first.
fn follow(path: &Path) -> Result<Folder, Trouble> {
    std::fs::canonicalize(path)
        .and_then(|real| Folder::open(&real))
        .map_err(Trouble::in_call("open", path))
}

/// Opens a folder in another, and says whose it is before anything in it is used.
fn enter(above: &Folder, name: &Path, step: Step) -> Result<Folder, Trouble> {
    let path = above.path().join(name);
    let folder = match step(above, name) {
        Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => {
            let kind = above.entry_of(name).map_or("gone", |e| e.kind_name());
            return Err(Trouble::NotAFolder { path, kind });
        }
        opened => opened.map_err(Trouble::in_call("open", &path))?,
    };
    let found = folder.entry().map_err(Trouble::in_call("look at", &path))?;
    let (owner, own) = (found.owner(), geteuid().as_raw());
    if owner != own {
        return Err(Trouble::Foreign { path, owner, own });
    }
    let mode = found.permissions();
    if mode & 0o077 != 0 {
        return Err(Trouble::Open { path, mode });
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(runtime: Option<&str>, spare: Option<&str>) -> Vec<String> {
        usual(7, runtime.map(Into::into), spare.map(Into::into))
            .iter()
            .map(|place| place.path.display().to_string())
            .collect()
    }

    #[test]
    fn names_are_looked_for_where_sessions_and_others_have_them() {
        let usual = [
            "/run/user/7/embedded-mach",
            "/tmp/embedded-mach-7",
            "/dev/shm/embedded-mach-7",
        ];
        assert_eq!(paths(None, None), usual);
        // The same folder once, and none that is another in each process.
        assert_eq!(paths(Some("/run/user/7"), Some("spare")), usual);
        assert_eq!(paths(Some("run"), None), usual);
        let more = paths(Some("/home/x/run"), Some("/tmp/spare"));
        assert_eq!(more[0], "/home/x/run/embedded-mach");
        assert_eq!(more[1..4], usual);
        assert_eq!(more[4], "/tmp/spare");
    }

    #[test]
    fn threads_that_need_a_spare_meet_in_one() {
        assert!(spares().eq(spares()));
    }
}
