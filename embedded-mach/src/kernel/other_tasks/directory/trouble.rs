//! What went wrong with a bootstrap name: where, why, and what to do about it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use nix::errno::Errno;

use super::places::DIRECTORY;
use crate::headers::bootstrap::{
    BOOTSTRAP_NO_MEMORY, BOOTSTRAP_NOT_PRIVILEGED, BOOTSTRAP_UNKNOWN_SERVICE,
};
use crate::headers::kern_return::{
    KERN_ABORTED, KERN_FAILURE, KERN_OPERATION_TIMED_OUT, kern_return_t,
};
use crate::headers::message::MACH_SEND_INVALID_DEST;

/// Why a name was not taken or not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("{} is {kind}, where a folder should be: remove it", path.display())]
    NotAFolder { path: PathBuf, kind: &'static str },
    #[error("{} belongs to user {owner}, and not to user {own}, as whom this process runs", path.display())]
    Foreign { path: PathBuf, owner: u32, own: u32 },
    #[error("{} is open to others (its mode is {mode:o}): make that 700", path.display())]
    Open { path: PathBuf, mode: u32 },
    #[error("{} is {kind}, where a service's socket should be: remove it", path.display())]
    NotASocket { path: PathBuf, kind: &'static str },
    #[error("{} is served by {}", path.display(), Server(*by))]
    Served { path: PathBuf, by: Option<i32> },
    #[error("{} is served by user {owner}, who is not to be trusted", path.display())]
    Untrusted { path: PathBuf, owner: u32 },
    #[error("cannot {call} {}: {error}", path.display())]
    Call {
        call: &'static str,
        path: PathBuf,
        error: io::Error,
    },
    #[error("{} does not answer: is a file system mounted there that nobody serves?", path.display())]
    Silent { path: PathBuf },
    #[error("others keep changing {}", path.display())]
    Restless { path: PathBuf },
    #[error("there is no folder for bootstrap names: {}; {DIRECTORY} may name one of this user's own, with mode 700", List(.0))]
    Nowhere(Vec<Trouble>),
    #[error("nobody serves it in {}{}", Searched(searched), Besides(troubles))]
    Unknown {
        searched: Vec<PathBuf>,
        troubles: Vec<Trouble>,
    },
}

impl Trouble {
    /// What the call returns.
    pub(crate) fn code(&self) -> kern_return_t {
        match self {
            Self::Call { error, .. } => code_of(error),
            Self::Nowhere(troubles) if troubles.iter().any(Self::is_shortage) => {
                BOOTSTRAP_NO_MEMORY
            }
            // As where nobody receives at the bootstrap port: there are no names at all.
            Self::Nowhere(_) => MACH_SEND_INVALID_DEST,
            Self::Unknown { troubles, .. } => {
                let short = troubles.iter().find(|trouble| trouble.is_shortage());
                let hiding = || troubles.iter().find(|trouble| trouble.hides_names());
                let worst = short.or_else(hiding);
                worst.map_or(BOOTSTRAP_UNKNOWN_SERVICE, Self::code)
            }
            _ => BOOTSTRAP_NOT_PRIVILEGED,
        }
    }

    pub(super) fn is_shortage(&self) -> bool {
        self.code() == BOOTSTRAP_NO_MEMORY
    }

    /// Whether names of this user's may be where they could not be looked for: in what is another's there are none.
    fn hides_names(&self) -> bool {
        matches!(
            self,
            Self::Call { .. } | Self::Silent { .. } | Self::NotASocket { .. }
        )
    }

    /// A failed call's, to be used with `map_err`.
    pub(super) fn in_call<E: Into<io::Error>>(
        call: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(E) -> Self {
        move |error| Self::Call {
            call,
            path: path.into(),
            error: error.into(),
        }
    }

    /// Whether a call failed because there was nothing.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Call { error, .. } if error.kind() == io::ErrorKind::NotFound)
    }
}

fn code_of(error: &io::Error) -> kern_return_t {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(
            Errno::ENOMEM
            | Errno::EMFILE
            | Errno::ENFILE
            | Errno::ENOSPC
            | Errno::EDQUOT
            | Errno::ENOBUFS
            | Errno::EAGAIN
            | Errno::ETOOMANYREFS,
        ) => BOOTSTRAP_NO_MEMORY,
        // It was made again before that.
        Some(Errno::EINTR) => KERN_ABORTED,
        Some(Errno::ETIMEDOUT) => KERN_OPERATION_TIMED_OUT,
        // The file system, and not who may do what in it.
        Some(Errno::EIO | Errno::ESTALE | Errno::EUCLEAN | Errno::ENXIO | Errno::ENODEV) => {
            KERN_FAILURE
        }
        _ => BOOTSTRAP_NOT_PRIVILEGED,
    }
}

