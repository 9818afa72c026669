mod exit;
mod reap;

use std::io::{self, PipeReader, PipeWriter};
use std::process::ExitStatus;
use std::time::Duration;

use parking_lot::Mutex;
use rendezvous_server::{Registration, Rendezvous, RendezvousServer};

pub use exit::ExitEvent;

/// A launched process.
///
/// Its methods take `&self`, so one thread can wait while another kills.
///
/// ```
/// use std::io::Read;
/// use std::time::Duration;
/// use launcher::{Launcher, Rendezvous, Stdio, key};
/// use mach_ports::ReceiveRight;
///
/// let results = ReceiveRight::new()?;
/// let mut child = Launcher::new("/bin/sh")
///     .args(["-c", "echo no ports for me"])
///     .stdout(Stdio::Pipe)
///     .port(key(b"rslt"), results.make_send()?)
///     .spawn()?;
/// let mut text = String::new();
/// child.stdout.take().ok_or("no pipe")?.read_to_string(&mut text)?;
/// assert_eq!(text, "no ports for me\n");
///
/// let status = child.wait_timeout(Duration::from_secs(60))?;
/// assert!(status.is_some_and(|status| status.success()));
/// // It never asked: the send right has been released.
/// let fate = child.wait_rendezvous(Duration::from_secs(60));
/// assert!(matches!(fate, Some(Rendezvous::ExitedFirst)));
/// assert!(!results.status()?.has_senders);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Dropping it neither kills nor reaps the process, as with
/// `std::process::Child`: what exits and is not waited for remains a zombie
/// until this process exits too. Nobody else may reap it, by `waitpid(-1)` for
/// one: the pid could then be another process's by the time it is used here.
#[derive(Debug)]
pub struct Child {
    /// The parent's end of standard input, if it is a pipe. Dropping it gives
    /// the child an end of file.
    pub stdin: Option<PipeWriter>,
    /// The parent's end of standard output, if it is a pipe.
    pub stdout: Option<PipeReader>,
    /// The parent's end of standard error, if it is a pipe.
    pub stderr: Option<PipeReader>,
    process: Process,
    exit: ExitEvent,
    registration: Option<Registration>,
    // The child may look it up as long as somebody minds the child.
    _server: Option<RendezvousServer>,
}

/// The parent's ends of the pipes to a child.
#[derive(Debug, Default)]
pub(crate) struct Pipes {
    pub(crate) stdin: Option<PipeWriter>,
    pub(crate) stdout: Option<PipeReader>,
    pub(crate) stderr: Option<PipeReader>,
}

impl Child {
    pub(crate) fn new(
        process: Process,
        exit: ExitEvent,
        pipes: Pipes,
        registration: Option<Registration>,
        server: Option<RendezvousServer>,
    ) -> Self {
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = pipes;
        Self {
            stdin,
            stdout,
            stderr,
            process,
            exit,
            registration,
            _server: server,
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.process.id()
    }

    /// How the process ended, if it has; and reaps it.
    ///
    /// # Errors
    /// The system's; `ECHILD` if somebody else reaped it.
    pub fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        self.process.try_wait()
    }

    /// Waits for the process to end, and reaps it.
    ///
    /// Standard input stays open: a child that reads it to the end must have
    /// [`stdin`](Self::stdin) dropped first.
    ///
    /// # Errors
    /// As [`Self::try_wait`].
    pub fn wait(&self) -> io::Result<ExitStatus> {
        // Waits outside the lock, which `kill` needs.
        self.exit.wait();
        self.process.wait()
    }

    /// Waits for the process to end, for `timeout` at most, and reaps it.
    /// `None`: it still runs.
    ///
    /// # Errors
    /// As [`Self::try_wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> io::Result<Option<ExitStatus>> {
        if self.exit.wait_timeout(timeout) {
            self.wait().map(Some)
        } else {
            self.try_wait()
        }
    }

    /// Kills the process (`SIGKILL`). It is still to be waited for.
    ///
    /// # Errors
    /// As [`Self::signal`].
    pub fn kill(&self) -> io::Result<()> {
        self.signal(libc::SIGKILL)
    }

    /// Sends a signal to the process; in vain, if it has just exited.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] once the process was reaped: its pid may
    /// be another's now. Else the system's.
    pub fn signal(&self, number: i32) -> io::Result<()> {
        self.process.signal(number)
    }

    /// The process's exit as an event.
    #[must_use]
    pub fn exit_event(&self) -> ExitEvent {
        self.exit.clone()
    }

    /// What became of the child's ports; `None` if it was launched without.
    #[must_use]
    pub fn rendezvous(&self) -> Option<Rendezvous> {
        self.registration.as_ref().map(Registration::state)
    }

    /// Waits until the child has its ports, or will not have them, for
    /// `timeout` at most; `None` if it was launched without.
    #[must_use]
    pub fn wait_rendezvous(&self, timeout: Duration) -> Option<Rendezvous> {
        self.registration
            .as_ref()
            .map(|registration| registration.wait(timeout))
    }
}

/// A pid and the knowledge whether it still denotes the process.
#[derive(Debug)]
pub(crate) struct Process {
    pid: i32,
    status: Mutex<Option<ExitStatus>>,
}

impl Process {
    pub(crate) fn new(pid: i32) -> Self {
        Self {
            pid,
            status: Mutex::new(None),
        }
    }

    pub(crate) fn id(&self) -> i32 {
        self.pid
    }

    /// Ends a process that must not be, and reaps it.
    pub(crate) fn end(&self) {
        if let Err(error) = self
            .signal(libc::SIGKILL)
            .and_then(|()| self.wait().map(drop))
        {
            tracing::warn!(pid = self.pid, %error, "cannot end the process");
        }
    }

    /// The status, from the system the first time. The lock is held over the
    /// reaping: nobody signals a pid that may be free.
    pub(crate) fn wait(&self) -> io::Result<ExitStatus> {
        let mut status = self.status.lock();
        match *status {
            Some(status) => Ok(status),
            None => Ok(*status.insert(reap::wait(self.pid)?)),
        }
    }

    pub(crate) fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        let mut status = self.status.lock();
        if status.is_none() {
            *status = reap::try_wait(self.pid)?;
        }
        Ok(*status)
    }

    pub(crate) fn signal(&self, number: i32) -> io::Result<()> {
        let status = self.status.lock();
        if status.is_some() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the process was reaped",
            ));
        }
        reap::signal(self.pid, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child of std's, which std is not to wait for.
    #[expect(clippy::zombie_processes, reason = "the tests reap it themselves")]
    fn process(script: &str) -> Process {
        let child = std::process::Command::new("/bin/sh")
            .args(["-c", script])
            .spawn()
            .unwrap();
        Process::new(child.id().cast_signed())
    }

    #[test]
    fn a_status_is_reaped_once_and_kept() {
        let process = process("exit 7");
        for _ in 0..2 {
            assert_eq!(process.wait().unwrap().code(), Some(7));
        }
    }

    #[test]
    fn a_reaped_process_is_not_signalled() {
        let process = process("exec sleep 600");
        assert!(process.try_wait().unwrap().is_none());
        process.signal(libc::SIGKILL).unwrap();
        process.wait().unwrap();
        let error = process.signal(libc::SIGKILL).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
