//! What one side demands of the process on the other.

use std::fmt;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use mach_ports::AuditToken;
#[cfg(feature = "sandbox")]
use sandbox::{Evidence, Status};

use crate::text;

/// A property that the peer's process must have.
///
/// It is checked against the audit token of the peer's message, which the
/// kernel wrote.
///
/// ```
/// use rendezvous_protocol::PeerRequirement;
///
/// let ours = PeerRequirement::All(vec![
///     PeerRequirement::SameUser,
///     PeerRequirement::Executable("/usr/libexec/decoder".into()),
///     PeerRequirement::predicate(|peer| peer.egid() != 0),
/// ]);
/// # _ = ours;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum PeerRequirement {
    /// The peer runs as this process's effective user.
    SameUser,
    /// The peer is this very process.
    Pid(i32),
    /// The peer's executable is the file at this path.
    ///
    /// It is the program that the peer executes when it is looked at, after its message came. On macOS (11 and newer) it must be the
    /// one that sent the message. On Linux the kernel does not tell programs of one process apart, so a server looks, has the
    /// process [confirm](crate::Confirmation) that it asks, and looks again; a client looks at a server that it knows by its pid
    /// before it asks, too. A process that asks and then executes the demanded program gets nothing by that, nor does
    /// whoever has its descriptors.
    ///
    /// What this does not close on Linux: a demanded program that executes others, as shells do, or that runs what others
    /// give it (an interpreter, `LD_PRELOAD`, `ptrace` by the same user), confirms for them.
    Executable(PathBuf),
    /// The peer is locked up: a system's own sandbox binds every thread of it, as its kernel tells.
    ///
    /// It proves that a lock is on, not how strict it is: it catches the helper that forgot, or that somebody started by
    /// another way than by `Launcher::profile`. What this process has handed on
    /// to its children by birth, as in a container, does not count.
    ///
    /// On Linux this process must see the other's folder below `/proc`: one that is locked up itself does not, unless its
    /// profile lets it read `/proc`.
    #[cfg(feature = "sandbox")]
    Sandboxed(Evidence),
    /// The function answers `true`. If it panics the requirement is not met. Where
    /// a server calls it, all other clients wait until it returns.
    Predicate(Arc<dyn Fn(&AuditToken) -> bool + Send + Sync>),
    /// All of these.
    All(Vec<PeerRequirement>),
}

impl PeerRequirement {
    /// A requirement that `accept` decides.
    pub fn predicate(accept: impl Fn(&AuditToken) -> bool + Send + Sync + 'static) -> Self {
        Self::Predicate(Arc::new(accept))
    }

    /// Checks the process that `token` describes.
    ///
    /// # Errors
    /// [`Unmet`] says which property the process lacks.
    pub fn check(&self, token: &AuditToken) -> Result<(), Unmet> {
        match self {
            Self::SameUser => same_user(token),
            Self::Pid(expected) if *expected == token.pid() => Ok(()),
            Self::Pid(expected) => Err(Unmet::Pid {
                expected: *expected,
                found: token.pid(),
            }),
            Self::Executable(expected) => executable(expected, token),
            #[cfg(feature = "sandbox")]
            Self::Sandboxed(evidence) => sandboxed(*evidence, token),
            Self::Predicate(accept) => predicate(accept.as_ref(), token),
            Self::All(all) => all.iter().try_for_each(|one| one.check(token)),
        }
    }
}

impl PeerRequirement {
    /// Whether it says which program the peer must be.
    #[must_use]
    pub fn names_program(&self) -> bool {
        match self {
            Self::Executable(_) => true,
            Self::All(all) => all.iter().any(Self::names_program),
            _ => false,
        }
    }

    /// Checks which program the process that `token` describes executes now, and nothing else.
    ///
    /// # Errors
    /// [`Unmet`], as by [`check`](Self::check).
    pub fn check_program(&self, token: &AuditToken) -> Result<(), Unmet> {
        match self {
            Self::Executable(expected) => executable(expected, token),
            Self::All(all) => all.iter().try_for_each(|one| one.check_program(token)),
            _ => Ok(()),
        }
    }
}

fn same_user(token: &AuditToken) -> Result<(), Unmet> {
    let expected = nix::unistd::geteuid().as_raw();
    let found = token.euid();
    if found == expected {
        Ok(())
    } else {
        Err(Unmet::User { expected, found })
    }
}

fn executable(expected: &PathBuf, token: &AuditToken) -> Result<(), Unmet> {
    let pid = token.pid();
    let found = mach_ports::platform::executable_of(token).map_err(|source| {
        let source = Arc::new(source);
        if source.kind() == ErrorKind::PermissionDenied {
            Unmet::ExecutableHidden { pid, source }
        } else {
            Unmet::ExecutableUnknown { pid, source }
        }
    })?;
    // The kernel answers with a path free of links.
    let resolved = std::fs::canonicalize(expected).map_err(|source| Unmet::NoSuchExecutable {
        path: expected.clone(),
        source: Arc::new(source),
    })?;
    if found == resolved {
        Ok(())
    } else {
        Err(Unmet::Executable {
            expected: resolved,
            found,
        })
    }
}

