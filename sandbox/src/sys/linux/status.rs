//! How a process is locked up, as `/proc` tells of each of its threads.

use std::collections::BTreeSet;
use std::io;

use crate::Status;

/// How often the threads are looked through until no new one shows.
const ROUNDS: u32 = 16;

/// The least of all threads.
pub(crate) fn of(pid: i32) -> io::Result<Status> {
    let mut known = BTreeSet::new();
    let mut least: Option<Status> = None;
    for _ in 0..ROUNDS {
        let new: Vec<i32> = threads(pid)?
            .into_iter()
            .filter(|thread| !known.contains(thread))
            .collect();
        if new.is_empty() {
            // None at all: it has ended.
            return least.ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH));
        }
        for thread in new {
            known.insert(thread);
            match thread_status(pid, thread) {
                Ok(status) => {
                    least = Some(least.map_or(status, |least| of_both(least, status)));
                }
                // It has ended meanwhile.
                Err(error) if is_gone(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Err(io::Error::other(
        "it starts threads faster than they can be looked at",
    ))
}

/// What a child of this process has that locks nothing.
pub(crate) fn inherited() -> io::Result<Status> {
    parse(&std::fs::read_to_string("/proc/thread-self/status")?)
}

fn of_both(one: Status, other: Status) -> Status {
    Status {
        no_new_privileges: one.no_new_privileges && other.no_new_privileges,
        locks: one.locks.min(other.locks),
    }
}

fn threads(pid: i32) -> io::Result<Vec<i32>> {
    std::fs::read_dir(format!("/proc/{pid}/task"))?
        .map(|entry| {
            let name = entry?.file_name();
            let thread = name.to_str().and_then(|name| name.parse().ok());
            thread.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
        })
        .collect()
}

fn thread_status(pid: i32, thread: i32) -> io::Result<Status> {
    parse(&std::fs::read_to_string(format!(
        "/proc/{pid}/task/{thread}/status"
    ))?)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ESRCH | libc::ENOENT))
}

fn parse(text: &str) -> io::Result<Status> {
    let number = |name: &str| -> Option<u32> {
        let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
        rest.trim().parse().ok()
    };
    let unknown = || io::Error::other("the kernel does not tell");
    let privileges = number("NoNewPrivs:").ok_or_else(unknown)?;
    let is_filtered = number("Seccomp:").ok_or_else(unknown)? == 2;
    // Kernels before 5.9 do not count them.
    let locks = number("Seccomp_filters:").unwrap_or(is_filtered.into());
    Ok(Status {
        no_new_privileges: privileges == 1,
        locks: if is_filtered { locks } else { 0 },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCKED: &str = "Name:\tx\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t3\n";

    #[test]
    fn what_the_kernel_writes_is_read() {
        let status = parse(LOCKED).unwrap();
        assert_eq!((status.no_new_privileges, status.locks), (true, 3));
        let older = parse(&LOCKED.replace("Seccomp_filters:\t3\n", "")).unwrap();
        assert_eq!(older.locks, 1);
        let free = parse("NoNewPrivs:\t0\nSeccomp:\t0\nSeccomp_filters:\t0\n").unwrap();
        assert_eq!((free.no_new_privileges, free.locks), (false, 0));
        assert!(parse("Name:\tx\n").is_err());
        assert!(parse("NoNewPrivs:\t1\n").is_err());
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(of(i32::MAX).is_err());
    }

    #[test]
    fn tests_are_locked_no_further_than_they_were_born() {
        let own = of(std::process::id().cast_signed()).unwrap();
        assert_eq!(own, inherited().unwrap());
    }
}
