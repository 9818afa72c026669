//! The lock itself.
//!
//! It is laid out before, and then is system calls only: a new process that shares its parent's memory makes them too. Nothing
//! here allocates, takes a lock or calls what might.

use std::io;
use std::mem::offset_of;
use std::os::fd::{AsRawFd, OwnedFd};

use super::filter::Program;
use super::namespaces::Namespaces;
use crate::EnterError;
use crate::sys::limits::Limit;

/// All that is given up.
#[derive(Debug)]
pub(super) struct Lock {
    pub(super) ruleset: Option<OwnedFd>,
    /// In the order in which they are installed.
    pub(super) filters: Vec<Program>,
    pub(super) limits: Vec<Limit>,
    /// Whether others of the same user are kept from looking in.
    pub(super) is_hidden: bool,
    pub(super) namespaces: Namespaces,
}

/// Whom it binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// The calling thread, which is the only one.
    This,
    /// All of the process; the kernel can.
    All,
}

/// What the system refused, and its `errno`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failed {
    step: &'static str,
    pub(super) errno: i32,
}

impl Failed {
    pub(super) fn into_error(self) -> EnterError {
        EnterError::Call {
            step: self.step,
            source: io::Error::from_raw_os_error(self.errno),
        }
    }
}

pub(super) fn check(step: &'static str, result: libc::c_long) -> Result<libc::c_long, Failed> {
    if result >= 0 {
        return Ok(result);
    }
    // SAFETY: the place is the calling thread's own.
    let errno = unsafe { *libc::__errno_location() };
    Err(Failed { step, errno })
}

/// `LANDLOCK_RESTRICT_SELF_TSYNC`.
const RESTRICT_ALL_THREADS: u32 = 1 << 3;
/// `LANDLOCK_RULE_PATH_BENEATH`.
const PATH_BENEATH: u32 = 1;
/// `LANDLOCK_ACCESS_FS_READ_FILE` and `LANDLOCK_ACCESS_FS_READ_DIR`.
const READ: u64 = 1 << 2 | 1 << 3;

/// `struct landlock_path_beneath_attr`.
#[repr(C, packed)]
struct PathBeneath {
    allowed: u64,
    folder: i32,
}

const _: () = assert!(size_of::<PathBeneath>() == 12 && offset_of!(PathBeneath, folder) == 8);

impl Lock {
    /// What needs no descriptor but the ruleset's, and leaves the process able to do the rest. It is in its namespaces by then.
    pub(super) fn first(&self, threads: Threads) -> Result<(), Failed> {
        // SAFETY: takes numbers only.
        let fixed = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
        check("give up new privileges", fixed.into())?;
        self.namespaces.settle()?;
        let Some(ruleset) = &self.ruleset else {
            return Ok(());
        };
        allow_own_folder(ruleset);
        let flags = match threads {
            Threads::This => 0,
            Threads::All => RESTRICT_ALL_THREADS,
        };
        // SAFETY: takes numbers only.
        let restricted =
            unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), flags) };
        check("enter the ruleset of landlock", restricted)?;
        Ok(())
    }

    /// The rest. After it no system calls are left but those of the profile.
    pub(super) fn last(&self, threads: Threads) -> Result<(), Failed> {
        drop_capabilities()?;
        if self.is_hidden {
            // SAFETY: takes numbers only.
            let hidden = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0, 0, 0, 0) };
            check("hide from debuggers", hidden.into())?;
        }
        for limit in &self.limits {
            let set = libc::c_long::from(limit.set());
            check("set a limit of resources", set - 1)?;
        }
        let flags = match threads {
            Threads::This => 0,
            Threads::All => libc::SECCOMP_FILTER_FLAG_TSYNC,
        };
        for filter in &self.filters {
            install(filter, flags)?;
        }
        Ok(())
    }
}

/// The process's own folder below `/proc`, which only it itself can name. It stays open, for the kernel would forget which
/// folder is meant when nobody uses it. Where it is not to be had nothing is lost but what is read there.
fn allow_own_folder(ruleset: &OwnedFd) {
    // SAFETY: the path is a string.
    let folder = unsafe { libc::open(c"/proc/self".as_ptr(), libc::O_PATH | libc::O_CLOEXEC) };
    if folder < 0 {
        return;
    }
    let rule = PathBeneath {
        allowed: READ,
        folder,
    };
    // SAFETY: the rule is valid to read, and of the kind that is named.
    unsafe {
        libc::syscall(
            libc::SYS_landlock_add_rule,
            ruleset.as_raw_fd(),
            PATH_BENEATH,
            &raw const rule,
            0,
        );
    }
}

fn install(filter: &Program, flags: libc::c_ulong) -> Result<(), Failed> {
    let step = "install the filter of system calls";
    filter.name_this_process();
    let program = filter.as_raw();
    // SAFETY: the program is valid to read, for its length.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const program,
        )
    };
    match check(step, result)? {
        0 => Ok(()),
        // The id of a thread that has filters of its own.
        _ => Err(Failed {
            step,
            errno: libc::EBUSY,
        }),
    }
}

/// `struct __user_cap_header_struct`, of the version with 64 capabilities.
#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: i32,
}

/// `struct __user_cap_data_struct`, low and high half: effective, permitted and inheritable.
type Capabilities = [[u32; 3]; 2];

const THIS_THREAD: CapabilityHeader = CapabilityHeader {
    version: 0x2008_0522,
    pid: 0,
};

/// Also root has none of its privileges then, such as to raise limits.
fn drop_capabilities() -> Result<(), Failed> {
    let (mut header, none): (_, Capabilities) = (THIS_THREAD, [[0; 3]; 2]);
    // SAFETY: both are valid to read, the header to write.
    let dropped = unsafe { libc::syscall(libc::SYS_capset, &raw mut header, none.as_ptr()) };
    check("give up capabilities", dropped)?;
    Ok(())
}

/// Whether this thread has any.
pub(super) fn has_capabilities() -> bool {
    let (mut header, mut all): (_, Capabilities) = (THIS_THREAD, [[0; 3]; 2]);
    // SAFETY: both are valid to write.
    let asked = unsafe { libc::syscall(libc::SYS_capget, &raw mut header, all.as_mut_ptr()) };
    asked != 0 || all.as_flattened().iter().any(|set| *set != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_those_in_proc() {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let none = ["CapInh", "CapPrm", "CapEff"].iter().all(|set| {
            status.lines().any(|line| {
                line.strip_prefix(set).is_some_and(|rest| {
                    rest.trim_start_matches(':')
                        .trim()
                        .bytes()
                        .all(|digit| digit == b'0')
                })
            })
        });
        assert_eq!(has_capabilities(), !none);
    }
}