#[cfg(feature = "sandbox")]
fn sandboxed(evidence: Evidence, token: &AuditToken) -> Result<(), Unmet> {
    let pid = token.pid();
    let look = || -> std::io::Result<_> {
        let status = mach_ports::platform::look_at(token, Status::of)?;
        Ok((status, Status::inherited()?))
    };
    let (status, inherited) = look().map_err(|source| Unmet::SandboxUnknown {
        pid,
        source: Arc::new(source),
    })?;
    if status.shows(evidence, &inherited) {
        Ok(())
    } else {
        Err(Unmet::NotSandboxed { pid })
    }
}

fn predicate(accept: &dyn Fn(&AuditToken) -> bool, token: &AuditToken) -> Result<(), Unmet> {
    // It runs on a dispatch queue, where a panic would end the process.
    match catch_unwind(AssertUnwindSafe(|| accept(token))) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Unmet::Predicate),
        Err(_) => Err(Unmet::PredicatePanicked),
    }
}

impl fmt::Debug for PeerRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameUser => f.write_str("SameUser"),
            Self::Pid(pid) => f.debug_tuple("Pid").field(pid).finish(),
            Self::Executable(path) => f.debug_tuple("Executable").field(path).finish(),
            #[cfg(feature = "sandbox")]
            Self::Sandboxed(evidence) => f.debug_tuple("Sandboxed").field(evidence).finish(),
            Self::Predicate(_) => f.write_str("Predicate"),
            Self::All(all) => f.debug_tuple("All").field(all).finish(),
        }
    }
}

/// The property that a peer lacks.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Unmet {
    /// It runs as another user.
    #[error("the peer runs as user {found}, not {expected}")]
    User {
        /// The effective user id demanded.
        expected: u32,
        /// The peer's.
        found: u32,
    },
    /// It is another process.
    #[error("the peer is {}, not {}", text::process(*found), text::process(*expected))]
    Pid {
        /// The process demanded.
        expected: i32,
        /// The process that sent the message.
        found: i32,
    },
    /// It runs another program.
    #[error("the peer runs {}, not {}", found.display(), expected.display())]
    Executable {
        /// The path demanded, resolved.
        expected: PathBuf,
        /// The peer's.
        found: PathBuf,
    },
    /// The system does not tell which program the peer runs; it may have exited.
    #[error("cannot tell which program {} runs", text::process(*pid))]
    ExecutableUnknown {
        /// The peer's pid.
        pid: i32,
        /// What the system answered.
        source: Arc<std::io::Error>,
    },
    /// The system does not let this process see which program the peer runs: it runs as another user, or has locked itself up
    /// and is not `inspectable`. One on which its launcher imposed the profile can be
    /// looked at.
    #[error(
        "{} hides which program it runs; it is another user's, or has entered a sandbox::Profile that is not inspectable()",
        text::process(*pid)
    )]
    ExecutableHidden {
        /// The peer's pid.
        pid: i32,
        /// What the system answered.
        source: Arc<std::io::Error>,
    },
    /// It is not locked up, or some thread of it is not.
    #[error(
        "{} is not locked up; it must call sandbox::Profile::enter() before it asks for its ports, or be launched with Launcher::profile()",
        text::process(*pid)
    )]
    NotSandboxed {
        /// The peer's pid.
        pid: i32,
    },
    /// The system does not tell whether the peer is locked up; it may have exited.
    #[error("cannot tell whether {} is locked up", text::process(*pid))]
    SandboxUnknown {
        /// The peer's pid.
        pid: i32,
        /// What the system answered.
        source: Arc<std::io::Error>,
    },
    /// There is no file at the path demanded: who wrote the requirement erred.
    #[error("the demanded executable {} cannot be resolved", path.display())]
    NoSuchExecutable {
        /// The path demanded.
        path: PathBuf,
        /// Why it cannot be resolved.
        source: Arc<std::io::Error>,
    },
    /// The predicate answered `false`.
    #[error("the peer was turned down by a predicate")]
    Predicate,
    /// The predicate panicked.
    #[error("the predicate over the peer panicked")]
    PredicatePanicked,
}

mach_ports::debug_with_causes!(Unmet);

#[cfg(test)]
mod tests {
    use super::*;
    use mach_ports::ffi::message::audit_token_t;

    /// A process of this user.
    fn token(pid: i32) -> AuditToken {
        let uid = nix::unistd::geteuid().as_raw();
        let pid = pid.cast_unsigned();
        AuditToken::from(audit_token_t {
            val: [0, uid, 0, uid, 0, pid, 0, 0],
        })
    }

    fn own() -> AuditToken {
        token(std::process::id().cast_signed())
    }

    #[test]
    fn the_user_is_compared() {
        assert!(PeerRequirement::SameUser.check(&own()).is_ok());
        let mut raw = own().raw();
        raw.val[1] ^= 1;
        let unmet = PeerRequirement::SameUser.check(&raw.into());
        assert!(matches!(unmet, Err(Unmet::User { .. })), "{unmet:?}");
    }

