//! Sessions: ports by which one client asks for locks.

use std::collections::HashMap;
use std::sync::Arc;

use mach_ports::{Error, Name, PortSet, ReceiveRight};

use crate::state::{Caller, ClientId};

/// One for each client that asked, for as long as the client lives.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    callers: HashMap<Name, Caller>,
    ports: HashMap<ClientId, Arc<ReceiveRight>>,
}

impl Sessions {
    /// The session of a client, which is made if there is none.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub(super) fn open(
        &mut self,
        caller: Caller,
        set: &PortSet,
    ) -> Result<Arc<ReceiveRight>, Error> {
        if let Some(port) = self.ports.get(&caller.client) {
            return Ok(Arc::clone(port));
        }
        let port = Arc::new(ReceiveRight::new()?);
        set.insert(&port)?;
        self.callers.insert(port.name(), caller);
        self.ports.insert(caller.client, Arc::clone(&port));
        Ok(port)
    }

    pub(super) fn caller(&self, port: Name) -> Option<Caller> {
        self.callers.get(&port).copied()
    }

    /// Ends the session of a client, if it has one. Its port is destroyed.
    pub(super) fn end(&mut self, client: ClientId) {
        if let Some(port) = self.ports.remove(&client) {
            self.callers.remove(&port.name());
        }
    }

    /// The clients of a process that have sessions.
    pub(super) fn of_process(&self, pid: i32) -> Vec<ClientId> {
        let its = self.callers.values().filter(|caller| caller.pid == pid);
        let mut clients: Vec<_> = its.map(|caller| caller.client).collect();
        clients.sort_unstable();
        clients
    }

    /// The processes that have sessions.
    pub(super) fn processes(&self) -> impl Iterator<Item = i32> {
        self.callers.values().map(|caller| caller.pid)
    }
}
