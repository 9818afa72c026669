//! Namespaces of the process's own.
//!
//! As [`lock`](super::lock): what is done in a new process is system calls only, for it shares its parent's memory.

use std::ffi::CStr;
use std::mem::zeroed;
use std::ptr;

use super::lock::{Failed, check};
use crate::part::{Missing, Part};
use crate::profile::{For, Network};
use crate::{Namespace, Profile};

const STEP: &str = "have namespaces of its own";

/// What a process has of its own, and how it gets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Namespaces {
    /// As `clone` and `unshare` take them.
    flags: i32,
    /// Whose they are where users are among them: user and group stay what they are, and others cannot be had there.
    user: u32,
    group: u32,
    has_loopback: bool,
}

impl Namespaces {
    /// Those of a profile that can be had, and those that cannot.
    pub(super) fn of(profile: &Profile, purpose: For) -> (Self, Vec<Missing>) {
        let mut flags = 0;
        let mut missing = Vec::new();
        let wanted = Self::wanted(profile, purpose, &mut missing);
        let all = wanted.iter().fold(0, |all, (flag, ..)| all | flag);
        let has_all = usable(all, purpose).is_some();
        for (flag, part, because) in wanted {
            if has_all || usable(flag, purpose).is_some() {
                flags |= flag;
            } else {
                missing.push(Missing { part, because });
            }
        }
        // Also of users, if that is what it takes.
        let mut found = usable(flags, purpose).unwrap_or_default();
        found.has_loopback =
            profile.network == Network::Loopback && flags & libc::CLONE_NEWNET != 0;
        (found, missing)
    }

    /// The flag of each namespace, and what is missing where it cannot be had.
    fn wanted(
        profile: &Profile,
        purpose: For,
        missing: &mut Vec<Missing>,
    ) -> Vec<(i32, Part, &'static str)> {
        let mut all = Vec::new();
        if profile.network == Network::Loopback {
            all.push((
                libc::CLONE_NEWNET,
                Part::Loopback,
                "the system refuses namespaces of users and networks to this process",
            ));
        }
        for namespace in &profile.namespaces {
            let (flag, because) = match namespace {
                Namespace::User => (
                    libc::CLONE_NEWUSER,
                    "the system refuses this process a namespace of users",
                ),
                Namespace::Mount => (
                    libc::CLONE_NEWNS,
                    "the system refuses this process a namespace of mounts",
                ),
                Namespace::Pid => (
                    libc::CLONE_NEWPID,
                    "the system refuses this process a namespace of processes",
                ),
                Namespace::Ipc => (
                    libc::CLONE_NEWIPC,
                    "the system refuses this process a namespace of System V's IPC",
                ),
                Namespace::Uts => (
                    libc::CLONE_NEWUTS,
                    "the system refuses this process a namespace of the host's name",
                ),
                Namespace::Network => (
                    libc::CLONE_NEWNET,
                    "the system refuses this process a namespace of networks",
                ),
            };
            if *namespace == Namespace::Pid && purpose == For::Entering {
                missing.push(Missing {
                    part: Part::Namespaces,
                    because: "a process stays among the processes where it is: its launcher must impose the profile",
                });
            } else {
                all.push((flag, Part::Namespaces, because));
            }
        }
        all
    }

    /// With which a new process is to be made.
    pub(super) fn flags(self) -> i32 {
        self.flags
    }

    pub(super) fn is_empty(self) -> bool {
        self.flags == 0
    }

    /// Leaves the system's for ones of its own.
    pub(super) fn unshare(self) -> Result<(), Failed> {
        if self.flags != 0 {
            // SAFETY: takes a number.
            check(STEP, unsafe { libc::unshare(self.flags) }.into())?;
        }
        Ok(())
    }

    /// Makes them what they are to be, from inside.
    pub(super) fn settle(self) -> Result<(), Failed> {
        if self.flags & libc::CLONE_NEWUSER != 0 {
            write(c"/proc/self/setgroups", b"deny")?;
            write(c"/proc/self/uid_map", Map::of(self.user).text())?;
            write(c"/proc/self/gid_map", Map::of(self.group).text())?;
        }
        if self.flags & libc::CLONE_NEWNS != 0 {
            let (none, flags) = (ptr::null(), libc::MS_REC | libc::MS_PRIVATE);
            // SAFETY: the path is a string; a change of how mounts are shared takes nothing else.
            let parted = unsafe { libc::mount(none, c"/".as_ptr(), none, flags, ptr::null()) };
            check(STEP, parted.into())?;
        }
        if self.has_loopback {
            raise_loopback()?;
        }
        Ok(())
    }
}

