//! Looking a name up.

use std::io;

use nix::errno::Errno;
use nix::unistd::geteuid;

use super::clerk::Progress;
use super::places::{Origin, Place, places};
use super::spot::Spot;
use super::trouble::Trouble;
use crate::sys::folder::{Entry, FileId};
use crate::sys::foreign::Foreign;
use crate::sys::socket;

/// How often a name that changes hands at the moment is looked at again.
const ATTEMPTS: usize = 16;

/// Which socket a name led to: its file, and since when that has been there.
pub(crate) type SocketId = (FileId, i64, i64);

/// A connection to whoever serves a name.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) fd: Foreign,
    /// `None`: it changed hands at that moment, and is nobody's that was known before.
    pub(crate) id: Option<SocketId>,
}

/// Connects to whoever serves a name. Waits a moment for one that has more clients than it takes up.
pub(super) fn find(name: &str, progress: &Progress) -> Result<Found, Trouble> {
    let (mut searched, mut troubles) = (Vec::new(), Vec::new());
    for place in places() {
        match look(&place, name, progress) {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => searched.push(place.path().to_owned()),
            Err(trouble) if trouble.is_absence() => searched.push(place.path().to_owned()),
            Err(trouble) if place.origin == Origin::Chosen || is_there(&trouble) => {
                return Err(trouble);
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    Err(Trouble::Unknown { searched, troubles })
}

/// Somebody has the name, and takes up nobody.
fn is_there(trouble: &Trouble) -> bool {
    matches!(trouble, Trouble::Call { error, .. } if error.kind() == io::ErrorKind::WouldBlock)
}

fn look(place: &Place, name: &str, progress: &Progress) -> Result<Option<Found>, Trouble> {
    progress.at(place.path())?;
    let folder = place.open()?;
    progress.at_name(&folder, name)?;
    for _ in 0..ATTEMPTS {
        let spot = Spot::open(&folder, name)?;
        let Some(before) = spot.entry()? else {
            return Ok(None);
        };
        match connect(&spot) {
            Ok(fd) => return trusted(&spot, fd, &before).map(Some),
            Err(error) if !is_nobody(&error) => {
                return Err(Trouble::in_call("connect to", spot.path())(error));
            }
            Err(_) => {}
        }
        // Nobody listened. A new holder of the receive right may be about to, and has the lock until it does.
        let _lock = spot.lock();
        if spot.is(before.id()) && connect(&spot).is_err_and(|error| is_nobody(&error)) {
            return Ok(None);
        }
    }
    Err(Trouble::Restless {
        path: folder.path().to_owned(),
    })
}

fn connect(spot: &Spot) -> io::Result<Foreign> {
    spot.folder()
        .with_address(spot.socket(), socket::connect_to)
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error().map(Errno::from_raw),
        Some(Errno::ECONNREFUSED | Errno::ENOENT)
    )
}

/// A folder is only as private as what it is in: who listens there says the kernel below.
fn trusted(spot: &Spot, fd: Foreign, before: &Entry) -> Result<Found, Trouble> {
    let owner = socket::peer(&fd).map(|peer| peer.uid);
    if let Some(owner) = owner.filter(|&uid| uid != 0 && uid != geteuid().as_raw()) {
        let path = spot.path();
        return Err(Trouble::Untrusted { path, owner });
    }
    let after = spot.entry()?.map(|entry| entry.since());
    let id = after.filter(|&after| after == before.since());
    Ok(Found { fd, id })
}
