//! Clients that are known by a port of theirs.

use std::collections::HashMap;

use mach_ports::{Error, Name, ReceiveRight, SendRight};

use crate::state::ClientId;

/// Those that hold or wait for something, each with one reference to its port and a request to be told of that port's end.
#[derive(Debug, Default)]
pub(super) struct PortClients {
    by_port: HashMap<Name, ClientId>,
    ports: HashMap<ClientId, Port>,
}

#[derive(Debug)]
struct Port {
    right: SendRight,
    /// It has a session, and is known for as long as it lives.
    pinned: bool,
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
        let port = Port {
            right: port,
            pinned: false,
        };
        self.ports.insert(client, port);
        Ok(())
    }

    /// Knows a client also while it has nothing.
    pub(super) fn pin(&mut self, client: ClientId) {
        if let Some(port) = self.ports.get_mut(&client) {
            port.pinned = true;
        }
    }

    /// Forgets a client that has nothing, unless it has a session.
    pub(super) fn forget_idle(&mut self, client: ClientId) {
        if self.ports.get(&client).is_some_and(|port| !port.pinned) {
            self.forget(client);
        }
    }

    /// Forgets a client, and releases its port.
    pub(super) fn forget(&mut self, client: ClientId) {
        if let Some(Port { right, .. }) = self.ports.remove(&client) {
            self.by_port.remove(&right.name());
            // Of a port that is dead, the notification is on its way, and finds nobody.
            let _ = right.cancel_dead_name();
        }
    }

    /// The client whose port has died.
    pub(super) fn dead(&self, port: Name) -> Option<ClientId> {
        let client = *self.by_port.get(&port)?;
        let port = self.ports.get(&client)?;
        port.right.is_dead().then_some(client)
    }
}
