//! Sessions: ports by which one client asks for locks.

use std::collections::HashMap;
use std::sync::Arc;

use mach_ports::{Error, Name, PortSet, ReceiveRight};

use crate::state::Caller;

#[derive(Debug, Default)]
pub(super) struct Sessions {
    by_port: HashMap<Name, Session>,
}

#[derive(Debug)]
struct Session {
    port: Arc<ReceiveRight>,
    caller: Caller,
}

impl Sessions {
    /// A session of a client. It ends when nobody has a send right to it.
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
        port.request_no_senders(port.make_send_once()?, 1)?;
        set.insert(&port)?;
        let session = Session {
            port: Arc::clone(&port),
            caller,
        };
        self.by_port.insert(port.name(), session);
        Ok(port)
    }

    pub(super) fn caller(&self, port: Name) -> Option<Caller> {
        self.by_port.get(&port).map(|session| session.caller)
    }

    /// Takes away a session that nobody can use any more.
    pub(super) fn take_unused(&mut self, port: Name) -> Option<Caller> {
        let session = self.by_port.get(&port)?;
        if session.port.status().is_ok_and(|status| status.has_senders) {
            return None;
        }
        self.by_port.remove(&port).map(|session| session.caller)
    }

    /// Takes away the sessions of a process.
    pub(super) fn take_of_process(&mut self, pid: i32) -> Vec<Caller> {
        let mut taken = Vec::new();
        self.by_port.retain(|_, session| {
            let is_its = session.caller.pid == pid;
            taken.extend(is_its.then_some(session.caller));
            !is_its
        });
        taken
    }

    pub(super) fn is_of(&self, pid: i32) -> bool {
        self.by_port
            .values()
            .any(|session| session.caller.pid == pid)
    }
}