    #[test]
    fn the_pid_is_compared() {
        assert!(PeerRequirement::Pid(7).check(&token(7)).is_ok());
        let unmet = PeerRequirement::Pid(7).check(&token(8));
        assert!(
            matches!(
                unmet,
                Err(Unmet::Pid {
                    expected: 7,
                    found: 8
                })
            ),
            "{unmet:?}"
        );
    }

    #[test]
    fn the_executable_is_compared() {
        let own_program = std::env::current_exe().unwrap();
        assert!(
            PeerRequirement::Executable(own_program)
                .check(&own())
                .is_ok()
        );
        let unmet = PeerRequirement::Executable("/bin/sh".into()).check(&own());
        assert!(matches!(unmet, Err(Unmet::Executable { .. })), "{unmet:?}");
        let unmet = PeerRequirement::Executable("/no/such/file".into()).check(&own());
        assert!(
            matches!(unmet, Err(Unmet::NoSuchExecutable { .. })),
            "{unmet:?}"
        );
        let unmet = PeerRequirement::Executable("/bin/sh".into()).check(&token(i32::MAX));
        assert!(
            matches!(unmet, Err(Unmet::ExecutableUnknown { .. })),
            "{unmet:?}"
        );
    }

    #[cfg(feature = "sandbox")]
    #[test]
    fn who_is_not_locked_up_is_refused() {
        let locked = PeerRequirement::Sandboxed(Evidence::Filter);
        let unmet = locked.check(&own());
        assert!(
            matches!(unmet, Err(Unmet::NotSandboxed { .. })),
            "{unmet:?}"
        );
        let unmet = locked.check(&token(i32::MAX));
        assert!(
            matches!(unmet, Err(Unmet::SandboxUnknown { .. })),
            "{unmet:?}"
        );
    }

    #[test]
    fn a_predicate_decides_and_a_panic_refuses() {
        assert!(
            PeerRequirement::predicate(|peer| peer.pid() == 7)
                .check(&token(7))
                .is_ok()
        );
        let unmet = PeerRequirement::predicate(|_| false).check(&own());
        assert!(matches!(unmet, Err(Unmet::Predicate)), "{unmet:?}");
        let unmet = PeerRequirement::predicate(|_| panic!("on purpose")).check(&own());
        assert!(matches!(unmet, Err(Unmet::PredicatePanicked)), "{unmet:?}");
    }

    #[test]
    fn all_means_each() {
        let both = PeerRequirement::All(vec![PeerRequirement::SameUser, PeerRequirement::Pid(7)]);
        assert!(both.check(&token(7)).is_ok());
        assert!(both.check(&token(8)).is_err());
        assert!(PeerRequirement::All(vec![]).check(&token(8)).is_ok());
    }

    #[test]
    fn what_main_prints() {
        let source = Arc::new(std::io::Error::from_raw_os_error(2));
        for (unmet, text) in [
            (
                Unmet::User {
                    expected: 501,
                    found: 502,
                },
                "the peer runs as user 502, not 501",
            ),
            (
                Unmet::Pid {
                    expected: 7,
                    found: 8,
                },
                "the peer is process 8, not process 7",
            ),
            (
                Unmet::Pid {
                    expected: 7,
                    found: -1,
                },
                "the peer is a process outside this pid namespace, not process 7",
            ),
            (
                Unmet::Executable {
                    expected: "/a".into(),
                    found: "/b".into(),
                },
                "the peer runs /b, not /a",
            ),
            (
                Unmet::ExecutableUnknown {
                    pid: 7,
                    source: Arc::clone(&source),
                },
                "cannot tell which program process 7 runs: No such file or directory (os error 2)",
            ),
            (
                Unmet::NoSuchExecutable {
                    path: "/a".into(),
                    source,
                },
                "the demanded executable /a cannot be resolved: No such file or directory (os error 2)",
            ),
            (
                Unmet::ExecutableHidden {
                    pid: 7,
                    source: Arc::new(std::io::Error::from_raw_os_error(13)),
                },
                "process 7 hides which program it runs; it is another user's, or has entered a sandbox::Profile that is not \
                 inspectable(): Permission denied (os error 13)",
            ),
            (
                Unmet::NotSandboxed { pid: 7 },
                "process 7 is not locked up; it must call sandbox::Profile::enter() before it asks for its ports, or be \
                 launched with Launcher::profile()",
            ),
            (
                Unmet::SandboxUnknown {
                    pid: 7,
                    source: Arc::new(std::io::Error::from_raw_os_error(2)),
                },
                "cannot tell whether process 7 is locked up: No such file or directory (os error 2)",
            ),
            (Unmet::Predicate, "the peer was turned down by a predicate"),
            (
                Unmet::PredicatePanicked,
                "the predicate over the peer panicked",
            ),
        ] {
            assert_eq!(format!("{unmet:?}"), text);
        }
    }
}
