//! One name's folder, and what is known of the socket in it.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::errno::Errno;

use super::trouble::Trouble;
use crate::sys::folder::{Entry, FileId, Folder, Lock};
use crate::sys::{process, socket};

/// How long another that changes the same folder is waited for. It needs much less, unless it was stopped at it, and
/// whoever holds the lock for longer is not asked any more: names are taken without it just as well, as long as no two
/// processes replace the same dead one at the same moment.
const PATIENCE: Duration = Duration::from_millis(250);

/// A name as a file's name: what a file system cannot have is written otherwise, one to one.
pub(super) fn escaped(name: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(name.len());
    for (i, byte) in name.bytes().enumerate() {
        match byte {
            b'/' => bytes.push(1),
            1 => bytes.extend_from_slice(b"\x02a"),
            2 => bytes.extend_from_slice(b"\x02b"),
            b'.' if i == 0 => bytes.extend_from_slice(b"\x02c"),
            _ => bytes.push(byte),
        }
    }
    PathBuf::from(std::ffi::OsStr::from_bytes(&bytes))
}

/// What the socket is called in the folder of its name.
///
/// Services are told apart by their processes' numbers, which are unique in one pid namespace: another that shares the
/// folder has sockets of its own.
pub(super) fn socket_name() -> String {
    match process::numbering() {
        0 | process::FIRST_NUMBERING => "port".into(),
        other => format!("port.{other}"),
    }
}

/// What is under a name.
#[derive(Debug)]
pub(super) enum State {
    /// Nothing.
    Free,
    /// A socket that somebody listens at: a process, if that is known.
    Served(Option<i32>),
    /// A socket that nobody listens at any more.
    Stale(FileId),
}

/// A name's folder.
#[derive(Debug)]
pub(super) struct Spot {
    folder: Folder,
    socket: String,
}

impl Spot {
    /// The folder of a name, if there is one.
    pub(super) fn open(place: &Folder, name: &str) -> Result<Self, Trouble> {
        Self::reach(place, name, Folder::open_in)
    }

    /// As [`Self::open`]; makes it if there is none.
    pub(super) fn make(place: &Folder, name: &str) -> Result<Self, Trouble> {
        Self::reach(place, name, Folder::make_in)
    }

    /// The folder at a path, as [`Self::path`] said it.
    pub(super) fn at(path: &Path, socket: &str) -> std::io::Result<Self> {
        Ok(Self {
            folder: Folder::open(path)?,
            socket: socket.to_owned(),
        })
    }

    fn reach(
        place: &Folder,
        name: &str,
        step: fn(&Folder, &Path) -> std::io::Result<Folder>,
    ) -> Result<Self, Trouble> {
        let name = escaped(name);
        let path = place.path().join(&name);
        match step(place, &name) {
            Ok(folder) => Ok(Self {
                folder,
                socket: socket_name(),
            }),
            Err(error) if error.raw_os_error() == Some(libc::ENOTDIR) => {
                let kind = place.entry_of(&name).map_or("gone", |e| e.kind_name());
                Err(Trouble::NotAFolder { path, kind })
            }
            Err(error) => Err(Trouble::in_call("open", path)(error)),
        }
    }

    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn socket(&self) -> &str {
        &self.socket
    }

    /// The socket's path.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(&self.socket)
    }

    /// What is at the socket's place: `None` if nothing is.
    pub(super) fn entry(&self) -> Result<Option<Entry>, Trouble> {
        match self.folder.entry_of(&self.socket) {
            Ok(entry) if entry.is_socket() => Ok(Some(entry)),
            Ok(entry) => Err(Trouble::NotASocket {
                path: self.path(),
                kind: entry.kind_name(),
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Trouble::in_call("look at", self.path())(error)),
        }
    }

    /// Whether somebody serves the name. What cannot be found out is an error: a live name is never taken for dead.
    pub(super) fn state(&self) -> Result<State, Trouble> {
        let Some(entry) = self.entry()? else {
            return Ok(State::Free);
        };
        let answer = self
            .folder
            .with_address(&self.socket, socket::listener_at)
            .map_err(|error| (error.raw_os_error().map(Errno::from_raw), error));
        match answer {
            Ok(peer) => Ok(State::Served(peer.map(|peer| peer.pid))),
            Err((Some(Errno::ECONNREFUSED), _)) => Ok(State::Stale(entry.id())),
            Err((Some(Errno::ENOENT), _)) => Ok(State::Free),
            // A socket of another kind, that somebody uses.
            Err((Some(Errno::EPROTOTYPE), _)) => Ok(State::Served(None)),
            Err((_, error)) => Err(Trouble::in_call("connect to", self.path())(error)),
        }
    }

    /// Keeps other processes from changing what is here, unless one of them does not let go.
    pub(super) fn lock(&self) -> Option<Lock> {
        let held = self.folder.lock(PATIENCE);
        if held.is_none() {
            tracing::debug!(path = %self.folder.path().display(), "the lock is not to be had: going on without it");
        }
        held
    }

    /// Removes the socket, if it is the one that it was when its number was taken.
    pub(super) fn remove(&self, id: FileId) {
        if self.is(id) {
            let _ = self.folder.remove_file(&self.socket);
        }
    }

    /// Whether the socket's file is the one with this number.
    pub(super) fn is(&self, id: FileId) -> bool {
        matches!(self.folder.entry_of(&self.socket), Ok(entry) if entry.id() == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_file_of_its_own() {
        for (name, file) in [
            ("org.example.server", "org.example.server"),
            ("a/b", "a\u{1}b"),
            ("..", "\u{2}c."),
            ("a\u{1}", "a\u{2}a"),
        ] {
            assert_eq!(escaped(name), PathBuf::from(file));
        }
        let longest = "\u{1}".repeat(127);
        assert!(escaped(&longest).as_os_str().len() <= 255);
    }
}
