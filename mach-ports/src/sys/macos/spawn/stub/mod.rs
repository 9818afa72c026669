//! What `posix_spawn` cannot do: a user, a mask of permissions, limits, a sandbox.
//!
//! The new process executes this program once more, as a stub that does these things and then executes the program that is
//! meant ([`begin`]). So it takes no file besides, and whoever is to be locked up has run nothing before.

mod begin;
mod plan;

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::ptr;

pub(crate) use plan::Plan;

/// Where programs are looked for where there is no `PATH`, as the C library says.
const USUAL: &CStr = c"/usr/bin:/bin";

/// How long the stub may take. It waits for nothing but the machine.
static PATIENCE: libc::timespec = libc::timespec {
    tv_sec: 60,
    tv_nsec: 0,
};

/// The stub, and the words before the arguments of the program that is meant.
pub(super) fn command(plan: &Plan, program: &CStr) -> io::Result<(CString, Vec<CString>)> {
    if !begin::is_in_program() {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a library that a program has loaded cannot prepare processes: it must be linked into the program",
        ));
    }
    let own = CString::new(std::env::current_exe()?.into_os_string().into_vec())?;
    let path = match std::env::var_os("PATH") {
        Some(path) => CString::new(path.into_vec())?,
        None => USUAL.to_owned(),
    };
    let words = [begin::NAME.to_owned()]
        .into_iter()
        .chain(plan.words())
        .chain([path, program.to_owned()]);
    Ok((own, words.collect()))
}

/// Lets a stub go on that was started suspended, and waits until it has executed its program.
pub(super) fn resume(pid: i32) -> io::Result<()> {
    let outcome = watch(pid).and_then(|queue| {
        signal(pid, libc::SIGCONT)?;
        has_executed(&queue)
    });
    match outcome {
        Ok(true) => Ok(()),
        Ok(false) => Err(reap(pid)),
        Err(error) => {
            // It may be gone, which is as well.
            let _ = signal(pid, libc::SIGKILL);
            reap(pid);
            Err(error)
        }
    }
}

/// Has a queue tell of what the process executes next, and of its end.
fn watch(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: takes nothing; what it returns is this function's own.
    let queue = unsafe {
        let queue = libc::kqueue();
        if queue < 0 {
            return Err(io::Error::last_os_error());
        }
        OwnedFd::from_raw_fd(queue)
    };
    let mut change = event();
    change.ident = pid as libc::uintptr_t;
    change.filter = libc::EVFILT_PROC;
    change.flags = libc::EV_ADD;
    change.fflags = libc::NOTE_EXEC | libc::NOTE_EXIT;
    // SAFETY: one change is valid to read, and no events are asked for.
    let added = unsafe {
        libc::kevent(
            queue.as_raw_fd(),
            &raw const change,
            1,
            ptr::null_mut(),
            0,
            ptr::null(),
        )
    };
    if added < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(queue)
}

/// Whether it was an execution that came first, and not the end.
fn has_executed(queue: &OwnedFd) -> io::Result<bool> {
    let mut first = event();
    loop {
        // SAFETY: there are no changes, one event is valid to write, and the time to read.
        let count = unsafe {
            libc::kevent(
                queue.as_raw_fd(),
                ptr::null(),
                0,
                &raw mut first,
                1,
                &raw const PATIENCE,
            )
        };
        match count {
            1 => return Ok(first.fflags & libc::NOTE_EXEC != 0),
            0 => return Err(io::ErrorKind::TimedOut.into()),
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

fn event() -> libc::kevent {
    libc::kevent {
        ident: 0,
        filter: 0,
        flags: 0,
        fflags: 0,
        data: 0,
        udata: ptr::null_mut(),
    }
}

fn signal(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: takes numbers only. The process is this one's child, and nobody has reaped it.
    if unsafe { libc::kill(pid, signal) } == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// Reaps a stub that has ended, or is about to: why it failed.
fn reap(pid: i32) -> io::Error {
    let mut status = 0;
    // SAFETY: the status is valid to write.
    while unsafe { libc::waitpid(pid, &raw mut status, 0) } < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return error;
        }
    }
    match libc::WEXITSTATUS(status) {
        // The largest of the system's numbers is 107.
        number @ 1..=127 if libc::WIFEXITED(status) => io::Error::from_raw_os_error(number),
        _ => io::Error::other("the stub that prepares the process has ended without a reason"),
    }
}
