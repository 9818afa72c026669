//! The machine and what it works on, behind one lock.

use std::sync::Arc;
use std::time::Instant;

use mach_ports::{AuditToken, Error, Name, PortSet, ReceiveRight, SendRight};

use crate::server::processes::{Inbox, Processes, Watched};
use crate::server::sessions::Sessions;
use crate::server::volumes::{Clock, Volumes};
use crate::server::world::{Observer, World};
use crate::state::{Caller, ClientId, Machine, Policy, Token};
use crate::status::Status;

pub(super) struct Core {
    pub(super) machine: Machine,
    pub(super) outside: World,
    pub(super) sessions: Sessions,
    processes: Processes,
    clock: Arc<dyn Clock>,
    last_client: u64,
}

impl Core {
    pub(super) fn new(
        policy: Policy,
        clock: Arc<dyn Clock>,
        volumes: Box<dyn Volumes>,
        observer: Observer,
        notify: Arc<ReceiveRight>,
        inbox: Arc<Inbox>,
    ) -> Self {
        Self {
            machine: Machine::new(policy),
            outside: World::new(notify, volumes, observer),
            sessions: Sessions::default(),
            processes: Processes::new(inbox),
            clock,
            last_client: 0,
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// The machine, the time, and what it works on.
    pub(super) fn parts(&mut self) -> (&mut Machine, Instant, &mut World) {
        let now = self.clock.now();
        (&mut self.machine, now, &mut self.outside)
    }

    fn new_client(&mut self) -> ClientId {
        self.last_client += 1;
        ClientId(self.last_client)
    }

    /// Who asks, by its port, where nothing will be kept of it.
    pub(super) fn peek_caller(&self, token: &AuditToken, port: &SendRight) -> Caller {
        let client = self.outside.clients.known(port).unwrap_or(ClientId(0));
        caller(client, token)
    }

    /// Who asks, by its port, which is kept until the client has nothing any more.
    ///
    /// # Errors
    ///
    /// The port is dead, or the kernel is short of a resource.
    pub(super) fn enter_caller(
        &mut self,
        token: &AuditToken,
        port: SendRight,
    ) -> Result<Caller, Error> {
        self.watch_process(token.pid());
        if let Some(client) = self.outside.clients.known(&port) {
            return Ok(caller(client, token));
        }
        let client = self.new_client();
        let World {
            clients, notify, ..
        } = &mut self.outside;
        clients.enter(port, client, notify)?;
        Ok(caller(client, token))
    }

    /// Opens a session of whoever asks. It ends with the client's port.
    ///
    /// # Errors
    ///
    /// The port is dead, or the kernel is short of a resource.
    pub(super) fn open_session(
        &mut self,
        token: &AuditToken,
        port: SendRight,
        set: &PortSet,
    ) -> Result<Arc<ReceiveRight>, Error> {
        let caller = self.enter_caller(token, port)?;
        let session = self.sessions.open(caller, set);
        let clients = &mut self.outside.clients;
        if session.is_ok() {
            clients.pin(caller.client);
        } else if self.machine.is_idle(caller.client) {
            clients.forget_idle(caller.client);
        }
        session
    }

    /// Has a lock last until a process has ended, too.
    pub(super) fn keep(&mut self, caller: &Caller, token: Token, pid: i32) -> Status {
        if !Processes::can_watch(pid) {
            return Status::INVALID;
        }
        self.watch_process(pid);
        let keeper = Caller {
            client: self.new_client(),
            pid,
            euid: caller.euid,
        };
        self.machine.keep(caller.client, token, &keeper)
    }

    fn watch_process(&mut self, pid: i32) {
        let (machine, sessions) = (&self.machine, &self.sessions);
        let used = || machine.processes().chain(sessions.processes()).collect();
        if self.processes.watch(pid, used) == Watched::Anew {
            self.process_ended(pid);
        }
    }

    pub(super) fn port_died(&mut self, port: Name) {
        if let Some(client) = self.outside.clients.dead(port) {
            self.client_died(client);
        }
    }

    /// Lets the processes' ends be known that have been noticed.
    pub(super) fn take_exits(&mut self) {
        for pid in self.processes.take_ended() {
            self.process_ended(pid);
        }
    }

    pub(super) fn process_ended(&mut self, pid: i32) {
        for client in self.sessions.of_process(pid) {
            self.client_died(client);
        }
        let (machine, now, outside) = self.parts();
        machine.process_ended(pid, now, outside);
    }

    /// Lets everything go: who waits learns that nobody will answer.
    pub(super) fn close(&mut self) {
        self.machine = Machine::new(Policy::new());
        self.sessions = Sessions::default();
        self.outside.close();
    }

    fn client_died(&mut self, client: ClientId) {
        let (machine, now, outside) = self.parts();
        machine.client_died(client, now, outside);
        outside.observers.remove(client);
        outside.clients.forget(client);
        self.sessions.end(client);
    }
}

fn caller(client: ClientId, token: &AuditToken) -> Caller {
    Caller {
        client,
        pid: token.pid(),
        euid: token.euid(),
    }
}
