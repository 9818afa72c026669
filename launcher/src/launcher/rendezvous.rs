//! What a child finds waiting, and where.

use rendezvous_server::{BaseId, PeerPolicy, PeerRequirement, RendezvousPort, RendezvousServer};

use crate::Launcher;
use crate::launch::Registrar;

impl Launcher {
    /// Registers a port for the next child under `key`.
    ///
    /// It goes with the next launch, and must be given anew for each further one:
    /// see [Launching again](Self#launching-again). A second port under one key,
    /// or one too many, fails the launch.
    pub fn port(&mut self, key: u32, port: impl Into<RendezvousPort>) -> &mut Self {
        self.settings.ports.add(key, port.into());
        self
    }

    /// Registers bytes for each child.
    ///
    /// More than [`rendezvous_server::MAX_ADDITIONAL_DATA`] fail the launch.
    pub fn additional_data(&mut self, data: impl Into<Vec<u8>>) -> &mut Self {
        self.settings.ports.set_additional_data(data.into());
        self
    }

    /// Demands of the process that asks for the ports what `requirement` says.
    ///
    /// That it is the launched process is always demanded.
    pub fn require(&mut self, requirement: PeerRequirement, policy: PeerPolicy) -> &mut Self {
        self.settings.ports.set_requirement(requirement, policy);
        self
    }

    /// Registers with this process's server under `base_id` instead of the
    /// default one, or of the one set before, and tells the child. An invalid id
    /// fails the launch.
    pub fn base_id(&mut self, base_id: impl Into<String>) -> &mut Self {
        self.settings.registrar = BaseId::new(base_id).map(Registrar::Shared);
        self
    }

    /// Registers with this server, and tells the child its base id. The child
    /// keeps the server running, and so does the launcher.
    pub fn server(&mut self, server: &RendezvousServer) -> &mut Self {
        self.settings.registrar = Ok(Registrar::Given(server.clone()));
        self
    }

    /// Makes the server the child's bootstrap port.
    ///
    /// The child then needs no name to find it, and has no other bootstrap
    /// names: this is for sandboxed helpers. It can launch helpers in turn by an
    /// [unnamed server](RendezvousServer::unnamed), which implies this option.
    pub fn private_bootstrap(&mut self) -> &mut Self {
        self.settings.private_bootstrap = true;
        self
    }
}
