//! A bootstrap name that this task serves.

use std::os::fd::OwnedFd;

use super::places::{SOCKET, directory, escaped};
use crate::sys::{clock, socket};

/// A name that this task serves.
#[derive(Debug)]
pub(crate) struct Service {
    listener: OwnedFd,
    name: String,
    /// Kept to be given up when there is no other descriptor for a client that must be turned away.
    reserve: Option<OwnedFd>,
    /// When there was last nobody to be taken up.
    idle: u64,
}

impl Service {
    pub(super) fn new(listener: OwnedFd, name: String) -> Self {
        Self {
            reserve: reserve(),
            idle: clock::now_stamp(),
            listener,
            name,
        }
    }

    /// A listening socket that came with a receive right, if it is the one that the name stands for.
    pub(crate) fn adopt(listener: OwnedFd, name: String) -> Option<Self> {
        let bound = socket::bound_to(&listener)?;
        let expected = directory().ok()?.join(escaped(&name)).join(SOCKET);
        // A name in a message is only a claim. (One that needed a shorter path cannot be proved, and is given up.)
        (bound == expected).then(|| Self::new(listener, name))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn listener(&self) -> &OwnedFd {
        &self.listener
    }

    pub(crate) fn into_parts(self) -> (OwnedFd, String) {
        (self.listener, self.name)
    }

    /// Takes up all who have connected, each with a time before which it had not.
    pub(crate) fn accept_into(&mut self, accepted: &mut Vec<(OwnedFd, u64)>) {
        let since = self.idle;
        loop {
            let asked = clock::now_stamp();
            match socket::accept(&self.listener) {
                Ok(Some(fd)) => accepted.push((fd, since)),
                Ok(None) => {
                    self.idle = asked;
                    return;
                }
                Err(error) => {
                    tracing::warn!(%error, name = self.name, "a client could not be taken up");
                    self.turn_one_away();
                    return;
                }
            }
        }
    }

    /// Without a descriptor for it a client would stay ready to be accepted for ever: it is shown a dead port.
    fn turn_one_away(&mut self) {
        if self.reserve.take().is_some() {
            drop(socket::accept(&self.listener));
            self.reserve = reserve();
        }
    }

    /// Takes the name out of the directory, before the listening socket closes: until then nobody else can have it.
    pub(crate) fn withdraw(self) {
        let Ok(directory) = directory() else { return };
        let folder = directory.join(escaped(&self.name));
        let _ = std::fs::remove_file(folder.join(SOCKET));
        let _ = std::fs::remove_dir(folder);
    }
}

fn reserve() -> Option<OwnedFd> {
    std::fs::File::open("/dev/null").ok().map(OwnedFd::from)
}
