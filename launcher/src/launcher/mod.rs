#[cfg(feature = "image-monitor")]
mod images;
#[cfg(feature = "sandbox")]
mod lock;
mod process;
mod program;
mod rendezvous;
mod streams;
#[cfg(feature = "task-port")]
mod task_port;

use std::ffi::OsStr;
use std::io;
use std::process::{ExitStatus, Output};

use crate::launch::{Settings, launch};
use crate::{Child, LaunchError, RunError, Stdio};

/// Launches processes that find their ports waiting.
///
/// It is built as a `std::process::Command` is: its methods change it in place,
/// so settings can be chained, or made one by one where they depend on
/// something.
///
/// ```no_run
/// use launcher::{Launcher, PeerPolicy, PeerRequirement, Stdio, key};
/// use mach_ports::ReceiveRight;
///
/// # let quality: Option<u8> = None;
/// let results = ReceiveRight::new()?;
/// let mut launcher = Launcher::new("/usr/libexec/decoder");
/// if let Some(quality) = quality {
///     launcher.arg(format!("--quality={quality}"));
/// }
/// let child = launcher
///     .stdin(Stdio::Null)
///     .port(key(b"rslt"), results.make_send()?)
///     .require(
///         PeerRequirement::Executable("/usr/libexec/decoder".into()),
///         PeerPolicy::Enforce,
///     )
///     .spawn()?;
/// println!("decoder runs as process {}", child.id());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What the child is not given it does not have: of the parent's descriptors
/// only the standard streams, and those passed with [`fd`](Self::fd). On Linux a
/// child with a server has one more, its way there, until it has used it.
///
/// # Launching again
/// A launcher may launch any number of children. All settings stay but one:
/// **ports go with a launch**, whether it succeeds or fails. Every port must be
/// given anew under its key before the next launch, which fails otherwise
/// ([`SettingError::PortMoved`](crate::SettingError::PortMoved)). Send rights are
/// no exception, though they could be copied: a copy in the launcher would keep
/// the port from having [no senders](mach_ports::Notification::NoSenders), by
/// which parents learn that a child is gone.
///
/// ```
/// use std::time::Duration;
/// use launcher::{Launcher, key};
/// use mach_ports::ReceiveRight;
///
/// let results = ReceiveRight::new()?;
/// let mut launcher = Launcher::new("true");
/// for _ in 0..3 {
///     let child = launcher.port(key(b"rslt"), results.make_send()?).spawn()?;
///     assert!(child.wait()?.success());
/// }
/// assert!(launcher.spawn().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Descriptors stay, as with `Command`: each child has a copy of those given by
/// [`fd`](Self::fd) or as [`Stdio::File`], and the launcher keeps its own until it
/// is dropped. Who reads a pipe whose other end the launcher holds comes to no
/// end before that.
///
/// # Environment of the child
/// The launcher sets or removes all of
/// [`rendezvous_protocol::environment::ALL`], whatever was asked for these: a
/// child must find its own parent's server, not the one that launched the
/// parent.
///
/// # What cannot be set
/// The child's supplementary groups (but with [`uid`](Self::uid)), its niceness and its root are the parent's. So are limits of
/// resources that are not [set](Self::rlimit); only the soft limit of descriptors is what the parent's was
/// [before it used ports](mach_ports::platform::raise_descriptor_limit). A program that changes these and then
/// executes another one, such as `nice`, gets the ports for that one: it is the same process.
#[derive(Debug)]
pub struct Launcher {
    settings: Settings,
}

impl Launcher {
    /// A child that executes `program`.
    ///
    /// A name without a slash is looked for along this process's `PATH`, a
    /// relative path is relative to this process's current directory.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            settings: Settings::new(program.as_ref()),
        }
    }

    /// Creates the process and registers its ports.
    ///
    /// The server answers nobody meanwhile: a child that asks at once waits for the
    /// registration. Other threads may launch at the same time. A thread that
    /// holds the server's guard would wait for itself: it registers what it spawns
    /// by that guard.
    ///
    /// # Errors
    /// [`LaunchError`] says at which step, and keeps the `errno`. No process
    /// remains and the rights that would have moved are released: to try again
    /// takes new ones.
    pub fn spawn(&mut self) -> Result<Child, LaunchError> {
        self.launch([Stdio::Inherit, Stdio::Inherit, Stdio::Inherit])
    }

    /// Launches a child and waits for its end.
    ///
    /// Its standard streams are as for [`spawn`](Self::spawn). A pipe to its standard
    /// input is closed; nobody reads one from its output.
    ///
    /// # Errors
    /// [`RunError`] says whether it was launched.
    pub fn status(&mut self) -> Result<ExitStatus, RunError> {
        let mut child = self.spawn()?;
        drop(child.stdin.take());
        child.wait().map_err(|error| self.lost(error))
    }

    /// Launches a child, waits for its end, and returns what it has written.
    ///
    /// Its standard output and error are pipes and its standard input is empty,
    /// unless they were set: see also [`Child::wait_with_output`].
    ///
    /// ```
    /// use launcher::Launcher;
    ///
    /// let output = Launcher::new("echo").arg("hello").output()?;
    /// assert!(output.status.success());
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok::<(), launcher::RunError>(())
    /// ```
    ///
    /// # Errors
    /// [`RunError`] says whether it was launched.
    pub fn output(&mut self) -> Result<Output, RunError> {
        let child = self.launch([Stdio::Null, Stdio::Pipe, Stdio::Pipe])?;
        child.wait_with_output().map_err(|error| self.lost(error))
    }

    fn lost(&self, source: io::Error) -> RunError {
        RunError::Wait {
            program: self.settings.program.clone(),
            source,
        }
    }

    /// Launches a child; `unset` is for the standard streams that were not set.
    fn launch(&mut self, unset: [Stdio; 3]) -> Result<Child, LaunchError> {
        launch(&mut self.settings, &unset).map_err(|(step, cause)| {
            let error = LaunchError::new(&self.settings.program, step, cause);
            tracing::warn!(error = &error as &dyn std::error::Error, "launch failed");
            error
        })
    }
}
