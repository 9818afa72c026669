use std::ffi::{OsStr, OsString};
use std::os::fd::{OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use rendezvous_server::{
    BaseId, PeerPolicy, PeerRequirement, PortCollection, RendezvousPort, RendezvousServer,
};

use crate::error::{Failure, LaunchCause};
use crate::launch::{Changes, launch};
use crate::{Child, LaunchError, LaunchStep, Stdio};

/// Launches a process that finds its ports waiting.
///
/// ```no_run
/// use launcher::{Launcher, PeerPolicy, PeerRequirement, Stdio, key};
/// use mach_ports::ReceiveRight;
///
/// let results = ReceiveRight::new()?;
/// let child = Launcher::new("/usr/libexec/decoder")
///     .arg("--quality=85")
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
/// only the standard streams, and those passed with [`fd`](Self::fd).
///
/// # Environment of the child
/// The launcher sets or removes all of
/// [`rendezvous_protocol::environment::ALL`], whatever was asked for these: a
/// child must find its own parent's server, not the one that launched the
/// parent.
#[derive(Debug)]
pub struct Launcher {
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) environment: Changes,
    pub(crate) directory: Option<PathBuf>,
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
    pub(crate) descriptors: Vec<(RawFd, OwnedFd)>,
    pub(crate) new_process_group: bool,
    pub(crate) server: Option<RendezvousServer>,
    pub(crate) base_id: BaseId,
    pub(crate) private_bootstrap: bool,
    pub(crate) collection: Option<PortCollection>,
    /// What the first method that refused its argument has to say.
    pub(crate) refused: Option<Failure>,
}

impl Launcher {
    /// A child that executes `program`.
    ///
    /// A name without a slash is looked for along this process's `PATH`, a
    /// relative path is relative to this process's current directory.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            environment: Changes::default(),
            directory: None,
            stdin: Stdio::Inherit,
            stdout: Stdio::Inherit,
            stderr: Stdio::Inherit,
            descriptors: Vec::new(),
            new_process_group: false,
            server: None,
            base_id: BaseId::default(),
            private_bootstrap: false,
            collection: None,
            refused: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args(self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// Sets a variable of the child's environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.set(name.as_ref(), value.as_ref());
        self
    }

    /// Removes a variable from what the child inherits.
    #[must_use]
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.environment.remove(name.as_ref());
        self
    }

    /// Lets the child inherit no variable, and forgets those set so far.
    #[must_use]
    pub fn env_clear(mut self) -> Self {
        self.environment.clear();
        self
    }

    /// Sets the child's current directory.
    #[must_use]
    pub fn current_dir(mut self, directory: impl AsRef<Path>) -> Self {
        self.directory = Some(directory.as_ref().to_owned());
        self
    }

    /// Sets the child's standard input; inherited otherwise.
    #[must_use]
    pub fn stdin(mut self, stdin: impl Into<Stdio>) -> Self {
        self.stdin = stdin.into();
        self
    }

    /// Sets the child's standard output; inherited otherwise.
    #[must_use]
    pub fn stdout(mut self, stdout: impl Into<Stdio>) -> Self {
        self.stdout = stdout.into();
        self
    }

    /// Sets the child's standard error; inherited otherwise.
    #[must_use]
    pub fn stderr(mut self, stderr: impl Into<Stdio>) -> Self {
        self.stderr = stderr.into();
        self
    }

    /// Passes a descriptor, which the child has under the number `target`.
    ///
    /// Numbers 0 to 2, two descriptors under one number, and numbers beyond the
    /// limit of descriptors fail the launch. Small numbers are better: on Linux all
    /// those below the largest are closed one by one. What the launcher itself
    /// passes, to give a bootstrap port, takes a number that is free.
    #[must_use]
    pub fn fd(mut self, target: RawFd, descriptor: impl Into<OwnedFd>) -> Self {
        self.descriptors.push((target, descriptor.into()));
        self
    }

    /// Makes the child the leader of a new process group, apart from the
    /// terminal's signals.
    #[must_use]
    pub fn new_process_group(mut self) -> Self {
        self.new_process_group = true;
        self
    }

    /// Registers a port for the child under `key`.
    ///
    /// A second port under one key, or one too many, fails the launch.
    #[must_use]
    pub fn port(mut self, key: u32, port: impl Into<RendezvousPort>) -> Self {
        if let Err(error) = self.collection().insert(key, port) {
            self.refuse(LaunchStep::Ports, error);
        }
        self
    }

    /// Registers bytes for the child.
    ///
    /// More than [`rendezvous_server::MAX_ADDITIONAL_DATA`] fail the launch.
    #[must_use]
    pub fn additional_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        if let Err(error) = self.collection().set_additional_data(data.into()) {
            self.refuse(LaunchStep::Ports, error);
        }
        self
    }

    /// Demands of the process that asks for the ports what `requirement` says.
    ///
    /// That it is the launched process is always demanded.
    #[must_use]
    pub fn require(mut self, requirement: PeerRequirement, policy: PeerPolicy) -> Self {
        self.collection().set_requirement(requirement, policy);
        self
    }

    /// Registers with this process's server under `base_id` instead of the
    /// default one, and tells the child. An invalid id fails the launch.
    #[must_use]
    pub fn base_id(mut self, base_id: impl Into<String>) -> Self {
        match BaseId::new(base_id) {
            Ok(base_id) => {
                self.base_id = base_id;
                self.server = None;
            }
            Err(error) => self.refuse(LaunchStep::Server, error),
        }
        self
    }

    /// Registers with this server, and tells the child its base id. The child
    /// keeps the server running.
    #[must_use]
    pub fn server(mut self, server: &RendezvousServer) -> Self {
        self.server = Some(server.clone());
        self
    }

    /// Makes the server the child's bootstrap port.
    ///
    /// The child then needs no name to find it, and has no other bootstrap
    /// names: this is for sandboxed helpers. It can launch helpers in turn by an
    /// [unnamed server](RendezvousServer::unnamed), which implies this option.
    #[must_use]
    pub fn private_bootstrap(mut self) -> Self {
        self.private_bootstrap = true;
        self
    }

    /// Creates the process and registers its ports.
    ///
    /// The server is locked meanwhile: a child that asks at once waits for the
    /// registration, and concurrent launches wait for each other. A thread that
    /// holds the server's guard would wait for itself: it registers what it spawns
    /// by that guard.
    ///
    /// # Errors
    /// [`LaunchError`] says at which step, and keeps the `errno`. No process
    /// remains and the rights that would have moved are released.
    pub fn spawn(self) -> Result<Child, LaunchError> {
        let program = self.program.clone();
        launch(self).map_err(|(step, cause)| {
            let error = LaunchError::new(&program, step, cause);
            tracing::warn!(error = &error as &dyn std::error::Error, "launch failed");
            error
        })
    }

    fn collection(&mut self) -> &mut PortCollection {
        self.collection.get_or_insert_default()
    }

    fn refuse(&mut self, step: LaunchStep, cause: impl Into<LaunchCause>) {
        self.refused.get_or_insert((step, cause.into()));
    }
}