/// These, with what it takes for this process to have them: a namespace of users as well, where it has no right to them
/// otherwise.
fn usable(flags: i32, purpose: For) -> Option<Namespaces> {
    // SAFETY: these take nothing.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    [flags, flags | libc::CLONE_NEWUSER]
        .into_iter()
        .map(|flags| Namespaces {
            flags,
            user,
            group,
            has_loopback: flags & libc::CLONE_NEWNET != 0,
        })
        .find(|all| flags == 0 || can_have(*all, purpose))
}

/// Whether a process has them that is made for that, in the way in which they would be had.
fn can_have(all: Namespaces, purpose: For) -> bool {
    let flags = match purpose {
        For::Entering => 0,
        For::Executing => all.flags,
    };
    // No signal tells of its end, so nobody else waits for it.
    // SAFETY: without memory that is shared it is a process with a copy, which makes system calls only and ends.
    let pid = unsafe { libc::syscall(libc::SYS_clone, flags, 0, 0, 0, 0) };
    if pid == 0 {
        let left = match purpose {
            For::Entering => all.unshare(),
            For::Executing => Ok(()),
        };
        let status = i32::from(left.and_then(|()| all.settle()).is_err());
        // SAFETY: ends this process at once.
        unsafe { libc::_exit(status) };
    }
    let Ok(pid) = i32::try_from(pid) else {
        return false;
    };
    if pid < 0 {
        return false;
    }
    let mut status = 0;
    loop {
        // SAFETY: the status is valid to write.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) };
        if waited == pid {
            return libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0;
        }
        if std::io::Error::last_os_error().raw_os_error() != Some(libc::EINTR) {
            return false;
        }
    }
}

fn write(path: &CStr, text: &[u8]) -> Result<(), Failed> {
    // SAFETY: the path is a string; the text is valid to read for its length; the descriptor is this function's own.
    unsafe {
        let file = libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC);
        check(STEP, file.into())?;
        let written = libc::write(file, text.as_ptr().cast(), text.len());
        let written = check(STEP, written as libc::c_long).map(drop);
        libc::close(file);
        written
    }
}

fn raise_loopback() -> Result<(), Failed> {
    // SAFETY: zeros are a request without a name.
    let mut request: libc::ifreq = unsafe { zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the request is valid to read; the socket is this function's own.
    unsafe {
        let socket = libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0);
        check(STEP, socket.into())?;
        let raised = libc::ioctl(socket, libc::SIOCSIFFLAGS, &raw const request);
        let raised = check(STEP, raised.into()).map(drop);
        libc::close(socket);
        raised
    }
}

/// That an id stays itself: `<id> <id> 1`.
struct Map {
    bytes: [u8; Self::ROOM],
    begin: usize,
}

impl Map {
    /// For two ids of ten digits.
    const ROOM: usize = 24;

    fn of(id: u32) -> Self {
        let mut map = Self {
            bytes: [0; Self::ROOM],
            begin: Self::ROOM,
        };
        for number in [1, id, id] {
            map.put(number);
        }
        map
    }

    /// Puts a number before what is there.
    fn put(&mut self, mut number: u32) {
        if self.begin < Self::ROOM {
            self.prepend(b' ');
        }
        loop {
            self.prepend(b'0' + (number % 10) as u8);
            number /= 10;
            if number == 0 {
                break;
            }
        }
    }

    fn prepend(&mut self, byte: u8) {
        self.begin -= 1;
        self.bytes[self.begin] = byte;
    }

    fn text(&self) -> &[u8] {
        &self.bytes[self.begin..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_wanted_unasked() {
        let (all, missing) = Namespaces::of(&Profile::ports_only(), For::Executing);
        assert!(all.is_empty() && missing.is_empty());
    }

    /// Whatever this system allows: none is lost silently.
    #[test]
    fn each_is_had_or_missing() {
        let profile = Profile::ports_only()
            .namespace(Namespace::Ipc)
            .namespace(Namespace::Uts)
            .namespace(Namespace::Pid);
        let (all, missing) = Namespaces::of(&profile, For::Executing);
        let flags = [libc::CLONE_NEWIPC, libc::CLONE_NEWUTS, libc::CLONE_NEWPID];
        let had = flags.iter().filter(|flag| all.flags & **flag != 0);
        let had = had.count();
        assert_eq!(had + missing.len(), 3);
        let (all, missing) = Namespaces::of(&profile, For::Entering);
        assert_eq!(all.flags & libc::CLONE_NEWPID, 0);
        assert!(missing.iter().any(|one| one.because.contains("impose")));
    }

    #[test]
    fn an_id_stays_itself() {
        assert_eq!(Map::of(0).text(), b"0 0 1");
        assert_eq!(Map::of(2345).text(), b"2345 2345 1");
        assert_eq!(Map::of(u32::MAX).text(), b"4294967295 4294967295 1");
    }
}
