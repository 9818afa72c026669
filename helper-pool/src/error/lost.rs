use std::error::Error;
use std::fmt::Display;
use std::process::ExitStatus;
use std::time::Duration;

use mach_interface::CallError;

/// How a helper was lost.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Loss {
    /// It crashed, exited or was killed by somebody else.
    #[error("the helper ended: {0}")]
    Ended(ExitStatus),
    /// A routine panicked. What it left half-done is not trusted.
    #[error("the helper panicked, it was replaced")]
    Panicked,
    /// It did not answer within the deadline.
    #[error("no answer within {0:?}, the helper was replaced")]
    TimedOut(Duration),
    /// It took more memory than it may.
    #[error(
        "the helper had {resident} bytes of memory, {limit} are its limit, and it was replaced"
    )]
    Memory {
        /// What it had when it was looked at, in bytes.
        resident: u64,
        /// The pool's limit, in bytes.
        limit: u64,
    },
    /// It let go of its port and lived on.
    #[error("the helper closed its port")]
    Closed,
    /// It dropped the request and gave no answer.
    #[error("the helper dropped the request, it was replaced")]
    Dropped,
    /// It sent what the interface does not allow.
    #[error("the helper broke the protocol, it was replaced")]
    Protocol(#[source] CallError),
    /// Its answer has the interface's form and makes no sense: [`Fault::breach`](crate::Fault::breach).
    #[error("senseless answer, the helper was replaced")]
    Breach(#[source] Box<dyn Error + Send + Sync>),
    /// It was ended for what it did to another call that was in flight beside this one.
    #[error("the helper was replaced for what it did to another call")]
    OtherCall,
}

mach_ports::debug_with_causes!(Loss);

/// A helper that was lost over a call: how, which process it was, and what it said last.
///
/// As an error it says what the [`Loss`] says, with the same causes.
pub struct LostHelper(Box<Parts>);

/// Boxed: errors travel in every result.
struct Parts {
    loss: Loss,
    pid: i32,
    stderr: String,
}

mach_ports::debug_with_causes!(LostHelper);

impl Display for LostHelper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.loss.fmt(f)
    }
}

impl Error for LostHelper {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.loss.source()
    }
}

impl LostHelper {
    pub(crate) fn new(loss: Loss, pid: i32, stderr: String) -> Self {
        Self(Box::new(Parts { loss, pid, stderr }))
    }

    /// How it was lost.
    #[must_use]
    pub fn loss(&self) -> &Loss {
        &self.0.loss
    }

    /// The process id that it had.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.0.pid
    }

    /// The tail of what it wrote to its standard error; empty if that is [not kept](crate::Stderr::Inherit).
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.0.stderr
    }
}
