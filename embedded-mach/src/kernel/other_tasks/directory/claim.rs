//! Taking a name.
//!
//! A socket is bound under a name of its own and listens before it gets the service's, by a link: of two processes one
//! gets it, and at no moment is there a socket that nobody listens at. So no lock is needed where nothing was left
//! behind, and who holds one for ever keeps nobody from a name.

use std::io;

use super::clerk::Progress;
use super::places::{Origin, Place, places, spares};
use super::service::{Made, Service};
use super::spot::{Spot, State, escaped};
use super::trouble::Trouble;
use crate::sys::folder::{FileId, Folder};
use crate::sys::foreign::Foreign;
use crate::sys::{random, socket};

/// How often it is tried again because others take away what was just there.
const ATTEMPTS: usize = 16;

/// Makes a name served by this task, as far as the file system goes.
pub(super) fn claim(name: &str, progress: &Progress) -> Result<Service, Trouble> {
    let places = places();
    refuse_served(&places, name, progress)?;
    let is_chosen = places.iter().any(|place| place.origin == Origin::Chosen);
    let spares = spares().filter(|_| !is_chosen);
    let mut troubles = Vec::new();
    for place in places.into_iter().chain(spares) {
        match take(&place, name, progress) {
            Ok(service) => return Ok(service),
            Err(trouble) if is_chosen || matches!(trouble, Trouble::Served { .. }) => {
                return Err(trouble);
            }
            Err(trouble) => troubles.push(trouble),
        }
    }
    Err(Trouble::Nowhere(troubles))
}

/// A name that is served where it would not be taken is one that look-ups find.
fn refuse_served(places: &[Place], name: &str, progress: &Progress) -> Result<(), Trouble> {
    for place in places {
        let state = progress
            .at(place.path())
            .and_then(|()| place.open())
            .and_then(|folder| {
                progress.at_name(&folder, name)?;
                Spot::open(&folder, name)
            })
            .and_then(|spot| Ok((spot.state()?, spot.path())));
        // What is wrong with a place shows when the name is to be taken there.
        if let Ok((State::Served(by), path)) = state {
            return Err(Trouble::Served { path, by });
        }
    }
    Ok(())
}

fn take(place: &Place, name: &str, progress: &Progress) -> Result<Service, Trouble> {
    progress.at(place.path())?;
    let folder = place.make()?;
    progress.at_name(&folder, name)?;
    for _ in 0..ATTEMPTS {
        let spot = Spot::make(&folder, name)?;
        if let Some((listener, id)) = publish(&spot).inspect_err(|_| {
            let _ = folder.remove_folder(&escaped(name));
        })? {
            let made = Made::new(place, &spot, id);
            return Ok(Service::new(listener, name.to_owned(), made));
        }
    }
    Err(Trouble::Restless {
        path: folder.path().join(escaped(name)),
    })
}

/// Gives a new socket the service's name. `None`: somebody has taken the folder away.
fn publish(spot: &Spot) -> Result<Option<(Foreign, FileId)>, Trouble> {
    let new = New::listen(spot)?;
    let Some(new) = new else { return Ok(None) };
    for _ in 0..ATTEMPTS {
        match spot.folder().link(&new.name, spot.socket()) {
            Ok(()) => return Ok(Some(new.named())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make_room(spot)?,
            Err(error) => return Err(Trouble::in_call("link", spot.path())(error)),
        }
    }
    Err(Trouble::Restless { path: spot.path() })
}

/// Removes what a crashed task left behind under a name.
fn make_room(spot: &Spot) -> Result<(), Trouble> {
    let State::Stale(_) = spot.state()? else {
        return refuse(spot);
    };
    // Two processes that both see a dead socket: the second would remove what the first put there.
    let _lock = spot.lock();
    match spot.state()? {
        State::Stale(id) => {
            spot.remove(id);
            Ok(())
        }
        _ => refuse(spot),
    }
}

fn refuse(spot: &Spot) -> Result<(), Trouble> {
    match spot.state()? {
        State::Served(by) => Err(Trouble::Served {
            path: spot.path(),
            by,
        }),
        State::Free | State::Stale(_) => Ok(()),
    }
}

/// A listening socket that is under no service's name yet.
pub(super) struct New<'a> {
    folder: &'a Folder,
    pub(super) name: String,
    listener: Option<Foreign>,
    id: FileId,
}

impl<'a> New<'a> {
    /// Makes one in a name's folder. `None`: somebody has taken the folder away.
    pub(super) fn listen(spot: &'a Spot) -> Result<Option<Self>, Trouble> {
        let folder = spot.folder();
        let name = format!(".{:016x}", random::number());
        let mut new = Self {
            folder,
            listener: None,
            id: (0, 0),
            name,
        };
        let bound = folder.with_address(&new.name, socket::listen_at);
        let made = bound.and_then(|listener| Ok((listener, folder.entry_of(&new.name)?.id())));
        match made {
            Ok((listener, id)) => {
                (new.listener, new.id) = (Some(listener), id);
                Ok(Some(new))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::in_call("make a socket in", folder.path())(error)),
        }
    }

    /// What it is, now that it has the service's name.
    pub(super) fn named(mut self) -> (Foreign, FileId) {
        match self.listener.take() {
            Some(listener) => (listener, self.id),
            None => unreachable!("`listen` fills it in"),
        }
    }
}

impl Drop for New<'_> {
    fn drop(&mut self) {
        let _ = self.folder.remove_file(&self.name);
    }
}
