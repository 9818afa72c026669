//! A bootstrap name that this task serves.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::clerk::{self, Progress};
use super::mounts::always_answer;
use super::places::{Origin, Place};
use super::spot::Spot;
use super::trouble::Trouble;
use crate::sys::folder::{self, FileId, Folder};
use crate::sys::foreign::Foreign;
use crate::sys::{clock, socket};

/// How long a name that was seen to lead to its socket is taken to do so while the socket has a name at all. Who moves the
/// folder away, or mounts something over it, is found out that much later.
const LOOK: Duration = Duration::from_secs(1);

/// A name that this task serves.
#[derive(Debug)]
pub(crate) struct Service {
    listener: Foreign,
    name: String,
    made: Made,
    /// Kept to be given up when there is no other descriptor for a client that must be turned away.
    reserve: Option<Foreign>,
    /// Where the reserve is the socket's file: when the name was last seen to lead there.
    seen: Option<Instant>,
    /// When there was last nobody to be taken up.
    idle: u64,
}

/// Where the socket is, and which file it is: whatever becomes of the environment or of the path, no other is removed.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    place: PathBuf,
    folder: PathBuf,
    socket: String,
    id: FileId,
    spare: bool,
}

impl Made {
    pub(super) fn new(place: &Place, spot: &Spot, id: FileId) -> Self {
        Self {
            place: place.path().to_owned(),
            folder: spot.folder().path().to_owned(),
            socket: spot.socket().to_owned(),
            id,
            spare: place.origin == Origin::Spare,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is still where it was made.
    pub(super) fn is_there(&self, progress: &Progress) -> Result<bool, Trouble> {
        progress.at(&self.place)?;
        progress.at(&self.folder)?;
        Ok(Spot::at(&self.folder, &self.socket).is_ok_and(|spot| spot.is(self.id)))
    }

    /// The socket's file, if whatever is asked of it is answered.
    fn file(&self) -> Option<Foreign> {
        if !always_answer([self.folder.as_path()]) {
            return None;
        }
        let spot = Spot::at(&self.folder, &self.socket).ok()?;
        let file = spot.folder().file(&self.socket).ok()?;
        (folder::id_of(&file) == Some(self.id)).then(|| Foreign::arrived(file))
    }

    fn remove(&self, progress: &Progress) -> Result<(), Trouble> {
        progress.at(&self.place)?;
        progress.at(&self.folder)?;
        // If anything of it is gone or another's, nothing is left to be done.
        if let Ok(spot) = Spot::at(&self.folder, &self.socket) {
            let _lock = spot.lock();
            spot.remove(self.id);
        }
        if let (Some(above), Some(name)) = (self.folder.parent(), self.folder.file_name())
            && let Ok(above) = Folder::open(above)
        {
            let _ = above.remove_folder(Path::new(name));
        }
        Ok(())
    }
}

impl Service {
    pub(super) fn new(listener: Foreign, name: String, made: Made) -> Self {
        let file = made.file();
        Self {
            seen: file.as_ref().map(|_| Instant::now()),
            reserve: file.or_else(|| reserve(&listener)),
            idle: clock::now_stamp(),
            listener,
            name,
            made,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn listener(&self) -> &Foreign {
        &self.listener
    }

    pub(super) fn made(&self) -> &Made {
        &self.made
    }

    pub(crate) fn into_parts(self) -> (Foreign, String) {
        (self.listener, self.name)
    }

    /// Whether the socket's file is where it was made, as far as that is known without looking at the folder: it was there a
    /// moment ago, and nobody has removed it since.
    pub(super) fn is_there_still(&self) -> bool {
        let is_fresh = self.seen.is_some_and(|seen| seen.elapsed() < LOOK);
        is_fresh && self.reserve.as_ref().is_some_and(folder::has_a_name)
    }

    /// Notes that the name leads to the socket.
    pub(super) fn was_seen(&mut self) {
        if self.seen.is_some() {
            self.seen = Some(Instant::now());
        }
    }

    /// The folder of names, if this task made one that others do not find by themselves.
    pub(super) fn spare_place(&self) -> Option<&Path> {
        self.made.spare.then_some(&self.made.place)
    }

    /// The folder of names.
    pub(super) fn place(&self) -> &Path {
        &self.made.place
    }

    /// Takes up those who have connected, `most` of them, each with a time before which it had not.
    ///
    /// # Errors
    /// What the kernel below said of one that was turned away.
    pub(crate) fn accept_into(
        &mut self,
        accepted: &mut Vec<(Foreign, u64)>,
        most: usize,
    ) -> std::io::Result<()> {
        let since = self.idle;
        for _ in 0..most {
            let asked = clock::now_stamp();
            match socket::accept(&self.listener) {
                Ok(Some(fd)) => accepted.push((fd, since)),
                Ok(None) => {
                    self.idle = asked;
                    break;
                }
                Err(error) => {
                    self.turn_one_away();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Without a descriptor for it a client would stay ready to be accepted for ever: it is shown a dead port.
    fn turn_one_away(&mut self) {
        if self.reserve.take().is_some() {
            drop(socket::accept(&self.listener));
            self.seen = None;
            self.reserve = reserve(&self.listener);
        }
    }

    /// Takes the name out of the directory, before the listening socket closes: until then nobody else can have it.
    pub(super) fn withdraw(self) {
        let made = self.made;
        let folder = made.folder.clone();
        if let Err(trouble) = clerk::ask([folder.as_path()], move |progress| made.remove(progress))
        {
            tracing::warn!(name = self.name, %trouble, "a bootstrap name is left behind");
        }
    }
}

/// Any descriptor will do.
fn reserve(listener: &Foreign) -> Option<Foreign> {
    listener.try_clone().ok()
}
