use std::sync::Arc;

use mach_ports::dispatch::ExitEvent;

use crate::registration::Rendezvous;
use crate::registry::Launching;
use crate::shared::Shared;
use crate::{PortCollection, Registration};

/// A launch under way.
///
/// As [`ServerGuard`](crate::ServerGuard) it keeps requests from being answered for as long as it
/// exists, but not other threads from launching: begin it before a process is created and keep it
/// until that is registered.
///
/// ```
/// use mach_ports::dispatch::ExitEvent;
/// use rendezvous_server::{PortCollection, RendezvousServer};
///
/// let server = RendezvousServer::unnamed()?;
/// let launch = server.begin_launch();
/// let mut child = std::process::Command::new("true").spawn()?;
/// let exit = ExitEvent::watch(child.id().cast_signed())?;
/// let registration = launch.register(&exit, PortCollection::new());
/// # child.wait()?;
/// # _ = registration;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LaunchGuard<'a> {
    _launching: Launching<'a>,
    shared: &'a Arc<Shared>,
}

impl<'a> LaunchGuard<'a> {
    pub(crate) fn new(shared: &'a Arc<Shared>) -> Self {
        Self {
            _launching: shared.registry.begin_launch(),
            shared,
        }
    }

    /// Registers `collection` for the process that was created, whose exit the caller watches as
    /// well: one watch serves both. The launch is over.
    ///
    /// A collection that is still there for the pid was an earlier process's, whose exit has not been
    /// noticed. It is released.
    pub fn register(self, exit: &ExitEvent, collection: PortCollection) -> Registration {
        let mut table = self.shared.registry.table();
        let (registration, stale) = self.shared.enter(&mut table, exit, collection);
        drop(table);
        if let Some(stale) = stale {
            stale.abandon(Rendezvous::ExitedFirst);
        }
        registration
    }
}
