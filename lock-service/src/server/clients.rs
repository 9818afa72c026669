//! Clients that are known by a port of theirs.

use std::collections::HashMap;

use mach_ports::{Error, Name, ReceiveRight, SendRight};

use crate::state::ClientId;

/// Those that hold or wait for something, each with one reference to its port and a request to be told of that port's end.
#[derive(Debug, Default)]
pub(super) struct PortClients {
    by_port: HashMap<Name, ClientId>,
    ports: HashMap<ClientId, SendRight>,
}

impl PortClients {
    /// The client whose port this is, if it has anything.
    pub(super) fn known(&self, port: &SendRight) -> Option<ClientId> {
        self.by_port.get(&port.name()).copied()
    }

    /// Knows a client by its port from now on.
    ///
    /// # Errors
    ///
    /// The port is dead, or the kernel is short of a resource. The right is gone.
    pub(super) fn enter(
        &mut self,
        port: SendRight,
        client: ClientId,
        notify: &ReceiveRight,
    ) -> Result<(), Error> {
        port.request_dead_name(notify.make_send_once()?)?;
        self.by_port.insert(port.name(), client);
        self.ports.insert(client, port);
        Ok(())
    }

    /// Forgets a client, and releases its port.
    pub(super) fn forget(&mut self, client: ClientId) {
        if let Some(port) = self.ports.remove(&client) {
            self.by_port.remove(&port.name());
            // Of a port that is dead, the notification is on its way, and finds nobody.
            let _ = port.cancel_dead_name();
        }
    }

    /// The client whose port has died.
    pub(super) fn dead(&self, port: Name) -> Option<ClientId> {
        let client = *self.by_port.get(&port)?;
        let right = self.ports.get(&client)?;
        right.is_dead().then_some(client)
    }
}
