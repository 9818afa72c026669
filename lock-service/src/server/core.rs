//! The machine and what it works on, behind one lock.

use std::sync::Arc;
use std::time::Instant;

use mach_ports::{AuditToken, Error, Name, PortSet, ReceiveRight, SendRight};
use uuid::Uuid;

use crate::server::clients::PortClients;
use crate::server::processes::{Inbox, Processes, Watched};
use crate::server::replies::Replies;
use crate::server::sessions::Sessions;
use crate::server::volumes::{Clock, NoVolumes, Volumes};
use crate::state::{
    Answer, Caller, Checked, ClientId, Event, Machine, NewVolume, Outside, Policy, Ticket, Why,
};

/// What is told to whoever observes the service in its own process.
pub(super) type Observer = Box<dyn FnMut(&Event) + Send>;

pub(super) struct Core {
    pub(super) machine: Machine,
    pub(super) outside: World,
    pub(super) sessions: Sessions,
    processes: Processes,
    clock: Arc<dyn Clock>,
    last_client: u64,
}

/// What the machine asks things of.
pub(super) struct World {
    pub(super) replies: Replies,
    clients: PortClients,
    notify: Arc<ReceiveRight>,
    volumes: Box<dyn Volumes>,
    observer: Observer,
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
            outside: World {
                replies: Replies::default(),
                clients: PortClients::default(),
                notify,
                volumes,
                observer,
            },
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

    /// Opens a session of whoever asks.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub(super) fn open_session(
        &mut self,
        token: &AuditToken,
        set: &PortSet,
    ) -> Result<Arc<ReceiveRight>, Error> {
        self.watch_process(token.pid());
        let caller = caller(self.new_client(), token);
        self.sessions.open(caller, set)
    }

    fn watch_process(&mut self, pid: i32) {
        let (machine, sessions) = (&self.machine, &self.sessions);
        let is_used = |pid| machine.has_clients_of(pid) || sessions.is_of(pid);
        if self.processes.watch(pid, is_used) == Watched::Anew {
            self.process_ended(pid);
        }
    }

    pub(super) fn port_died(&mut self, port: Name) {
        if let Some(client) = self.outside.clients.dead(port) {
            self.client_died(client);
        }
    }

    pub(super) fn session_unused(&mut self, port: Name) {
        if let Some(caller) = self.sessions.take_unused(port) {
            self.client_died(caller.client);
        }
    }

    /// Lets the processes' ends be known that have been noticed.
    pub(super) fn take_exits(&mut self) {
        for pid in self.processes.take_ended() {
            self.process_ended(pid);
        }
    }

    pub(super) fn process_ended(&mut self, pid: i32) {
        let (machine, now, outside) = self.parts();
        machine.process_ended(pid, now, outside);
        // Nothing is left in them; they can be used no more.
        drop(self.sessions.take_of_process(pid));
    }

    /// Lets everything go: who waits learns that nobody will answer.
    pub(super) fn close(&mut self) {
        self.machine = Machine::new(Policy::new());
        self.sessions = Sessions::default();
        self.outside.replies = Replies::default();
        self.outside.clients = PortClients::default();
        self.outside.volumes = Box::new(NoVolumes);
        self.outside.observer = Box::new(|_| ());
    }

    fn client_died(&mut self, client: ClientId) {
        let (machine, now, outside) = self.parts();
        machine.client_died(client, now, outside);
    }
}

fn caller(client: ClientId, token: &AuditToken) -> Caller {
    Caller {
        client,
        pid: token.pid(),
        euid: token.euid(),
    }
}

impl Outside for World {
    fn answer(&mut self, ticket: Ticket, answer: Answer) -> bool {
        self.replies.answer(ticket, answer)
    }

    fn released(&mut self, client: ClientId) {
        self.clients.forget(client);
    }

    fn check(&mut self, volume: Uuid, why: Why) -> Checked {
        let checked = self.volumes.check(volume, why);
        tracing::debug!(%volume, ?why, ?checked, "looked at a volume");
        checked
    }

    fn set_owners(&mut self, volume: Uuid, on: bool) {
        self.volumes.set_owners(volume, on);
    }

    fn survey(&mut self) -> Vec<NewVolume> {
        self.volumes.survey()
    }

    fn event(&mut self, event: Event) {
        tracing::debug!(resource = ?event.resource, pid = event.pid, happening = ?event.happening);
        (self.observer)(&event);
    }
}
