//! Programs of which it is known before that they cannot be watched.

use std::ffi::OsStr;
use std::io;
use std::path::PathBuf;

use crate::sys;

/// A program that is to be executed.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// Its path, or a name to be looked for along this process's `PATH`.
    pub name: &'a OsStr,
    /// The user that it will run as, if that is not this process's.
    pub user: Option<u32>,
    /// The group that it will run with, if that is not this process's.
    pub group: Option<u32>,
}

impl<'a> Program<'a> {
    /// A program that is executed by this process's user.
    #[must_use]
    pub fn new(name: &'a (impl AsRef<OsStr> + ?Sized)) -> Self {
        Self {
            name: name.as_ref(),
            user: None,
            group: None,
        }
    }

    /// Whether an agent can be in it. What a script names as its interpreter is looked at in its place; what is not
    /// there is not refused, since executing it says so better.
    ///
    /// On macOS nothing is known before: agents are linked into programs.
    ///
    /// ```
    /// use image_monitor::Program;
    ///
    /// assert!(Program::new("ls").check_watchable().is_ok());
    /// ```
    ///
    /// # Errors
    /// [`Unwatchable`] says why not.
    pub fn check_watchable(&self) -> Result<(), Unwatchable> {
        sys::program::check(self)
    }
}

/// Why no agent can be in a program. The caller chose the program: another build of it, or launching it unwatched, is the
/// way out.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Unwatchable {
    /// It has no dynamic loader: nothing is ever loaded into it.
    #[error("{} is statically linked: there is no loader in it to be asked", path.display())]
    Static {
        /// The program.
        path: PathBuf,
    },
    /// Its loader is not glibc's, which alone takes auditors: musl's for one.
    #[error("{} is loaded by {}, which is not glibc's loader", path.display(), loader.display())]
    OtherLoader {
        /// The program.
        path: PathBuf,
        /// Its loader.
        loader: PathBuf,
    },
    /// It runs with more rights than its caller has (set-user-id, set-group-id, capabilities), or with an effective user that
    /// is not its caller's real one: its loader does not listen to its caller.
    #[error("{} runs with rights that its caller does not have, and does not let itself be watched", path.display())]
    Privileged {
        /// The program.
        path: PathBuf,
    },
    /// It is for another processor, or of 32 bits.
    #[error("{} is not for the processor and word size of this program", path.display())]
    OtherClass {
        /// The program.
        path: PathBuf,
    },
    /// It is neither ELF nor a script that names an interpreter which is.
    #[error("{} is neither an ELF program nor a script of one", path.display())]
    NoElf {
        /// The file.
        path: PathBuf,
    },
    /// The agent is passed as a descriptor, which the program's loader opens by its name in `/proc/self/fd`: that is not there, as in a
    /// chroot without `/proc`. Who set the system up mounts it.
    #[error("{} cannot be given an agent: its loader would open that in /proc/self/fd, which is not there", path.display())]
    NoProc {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It may be executed but not read, so nothing is known of it.
    #[error("{} cannot be read to see whether it can be watched", path.display())]
    Unreadable {
        /// The program.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

mach_ports::debug_with_causes!(Unwatchable);