/// Who serves a name, as far as the kernel below knows.
struct Server(Option<i32>);

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) if pid > 0 => write!(f, "process {pid}"),
            _ => f.write_str("another process"),
        }
    }
}

struct List<'a>(&'a [Trouble]);

impl fmt::Display for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, trouble) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{trouble}")?;
        }
        Ok(())
    }
}

struct Searched<'a>(&'a [PathBuf]);

impl fmt::Display for Searched<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("any folder that could be searched");
        }
        for (i, path) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { " or " };
            write!(f, "{separator}{}", path.display())?;
        }
        Ok(())
    }
}

struct Besides<'a>(&'a [Trouble]);

impl fmt::Display for Besides<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, "; {}", List(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(errno: Errno) -> Trouble {
        Trouble::in_call("open", "/tmp/x")(errno)
    }

    fn foreign() -> Trouble {
        Trouble::Foreign {
            path: "/tmp/y".into(),
            owner: 7,
            own: 8,
        }
    }

    fn unknown(troubles: Vec<Trouble>) -> Trouble {
        Trouble::Unknown {
            searched: vec!["/tmp/z".into()],
            troubles,
        }
    }

    #[test]
    fn codes_tell_what_is_short_from_what_is_denied_and_what_is_not_there() {
        let cases = [
            (call(Errno::EMFILE), BOOTSTRAP_NO_MEMORY),
            (call(Errno::EROFS), BOOTSTRAP_NOT_PRIVILEGED),
            (call(Errno::EINTR), KERN_ABORTED),
            (call(Errno::EIO), KERN_FAILURE),
            (call(Errno::ETIMEDOUT), KERN_OPERATION_TIMED_OUT),
            (unknown(vec![foreign(), call(Errno::EIO)]), KERN_FAILURE),
            (Trouble::Nowhere(vec![foreign()]), MACH_SEND_INVALID_DEST),
            (
                Trouble::Nowhere(vec![foreign(), call(Errno::ENOSPC)]),
                BOOTSTRAP_NO_MEMORY,
            ),
            (unknown(vec![]), BOOTSTRAP_UNKNOWN_SERVICE),
            (unknown(vec![foreign()]), BOOTSTRAP_UNKNOWN_SERVICE),
            (unknown(vec![call(Errno::EACCES)]), BOOTSTRAP_NOT_PRIVILEGED),
            (
                unknown(vec![call(Errno::EACCES), call(Errno::EMFILE)]),
                BOOTSTRAP_NO_MEMORY,
            ),
        ];
        for (trouble, code) in cases {
            assert_eq!(trouble.code(), code, "{trouble}");
        }
    }

    #[test]
    fn the_text_has_path_cause_and_way_out() {
        let text = Trouble::Nowhere(vec![foreign(), call(Errno::EROFS)]).to_string();
        for part in [
            "/tmp/y belongs to user 7",
            "cannot open /tmp/x: Read-only",
            DIRECTORY,
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert_eq!(
            unknown(vec![foreign()]).to_string(),
            "nobody serves it in /tmp/z; /tmp/y belongs to user 7, and not to user 8, as whom this process runs"
        );
    }
}
