#[cfg(feature = "tokio")]
mod asynchronous;
mod output;
mod process;
mod reap;
mod running;
mod shell;

use std::io::{self, PipeReader, PipeWriter};
use std::process::ExitStatus;
use std::time::Duration;

#[cfg(feature = "image-monitor")]
use image_monitor::{AttachError, ImageMonitor};
use rendezvous_server::{Registration, Rendezvous, RendezvousServer};

use crate::launch::{Task, Watched};
pub use mach_ports::dispatch::ExitEvent;
pub(crate) use process::Process;
pub(crate) use running::Running;
pub use shell::shell_status;

/// How long a question after the rendezvous of a child that has ended waits for the
/// server's lock. A launch holds it for a few milliseconds.
const PATIENCE: Duration = Duration::from_secs(1);

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
///
/// [`Launcher::kill_on_drop`](crate::Launcher::kill_on_drop) changes that.
#[derive(Debug)]
pub struct Child {
    // Before the pipes: who is to be killed on drop must not see them close first.
    running: Running,
    /// The parent's end of standard input, if it is a pipe. Dropping it gives
    /// the child an end of file.
    pub stdin: Option<PipeWriter>,
    /// The parent's end of standard output, if it is a pipe.
    pub stdout: Option<PipeReader>,
    /// The parent's end of standard error, if it is a pipe.
    pub stderr: Option<PipeReader>,
    registration: Option<Registration>,
    watched: Watched,
    // The child may look it up as long as somebody minds the child.
    _server: Option<RendezvousServer>,
    #[cfg_attr(
        not(feature = "task-port"),
        expect(dead_code, reason = "nothing is asked")
    )]
    pub(crate) task: Task,
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
        running: Running,
        pipes: Pipes,
        registration: Option<Registration>,
        server: Option<RendezvousServer>,
        task: Task,
        watched: Watched,
    ) -> Self {
        let Pipes {
            stdin,
            stdout,
            stderr,
        } = pipes;
        Self {
            running,
            stdin,
            stdout,
            stderr,
            registration,
            watched,
            _server: server,
            task,
        }
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.running.process.id()
    }

    /// How the process ended, if it has; and reaps it.
    ///
    /// # Errors
    /// The system's; `ECHILD` if somebody else reaped it.
    pub fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        let status = self.running.process.try_wait()?;
        if let Some(status) = status {
            self.reaped(status);
        }
        Ok(status)
    }

    /// Waits for the process to end, and reaps it.
    ///
    /// Standard input stays open: a child that reads it to the end must have
    /// [`stdin`](Self::stdin) dropped first.
    ///
    /// # Errors
    /// As [`Self::try_wait`]: `ECHILD` also in a process that was forked from the
    /// launcher's, whose child it is.
    pub fn wait(&self) -> io::Result<ExitStatus> {
        // Waits outside the lock, which `kill` needs.
        self.running.exit.wait();
        let status = self.running.process.wait()?;
        self.reaped(status);
        Ok(status)
    }

    /// Monitors look at how the process has ended, which nobody can once it is reaped.
    fn reaped(&self, status: ExitStatus) {
        self.watched.reaped(status.code());
    }

    /// Waits for the process to end, for `timeout` at most, and reaps it.
    /// `None`: it still runs.
    ///
    /// # Errors
    /// As [`Self::try_wait`].
    pub fn wait_timeout(&self, timeout: Duration) -> io::Result<Option<ExitStatus>> {
        if self.running.exit.wait_timeout(timeout) {
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
        self.running.process.signal(number)
    }

    /// The process's exit as an event.
    #[must_use]
    pub fn exit_event(&self) -> ExitEvent {
        self.running.exit.clone()
    }

    /// What became of the child's ports; `None` if it was launched without.
    ///
    /// Of a child that has been waited for it is settled: never
    /// [`Rendezvous::Pending`], unless somebody keeps the server locked.
    #[must_use]
    pub fn rendezvous(&self) -> Option<Rendezvous> {
        let registration = self.registration.as_ref()?;
        let state = registration.state();
        if state.is_settled() || !self.running.has_ended() {
            return Some(state);
        }
        Some(registration.settle_exited(PATIENCE))
    }

    /// Has a further monitor told what the child loads and unloads from now on, up to eight at a time.
    ///
    /// The child must have been launched with one: see [`Launcher::image_monitor`](crate::Launcher::image_monitor). The new one is told from the
    /// loader's next event on; what was there before is in its list.
    ///
    /// # Errors
    /// [`AttachError`]; the monitor is as it was then.
    #[cfg(feature = "image-monitor")]
    pub fn attach_image_monitor(&self, monitor: &ImageMonitor) -> Result<(), AttachError> {
        self.watched.attach(monitor)
    }

    /// Waits until the child has its ports, or will not have them, for
    /// `timeout` at most; `None` if it was launched without.
    #[must_use]
    pub fn wait_rendezvous(&self, timeout: Duration) -> Option<Rendezvous> {
        let registration = self.registration.as_ref()?;
        Some(if self.running.has_ended() {
            registration.settle_exited(timeout)
        } else {
            registration.wait(timeout)
        })
    }
}
