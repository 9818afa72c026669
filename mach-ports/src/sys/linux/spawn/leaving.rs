//! Descriptors that a new process is to lose as it executes its program. To be called where nothing may allocate.

use libc::{c_int, c_long, c_uint};

/// Where a process sees its own open descriptors.
const LISTING: &std::ffi::CStr = c"/proc/self/fd";

/// Gives a process that shares its parent's table of descriptors one of its own, without those from a number on: the kernel
/// does not copy what is not wanted.
pub(super) fn own_table(first_unneeded: u32) -> Result<(), i32> {
    const CLOSE_RANGE_UNSHARE: c_uint = 1 << 1;
    // SAFETY: takes numbers. What it closes is closed in a table of this process's own, or not at all.
    let own = unsafe {
        libc::syscall(
            libc::SYS_close_range,
            first_unneeded,
            c_uint::MAX,
            CLOSE_RANGE_UNSHARE,
        )
    };
    if own == 0 {
        Ok(())
    } else {
        // SAFETY: the place is this thread's own.
        Err(unsafe { *libc::__errno_location() })
    }
}

/// Marks these numbers, as far as they are open. Marking is quick, however many there are, and the thread that made the
/// process does not wait for their closing.
pub(super) fn close_on_exec(first: u32, last: u32) -> Result<(), i32> {
    const CLOSE_RANGE_CLOEXEC: c_uint = 1 << 2;
    // SAFETY: takes numbers.
    let marked = unsafe { libc::syscall(libc::SYS_close_range, first, last, CLOSE_RANGE_CLOEXEC) };
    if marked == 0 {
        return Ok(());
    }
    // A kernel before 5.11, or a filter of system calls.
    by_listing(first, last)
}

fn by_listing(first: u32, last: u32) -> Result<(), i32> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: the path is a string.
    let folder = unsafe { libc::open(LISTING.as_ptr(), flags) };
    if folder < 0 {
        // SAFETY: the place is this thread's own.
        return Err(unsafe { *libc::__errno_location() });
    }
    let mut entries = Entries([0; 1024]);
    loop {
        let length = entries.0.len();
        // SAFETY: the buffer is valid to write for the length given, and aligned as the entries are.
        let read =
            unsafe { libc::syscall(libc::SYS_getdents64, folder, entries.0.as_mut_ptr(), length) };
        if read > 0 {
            entries.mark(read, first, last);
            continue;
        }
        // SAFETY: the place is this thread's own.
        let error = unsafe { *libc::__errno_location() };
        // SAFETY: it was opened above and nobody else knows it.
        unsafe { libc::close(folder) };
        return if read == 0 { Ok(()) } else { Err(error) };
    }
}

/// Room for entries of a folder, which begin on a multiple of 8.
#[repr(align(8))]
struct Entries([u8; 1024]);

impl Entries {
    fn mark(&self, read: c_long, first: u32, last: u32) {
        // An entry: 16 bytes of numbers, its length in two bytes, its kind in one, its name with a zero behind.
        let mut rest = self.0.get(..read as usize).unwrap_or_default();
        while let [
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            low,
            high,
            _,
            name @ ..,
        ] = rest
        {
            if let Some(number) = number(name).filter(|number| (first..=last).contains(number)) {
                // SAFETY: takes numbers.
                unsafe { libc::fcntl(number as c_int, libc::F_SETFD, libc::FD_CLOEXEC) };
            }
            let length = usize::from(u16::from_ne_bytes([*low, *high]));
            rest = match rest.get(length..) {
                Some(next) if length > 0 => next,
                _ => return,
            };
        }
    }
}

fn number(name: &[u8]) -> Option<u32> {
    let mut number: Option<u32> = None;
    for byte in name {
        let digit = match byte {
            0 => break,
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => return None,
        };
        number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
    }
    number
}

#[cfg(test)]
mod tests {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    use super::*;

    fn inheritable(at_least: i32) -> OwnedFd {
        let file = std::fs::File::open("/dev/null").unwrap();
        // SAFETY: duplicates an open descriptor; the result is nobody else's.
        unsafe {
            let copy = libc::fcntl(file.as_raw_fd(), libc::F_DUPFD, at_least);
            assert!(copy >= at_least);
            OwnedFd::from_raw_fd(copy)
        }
    }

    fn is_marked(fd: &OwnedFd) -> bool {
        // SAFETY: the descriptor is open.
        unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFD) == libc::FD_CLOEXEC }
    }

    #[test]
    fn the_named_ones_are_marked_and_no_others() {
        // Numbers that no other test has anything under. More than one reading of the folder shows.
        let open: Vec<_> = (0..80).map(|i| inheritable(700 + i)).collect();
        let number = |at: usize| open[at].as_raw_fd() as u32;
        for mark in [by_listing, close_on_exec] {
            for fd in &open {
                // SAFETY: the descriptor is open.
                unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, 0) };
            }
            mark(number(10), number(70)).unwrap();
            let marked: Vec<_> = (0..80).filter(|at| is_marked(&open[*at])).collect();
            assert_eq!(marked, (10..=70).collect::<Vec<_>>());
        }
        assert_eq!(close_on_exec(5, 4), Ok(()));
    }

    #[test]
    fn a_name_is_a_number_or_not() {
        for (name, expected) in [
            (&b"17\0x"[..], Some(17)),
            (b"0\0", Some(0)),
            (b".\0", None),
            (b"..\0", None),
            (b"\0", None),
            (b"99999999999\0", None),
        ] {
            assert_eq!(number(name), expected);
        }
    }
}
