//! Why a process is not locked up.

use std::io;
use std::path::PathBuf;

use crate::part::{self, Missing};

/// Why a profile was not entered, or could not be prepared for a child.
///
/// But for [`Call`](Self::Call) nothing has changed. After that the process may be locked in part: it should end.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EnterError {
    /// This system cannot do it all. Whoever can live with that says so by
    /// [`accept_without`](crate::Profile::accept_without).
    #[error("this system cannot lock {}; Profile::accept_without(Part::…) goes on without", part::list(.0))]
    Missing(Vec<Missing>),
    /// The process has other threads, which would not be locked up. The caller erred: a profile is entered first of all in
    /// `main`, before a thread is started, a port is used or anything else is done by which this library starts one.
    #[error(
        "{count} other threads would not be locked up: {because}; enter the profile before they start"
    )]
    OtherThreads {
        /// How many there are besides the calling one.
        count: usize,
        /// Why the kernel cannot lock them, too.
        because: &'static str,
    },
    /// A path of the profile cannot be opened. Who wrote the profile erred, or the file went.
    #[error("cannot allow {}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system refused a step.
    #[error("cannot {step}")]
    Call {
        /// What was to be done.
        step: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

mach_ports::debug_with_causes!(EnterError);
