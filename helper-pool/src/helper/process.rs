//! One helper: its start, its state, its end.

use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use launcher::{Child, Launcher, Rendezvous, Stdio};
use mach_interface::client::connect;
use mach_interface::describe::Interface;
use mach_interface::{CallError, Client, ConnectError};
use mach_ports::{ReceiveRight, SendError, SendRight};
use parking_lot::Mutex;

use crate::error::{Loss, StartCause, StartError};
use crate::helper::{Reader, Tail};
use crate::serve::WORK;
use crate::settings::Stderr;
use crate::sys;

/// How long a helper that has let go of its port may take to be gone. A process loses its ports while it exits, a little
/// before its exit can be seen.
const EXIT_TIME: Duration = Duration::from_secs(3);
/// How long one that still has its port may take, before it is taken for one that does not exit at all.
const DOUBT: Duration = Duration::from_secs(1);
/// How often it is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// A helper's process. Dropping it kills and reaps the process, if it has not ended.
#[derive(Debug)]
pub(crate) struct Helper {
    child: Child,
    // Behind the child: what it writes until it is gone belongs to it.
    stderr: Option<Listening>,
}

impl Helper {
    /// Makes the process, and the right by which it will be asked.
    pub(crate) fn launch(
        launcher: &Mutex<Launcher>,
        stderr: Stderr,
        reader: Option<&Arc<Reader>>,
        prepare: &mut (dyn FnMut(&mut Launcher) + Send),
    ) -> Result<(Self, SendRight), StartError> {
        let mut launched = || {
            let port = ReceiveRight::new()?;
            let right = port.make_send()?;
            let mut launcher = launcher.lock();
            launcher.kill_on_drop(true);
            if stderr != Stderr::Inherit {
                launcher.stderr(Stdio::Pipe);
            }
            prepare(&mut launcher);
            Ok((launcher.port(WORK, port).spawn()?, right))
        };
        let (mut child, right) = launched().map_err(|cause: StartCause| StartError {
            pid: None,
            cause,
            stderr: String::new(),
        })?;
        let stderr = child.stderr.take().zip(reader).map(|(pipe, reader)| {
            let tail = Arc::new(Tail::new(pipe, stderr == Stderr::PassOn));
            reader.add(Arc::clone(&tail));
            Listening {
                tail,
                reader: Arc::clone(reader),
            }
        });
        Ok((Self { child, stderr }, right))
    }

    /// Waits until it serves, and makes sure that it is the interface.
    pub(crate) fn greet(
        &self,
        right: SendRight,
        interface: &Interface,
        patience: Duration,
    ) -> Result<Client, StartError> {
        let deadline = Instant::now() + patience;
        let probe = right.clone();
        connect(right, interface, patience).map_err(|error| {
            let left = deadline.saturating_duration_since(Instant::now());
            StartError {
                pid: Some(self.pid()),
                cause: self.start_cause(error, &probe, patience, left),
                stderr: self.said(),
            }
        })
    }

    fn start_cause(
        &self,
        error: ConnectError,
        right: &SendRight,
        patience: Duration,
        left: Duration,
    ) -> StartCause {
        match error {
            ConnectError::Call(
                CallError::ServerDied | CallError::NotSent(SendError::DestinationDead),
            ) => {
                // One that was refused says why before it exits, or lives on.
                let ended = self.end_of(right, left.min(EXIT_TIME));
                match (self.child.rendezvous(), ended) {
                    (Some(Rendezvous::Refused(refusal)), _) => StartCause::Refused(refusal),
                    (_, Some(status)) => StartCause::Ended(status),
                    (_, None) => StartCause::Closed,
                }
            }
            ConnectError::Call(
                CallError::NoReplyInTime | CallError::NotSent(SendError::TimedOut(_)),
            ) => StartCause::Silent(patience),
            error => StartCause::Interface(error),
        }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.child.id()
    }

    /// Calls a function once the process has exited, on a thread that must not wait.
    pub(crate) fn on_exit(&self, function: impl FnOnce() + Send + 'static) {
        self.child.exit_event().notify(function);
    }

    pub(crate) fn has_exited(&self) -> bool {
        self.child.exit_event().has_occurred()
    }

    /// Has the process end at once. It is gone a moment later.
    pub(crate) fn kill(&self) {
        if let Err(error) = self.child.kill() {
            tracing::debug!(pid = self.pid(), %error, "a helper was not killed");
        }
    }

    /// What it takes of the machine's memory, in bytes; `None` of one that is gone.
    pub(crate) fn resident_memory(&self) -> Option<u64> {
        if self.has_exited() {
            return None;
        }
        sys::resident_memory(self.pid()).ok()
    }

    /// The tail of its standard error.
    pub(crate) fn said(&self) -> String {
        self.stderr
            .as_ref()
            .map(|listening| listening.tail.text())
            .unwrap_or_default()
    }

    /// Why it is gone, though it was never asked anything.
    pub(crate) fn start_error(&self) -> StartError {
        let cause = match self.child.try_wait() {
            Ok(Some(status)) => StartCause::Ended(status),
            Ok(None) | Err(_) => StartCause::Closed,
        };
        StartError {
            pid: Some(self.pid()),
            cause,
            stderr: self.said(),
        }
    }

    /// What became of a process that no answer will come from.
    pub(crate) fn autopsy(&self, right: &SendRight) -> Loss {
        match self.end_of(right, EXIT_TIME) {
            Some(status) => Loss::Ended(status),
            None if right.is_dead() => Loss::Closed,
            None => Loss::Dropped,
        }
    }

    /// How the process ends, if it is about to.
    fn end_of(&self, right: &SendRight, patience: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.wait_timeout(GLANCE) {
                return Some(status);
            }
            let passed = begun.elapsed();
            if passed >= patience || (passed >= DOUBT && !right.is_dead()) {
                return None;
            }
        }
    }
}

/// A standard error that the reader minds.
#[derive(Debug)]
struct Listening {
    tail: Arc<Tail>,
    reader: Arc<Reader>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        // What it has said to its end.
        self.tail.drain();
        self.reader.remove(&self.tail);
    }
}
