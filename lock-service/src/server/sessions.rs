//! Sessions: ports by which one client asks for locks.

use std::collections::HashMap;
use std::sync::Arc;

use mach_ports::{Error, Name, PortSet, ReceiveRight};

use crate::state::{Caller, ClientId};

/// Each lasts as long as its client.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_port: HashMap<Name, Session>,
}

#[derive(Debug)]
struct Session {
    /// Destroyed with the session.
    _port: Arc<ReceiveRight>,
    caller: Caller,
}

impl Sessions {
    /// A session of a client.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub(super) fn open(
        &mut self,
        caller: Caller,
        set: &PortSet,
    ) -> Result<Arc<ReceiveRight>, Error> {
        let port = Arc::new(ReceiveRight::new()?);
        set.insert(&port)?;
        let session = Session {
            _port: Arc::clone(&port),
            caller,
        };
        self.by_port.insert(port.name(), session);
        Ok(port)
    }

    pub(super) fn caller(&self, port: Name) -> Option<Caller> {
        self.by_port.get(&port).map(|session| session.caller)
    }

    /// Ends the sessions of a client.
    pub(super) fn end(&mut self, client: ClientId) {
        self.by_port
            .retain(|_, session| session.caller.client != client);
    }

    /// The clients of a process that have sessions.
    pub(super) fn of_process(&self, pid: i32) -> Vec<ClientId> {
        let callers = self.by_port.values().map(|session| session.caller);
        let its = callers.filter(|caller| caller.pid == pid);
        let mut clients: Vec<_> = its.map(|caller| caller.client).collect();
        clients.sort_unstable();
        clients.dedup();
        clients
    }

    pub(super) fn is_of(&self, pid: i32) -> bool {
        self.by_port
            .values()
            .any(|session| session.caller.pid == pid)
    }
}
