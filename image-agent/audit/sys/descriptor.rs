//! Descriptors. They are numbers in a table that the program has, too, so each is known by its socket's cookie as well.

use super::{number, process, result, syscall};

const F_DUPFD_CLOEXEC: usize = 1030;
/// Programs count descriptors from the lowest free number, and tables grow with the highest: in between is nobody's.
const HIGHEST: usize = 1024;
/// Two for each monitor.
const ROOM: usize = 16;

/// A socket of the agent's.
#[derive(Clone, Copy)]
pub(crate) struct Socket {
    pub(crate) number: u32,
    pub(crate) cookie: u64,
}

impl Socket {
    pub(crate) const NONE: Self = Self {
        number: 0,
        cookie: 0,
    };

    /// A descriptor that is to be this library's: moved to a number that no program comes to, and closed on `exec`. Where that
    /// fails it is closed.
    pub(crate) fn take(descriptor: u32) -> Option<Self> {
        let highest = process::descriptor_limit().min(HIGHEST);
        let moved = [highest.saturating_sub(ROOM), highest / 2, 3]
            .into_iter()
            .find_map(|from| {
                // SAFETY: takes numbers only.
                let answer = unsafe {
                    syscall(
                        number::FCNTL,
                        [descriptor as usize, F_DUPFD_CLOEXEC, from, 0, 0, 0],
                    )
                };
                result(answer).ok()
            });
        close(descriptor);
        let number = u32::try_from(moved?).ok()?;
        match cookie(number) {
            Some(cookie) => Some(Self { number, cookie }),
            None => {
                close(number);
                None
            }
        }
    }

    /// Whether the number still stands for this socket: the program may have closed it, and opened something else.
    pub(crate) fn is_there(&self) -> bool {
        cookie(self.number) == Some(self.cookie)
    }

    pub(crate) fn close(&self) {
        if self.is_there() {
            close(self.number);
        }
    }
}

pub(crate) fn close(descriptor: u32) {
    // SAFETY: takes a number. Callers close what is this library's.
    unsafe { syscall(number::CLOSE, [descriptor as usize, 0, 0, 0, 0, 0]) };
}

/// A socket's number among all sockets since the machine was started.
pub(crate) fn cookie(descriptor: u32) -> Option<u64> {
    const SOL_SOCKET: usize = 1;
    const SO_COOKIE: usize = 57;
    let (mut cookie, mut len) = (0_u64, 8_u32);
    let (at, len): (*mut u64, *mut u32) = (&mut cookie, &mut len);
    let arguments = [
        descriptor as usize,
        SOL_SOCKET,
        SO_COOKIE,
        at as usize,
        len as usize,
        0,
    ];
    // SAFETY: a number's room, and how long it is.
    result(unsafe { syscall(number::GETSOCKOPT, arguments) })
        .ok()
        .map(|_| cookie)
}
