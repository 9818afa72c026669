//! A network of the process's own, which has nothing but a loopback.
//!
//! As [`lock`](super::lock): system calls only, for a new process makes them that shares its parent's memory.

use std::ffi::CStr;
use std::mem::zeroed;

use super::lock::{Failed, check};

const STEP: &str = "have a network of its own";

/// Leaves the machine's network for one of its own. By a namespace of users as well, where this process has no right to do it
/// otherwise: its user and group stay what they are, and the others cannot be had there.
pub(super) fn isolate() -> Result<(), Failed> {
    // SAFETY: these take numbers only.
    let (user, group) = unsafe { (libc::geteuid(), libc::getegid()) };
    // SAFETY: as above.
    if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
        // SAFETY: as above.
        let left = unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET) };
        check(STEP, left.into())?;
        write(c"/proc/self/setgroups", b"deny")?;
        write(c"/proc/self/uid_map", Map::of(user).text())?;
        write(c"/proc/self/gid_map", Map::of(group).text())?;
    }
    raise_loopback()
}

/// Whether [`isolate`] works: a process of its own tries.
pub(super) fn is_possible() -> bool {
    // No signal tells of its end, so nobody else waits for it.
    // SAFETY: without flags it is a process with a copy of the memory, which makes system calls only and ends.
    let pid = unsafe { libc::syscall(libc::SYS_clone, 0, 0, 0, 0, 0) };
    if pid == 0 {
        let status = i32::from(isolate().is_err());
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
    fn an_id_stays_itself() {
        assert_eq!(Map::of(0).text(), b"0 0 1");
        assert_eq!(Map::of(2345).text(), b"2345 2345 1");
        assert_eq!(Map::of(u32::MAX).text(), b"4294967295 4294967295 1");
    }
}
