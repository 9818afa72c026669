//! Bootstrap names: listening sockets in a directory that only this user can enter.
//!
//! A name is a folder with one socket in it. Who looks a name up connects, and holds a link to the port: nobody in
//! between answers for it. That a name is there proves nothing about who serves it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Once;

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::sys::socket::UnixAddr;
use nix::unistd::geteuid;

use super::ids::PortKey;
use super::right::Right;
use super::{Kernel, Result};
use crate::bootstrap::{
    BOOTSTRAP_NO_MEMORY, BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_SERVICE_ACTIVE,
    BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::kern_return::KERN_INVALID_RIGHT;
use crate::port::mach_port_name_t;
use crate::sys::socket;
use crate::wire::parcel;
use crate::wire::tree::Packet;

/// Names the directory in place of the usual one.
pub(crate) const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";
const SOCKET: &str = "port";
const LOCK: &str = ".lock";

/// Which file a socket was, to see that it is still the same.
pub(crate) type FileId = (u64, u64);

/// A name that this task serves.
#[derive(Debug)]
pub(crate) struct Service {
    listener: OwnedFd,
    name: String,
    /// Kept to be given up when there is no other descriptor for a client that must be turned away.
    reserve: Option<OwnedFd>,
}

impl Service {
    fn new(listener: OwnedFd, name: String) -> Self {
        Self {
            reserve: reserve(),
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

    /// Takes up all who have connected.
    pub(crate) fn accept_into(&mut self, accepted: &mut Vec<OwnedFd>) {
        loop {
            match socket::accept(&self.listener) {
                Ok(Some(fd)) => accepted.push(fd),
                Ok(None) => return,
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

/// A name as a file's name: what a file system cannot have is written otherwise, one to one.
fn escaped(name: &str) -> PathBuf {
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

/// The directory of this user's names, made if it is not there.
fn directory() -> io::Result<PathBuf> {
    let path = match std::env::var_os(DIRECTORY) {
        Some(path) => PathBuf::from(path),
        None => usual_directory(),
    };
    if let Err(error) = std::fs::DirBuilder::new().mode(0o700).create(&path)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    let found = std::fs::symlink_metadata(&path)?;
    let private = found.is_dir()
        && found.uid() == geteuid().as_raw()
        && found.permissions().mode() & 0o077 == 0;
    if !private {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    Ok(path)
}

/// Not by the environment, for a child may have been started without it.
fn usual_directory() -> PathBuf {
    let uid = geteuid().as_raw();
    let runtime = PathBuf::from(format!("/run/user/{uid}"));
    if std::fs::metadata(&runtime).is_ok_and(|found| found.uid() == uid) {
        runtime.join("embedded-mach")
    } else {
        PathBuf::from(format!("/tmp/embedded-mach-{uid}"))
    }
}

/// Held while names change, so that two tasks never take the same one.
fn lock(directory: &Path) -> io::Result<Flock<std::fs::File>> {
    let file = std::fs::File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join(LOCK))?;
    Flock::lock(file, FlockArg::LockExclusive).map_err(|(_, errno)| errno.into())
}

/// Calls `then` with an address for `folder`'s socket, by a shorter way if the path is too long for one.
fn with_address<T>(folder: &Path, then: impl FnOnce(&UnixAddr) -> io::Result<T>) -> io::Result<T> {
    if let Ok(address) = UnixAddr::new(&folder.join(SOCKET)) {
        return then(&address);
    }
    let handle = std::fs::File::open(folder)?;
    let path = format!("/proc/self/fd/{}/{SOCKET}", handle.as_fd().as_raw_fd());
    then(&UnixAddr::new(path.as_str())?)
}

fn is_served(folder: &Path) -> bool {
    with_address(folder, socket::is_listened_at).is_ok()
}

fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .recursive(true)
        .create(folder)
}

/// Once per process: a program that checks in may be started often, but a name is seldom left behind.
static SWEEP: Once = Once::new();

/// Removes what crashed tasks left behind.
fn sweep(directory: &Path) {
    let Ok(folders) = std::fs::read_dir(directory) else {
        return;
    };
    for folder in folders.flatten().take(1024) {
        let folder = folder.path();
        if folder.is_dir() && !is_served(&folder) {
            let _ = std::fs::remove_file(folder.join(SOCKET));
            let _ = std::fs::remove_dir(&folder);
        }
    }
}

fn code_of(error: &io::Error) -> i32 {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::ENOENT | Errno::ECONNREFUSED | Errno::ENOTDIR) => BOOTSTRAP_UNKNOWN_SERVICE,
        Some(Errno::ENOMEM | Errno::EMFILE | Errno::ENFILE | Errno::ENOSPC | Errno::EAGAIN) => {
            BOOTSTRAP_NO_MEMORY
        }
        _ => BOOTSTRAP_NOT_PRIVILEGED,
    }
}

fn report(what: &'static str, name: &str) -> impl Fn(io::Error) -> i32 {
    let name = name.to_owned();
    move |error| {
        tracing::debug!(%error, name, "{what} failed");
        code_of(&error)
    }
}

/// Makes a name served by this task, as far as the file system goes.
pub(crate) fn claim(name: &str) -> Result<Service> {
    let failed = report("bootstrap check-in", name);
    let directory = directory().map_err(&failed)?;
    let _lock = lock(&directory).map_err(&failed)?;
    let folder = directory.join(escaped(name));
    if is_served(&folder) {
        return Err(BOOTSTRAP_NOT_PRIVILEGED);
    }
    SWEEP.call_once(|| sweep(&directory));
    let listener = make_folder(&folder)
        .and_then(|()| with_address(&folder, socket::listen_at))
        // Whoever had the name may be taking its folder away at this moment.
        .or_else(|_| {
            let _ = std::fs::remove_file(folder.join(SOCKET));
            make_folder(&folder)?;
            with_address(&folder, socket::listen_at)
        })
        .map_err(&failed)?;
    Ok(Service::new(listener, name.to_owned()))
}

/// Connects to whoever serves a name. May block for a moment if that one has more clients than it takes up.
pub(crate) fn find(name: &str) -> Result<(OwnedFd, FileId)> {
    let failed = report("bootstrap look-up", name);
    let folder = directory().map_err(&failed)?.join(escaped(name));
    let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
    let path = folder.join(SOCKET);
    let before = std::fs::symlink_metadata(&path)
        .map(identity)
        .map_err(&failed)?;
    let fd = with_address(&folder, socket::connect_to).map_err(&failed)?;
    let after = std::fs::symlink_metadata(&path).map(identity).ok();
    // A name that changed hands in between is nobody's that was known before.
    let id = if after == Some(before) {
        before
    } else {
        (0, 0)
    };
    Ok((fd, id))
}

impl Kernel {
    /// Whether a name is served by this task itself.
    pub(crate) fn own_service(&self, name: &str) -> Option<PortKey> {
        self.services.get(name).copied()
    }

    /// Refuses a name that this task serves already.
    pub(crate) fn refuse_own_service(&self, name: &str) -> Result<()> {
        match self.own_service(name) {
            Some(_) => Err(BOOTSTRAP_SERVICE_ACTIVE),
            None => Ok(()),
        }
    }

    /// The port of a right that may be registered: one that this task receives on.
    pub(crate) fn registrable(&mut self, name: mach_port_name_t) -> Result<PortKey> {
        let key = self.look_at(name)?.port().ok_or(KERN_INVALID_RIGHT)?;
        match self.local(key) {
            Some(_) => Ok(key),
            None => Err(BOOTSTRAP_NOT_PRIVILEGED),
        }
    }

    /// Gives up all names that this task serves.
    pub(crate) fn withdraw_services(&mut self) {
        for (_, port) in &mut self.ports {
            for service in port
                .local_mut()
                .map(|local| local.services.drain(..))
                .into_iter()
                .flatten()
            {
                service.withdraw();
            }
        }
        self.services.clear();
    }

    /// Gives up a name that this task serves; its port stays.
    pub(crate) fn withdraw_service(&mut self, name: &str) -> Result<()> {
        let key = self
            .services
            .remove(name)
            .ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?;
        let local = self.local_mut(key).ok_or(BOOTSTRAP_UNKNOWN_SERVICE)?;
        let Some(at) = local.services.iter().position(|s| s.name() == name) else {
            return Err(BOOTSTRAP_UNKNOWN_SERVICE);
        };
        let service = local.services.remove(at);
        if let Some(watch) = &local.watch {
            watch.remove(service.listener().as_fd());
        }
        service.withdraw();
        self.check_no_senders(key);
        Ok(())
    }

    /// The send right that a look-up gives: the known one, if the same socket leads to the same port.
    pub(crate) fn looked_up(&mut self, name: &str, fd: OwnedFd, id: FileId) -> Right {
        if let Some(&(known, key)) = self.looked_up.get(name)
            && known == id
            && id != (0, 0)
        {
            self.check_alive(key);
            if self
                .port(key)
                .is_some_and(|port| port.remote().is_some_and(|r| r.send.is_some()))
            {
                return self.copy_send(key);
            }
        }
        let link = crate::sys::random::number();
        // Only what comes home later needs it: a server that is gone, or full, is found out by the first message.
        let _ = parcel::send(fd.as_fd(), &Packet::Hello(link));
        let right = self.new_remote(fd, link, link, None);
        if let Some(key) = right.port() {
            self.looked_up.insert(name.to_owned(), (id, key));
        }
        right
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
