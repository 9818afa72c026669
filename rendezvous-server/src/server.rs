use std::sync::Arc;

use mach_ports::bootstrap::{self, BootstrapCause};
use mach_ports::dispatch::{MachReceiveSource, SerialQueue};
use mach_ports::{ReceiveRight, SendRight};
use rendezvous_protocol::BaseId;

use crate::shared::Shared;
use crate::{LaunchGuard, ServerError, ServerGuard};

/// Hands port collections to the processes they are registered for.
///
/// A server owns one port and one serial queue on which all requests are
/// handled, in the order in which they came. It runs until its last clone is
/// dropped; collections that were not claimed by then are released.
///
/// ```
/// use mach_ports::ReceiveRight;
/// use rendezvous_server::{BaseId, PortCollection, RendezvousServer, key};
///
/// let results = ReceiveRight::new()?;
/// let mut collection = PortCollection::new();
/// collection.insert(key(b"rslt"), results.make_send()?)?;
///
/// let server = RendezvousServer::new(&BaseId::new("com.example.Viewer")?)?;
/// let mut guard = server.lock();
/// let mut child = std::process::Command::new("/bin/sh").args(["-c", "exit"]).spawn()?;
/// let registration = guard.register_spawned(child.id().cast_signed(), collection)?;
/// drop(guard);
/// # use std::time::Duration;
/// # use rendezvous_server::Rendezvous;
/// // This child exits without asking for its port.
/// let fate = registration.wait(Duration::from_secs(60));
/// assert!(matches!(fate, Rendezvous::ExitedFirst));
/// # child.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct RendezvousServer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    base_id: BaseId,
    bootstrap_name: Option<String>,
    port: SendRight,
    shared: Arc<Shared>,
    /// Taken when the server is dropped.
    source: Option<MachReceiveSource>,
    /// The process that it serves in.
    process: u32,
}

impl RendezvousServer {
    /// Makes a server and checks it in as
    /// `<base id>.MachPortRendezvousServer.<pid of this process>`.
    ///
    /// Where there is no bootstrap server, or on Linux no folder for names, the
    /// server is as [`Self::unnamed`] makes it: it serves those that a launcher
    /// launches, and nobody else could look it up either.
    ///
    /// # Errors
    /// [`ServerError::CheckIn`] if the name is in use, by another server of
    /// this process for one, or if a sandbox denies it.
    pub fn new(base_id: &BaseId) -> Result<Self, ServerError> {
        let name = base_id.bootstrap_name(std::process::id().cast_signed());
        match bootstrap::check_in(&name) {
            Ok(port) => {
                tracing::debug!(%name, "rendezvous server checked in");
                Self::serve(base_id.clone(), Some(name), port)
            }
            Err(error) if error.cause == BootstrapCause::NoServer => {
                tracing::warn!(%error, "the rendezvous server does without a name");
                Self::serve(base_id.clone(), None, ReceiveRight::new()?)
            }
            Err(error) => Err(ServerError::CheckIn {
                name,
                source: error.cause,
                detail: error.detail,
            }),
        }
    }

    /// Makes a server without a name: only children that are given its port as
    /// their bootstrap port reach it.
    ///
    /// It is for processes that may not check names in, such as sandboxed
    /// helpers which have helpers of their own.
    ///
    /// # Errors
    /// [`ServerError::Port`].
    pub fn unnamed() -> Result<Self, ServerError> {
        Self::serve(BaseId::default(), None, ReceiveRight::new()?)
    }

    fn serve(
        base_id: BaseId,
        bootstrap_name: Option<String>,
        port: ReceiveRight,
    ) -> Result<Self, ServerError> {
        let send_right = port.make_send()?;
        let queue = SerialQueue::new(bootstrap_name.as_deref().unwrap_or("rendezvous-server"))?;
        let shared = Arc::new(Shared::new(queue.clone(), port.identify_senders()));
        let handler = Arc::clone(&shared);
        let source = MachReceiveSource::new(port, &queue, move |port| handler.handle_next(port))?;
        Ok(Self(Arc::new(Inner {
            base_id,
            bootstrap_name,
            port: send_right,
            shared,
            source: Some(source),
            process: std::process::id(),
        })))
    }

    /// Locks the server: to register, or to look at what is registered.
    ///
    /// Requests wait meanwhile, and so do other threads that lock it or launch by
    /// it. The thread that holds the guard must do neither: it would wait for
    /// itself.
    #[must_use = "the server is locked for as long as the guard lives"]
    pub fn lock(&self) -> ServerGuard<'_> {
        ServerGuard::new(&self.0.shared)
    }

    /// Begins a launch: requests wait until it is over, other launches go on.
    ///
    /// A thread that holds the server's guard would wait for itself.
    #[must_use = "a child may ask too early once the launch is over"]
    pub fn begin_launch(&self) -> LaunchGuard<'_> {
        LaunchGuard::new(&self.0.shared)
    }

    /// The id that the server's name begins with.
    #[must_use]
    pub fn base_id(&self) -> &BaseId {
        &self.0.base_id
    }

    /// The name that children look up; `None` for an unnamed server.
    #[must_use]
    pub fn bootstrap_name(&self) -> Option<&str> {
        self.0.bootstrap_name.as_deref()
    }

    /// Sees to it that children find the server by its name: on Linux that is a file, which whoever clears a folder
    /// of temporary files may remove. Launchers do this before each launch.
    ///
    /// # Errors
    /// [`ServerError::CheckIn`]. Children that were passed a way to the server, as a launcher's are on Linux, do
    /// without the name.
    pub fn renew_name(&self) -> Result<(), ServerError> {
        let Some(name) = &self.0.bootstrap_name else {
            return Ok(());
        };
        bootstrap::renew(name).map_err(|error| ServerError::CheckIn {
            name: name.clone(),
            source: error.cause,
            detail: error.detail,
        })
    }

    /// A send right to the port that takes the requests, to be passed to a
    /// child or made its bootstrap port.
    ///
    /// # Errors
    /// [`ServerError::Forked`], or the kernel's, if the right cannot be copied.
    pub fn send_right(&self) -> Result<SendRight, ServerError> {
        if self.0.is_inherited() {
            return Err(ServerError::Forked {
                process: self.0.process,
            });
        }
        Ok(self.0.port.try_clone()?)
    }
}

impl Inner {
    /// Whether the server is in the process that this one was forked from.
    fn is_inherited(&self) -> bool {
        std::process::id() != self.process
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if self.is_inherited() {
            // It has no port and no thread here, and nobody will let go of what was locked.
            return;
        }
        // Waits for a request that is being handled, and has the name free for
        // the next server. Where it cannot wait, on the server's own queue, the
        // port goes once the queue is done with it.
        if let Some(source) = self.source.take() {
            drop(source.cancel_and_wait());
        }
        self.shared.stop();
    }
}
