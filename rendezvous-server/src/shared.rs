use std::sync::Arc;
use std::time::Duration;

use mach_ports::dispatch::{ExitEvent, SerialQueue};
use mach_ports::{
    AuditToken, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight,
    SendOnceRight,
};
use rendezvous_protocol::wire::CONFIRMATION_SIZE;
use rendezvous_protocol::{Confirmation, Denial, PeerRequirement, Request};

use crate::entry::{Entry, deliver_nothing, deny, have_confirmed};
use crate::registration::{Outcome, Refusal, Rendezvous};
use crate::registry::Registry;
use crate::table::{Serial, Table};
use crate::{PortCollection, Registration};

/// What the server and the handlers on its queue share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) registry: Registry<Entry>,
    /// Where all of the server's work is done.
    pub(crate) queue: SerialQueue,
    /// Requests tell which process sent them, and not its pid only.
    identifies: bool,
}

/// What a request comes to.
enum Claim {
    /// The collection that is the process's.
    Entry(Entry),
    /// Its process is to be looked at, and then to confirm that it asks.
    Look(PeerRequirement),
    /// There is none.
    Nothing,
    /// There may be one, and nothing says whether this is its process.
    Unidentified,
}

/// What a message asks for, and the number by which it confirms that. `None`: it is no request.
fn read(message: &ReceivedMessage) -> Option<(Request, Option<u64>)> {
    let confirmed = |Confirmation { request, nonce }| (request, Some(nonce));
    let asked = Request::read(message).map(|request| (request, None));
    asked.or_else(|| Confirmation::read(message).map(confirmed))
}

impl Shared {
    pub(crate) const fn new(queue: SerialQueue, identifies: bool) -> Self {
        Self {
            identifies,
            registry: Registry::new(),
            queue,
        }
    }

    /// Handles the next message of the server's port. One at a time, so that a
    /// flood of them does not keep exits from being noticed.
    pub(crate) fn handle_next(&self, port: &ReceiveRight) {
        let at_once = ReceiveOptions::new()
            .timeout(Duration::ZERO)
            .max_size(CONFIRMATION_SIZE);
        match port.receive(&at_once) {
            Ok(message) => self.handle(message),
            Err(ReceiveError::TimedOut) => {}
            // It was larger than a request, or damaged: receiving has destroyed it.
            Err(error) => tracing::warn!(%error, "not a request"),
        }
    }

    /// A message that is no request gets no reply: dropping it destroys its
    /// reply right, and whoever waits for the reply is woken by that.
    fn handle(&self, mut message: ReceivedMessage) {
        let Some((request, nonce)) = read(&message) else {
            tracing::warn!(
                id = message.id(),
                size = message.header_size(),
                "not a request"
            );
            return;
        };
        // The kernel wrote the token; a pid in the bytes would prove nothing.
        let Some(peer) = message.audit_token() else {
            tracing::warn!("a request without an audit token");
            return;
        };
        let Some(ReplyRight::SendOnce(reply)) = message.take_reply() else {
            tracing::warn!(
                pid = peer.pid(),
                "a request without a send-once reply right"
            );
            return;
        };
        // Waits while a launcher spawns and registers: a child that is faster
        // than its parent is answered all the same.
        let mut locked = self.registry.lock();
        // A client that has given up has destroyed its reply port. Its ports stay
        // for another try.
        if reply.is_dead() {
            tracing::debug!(pid = peer.pid(), "the client did not wait for the reply");
            return;
        }
        let claim = self.claim(&mut locked.table, &peer, nonce);
        drop(locked);
        match claim {
            Claim::Entry(entry) => entry.deliver(request, &peer, reply),
            Claim::Look(requirement) => self.look(&requirement, &peer, reply),
            Claim::Nothing => deliver_nothing(peer.pid(), reply),
            Claim::Unidentified => deny(peer.pid(), Denial::Unidentified, reply),
        }
    }

    /// Takes the collection of the process that asks. A request can have waited for long, and its process be gone: the pid may
    /// be that of a child which has been registered since, whose ports are not for the heirs of another.
    fn claim(&self, table: &mut Table<Entry>, peer: &AuditToken, nonce: Option<u64>) -> Claim {
        let pid = peer.pid();
        let look = table.get(pid).and_then(|entry| entry.look_twice(nonce));
        match table.get(pid) {
            Some(entry) if self.identifies && !entry.is_for(peer) => {
                let is_known = peer.pid_version() != 0;
                tracing::warn!(
                    pid,
                    is_known,
                    "a request that is not the registered process's"
                );
                if is_known {
                    Claim::Nothing
                } else {
                    Claim::Unidentified
                }
            }
            _ => match look {
                Some(requirement) => Claim::Look(requirement),
                None => table.claim(pid).map_or(Claim::Nothing, Claim::Entry),
            },
        }
    }

    /// Looks at which program a process executes that has asked, and if it is the right one has the process confirm that
    /// it asks: it may have asked as another program. It is looked at again when it has.
    fn look(&self, requirement: &PeerRequirement, peer: &AuditToken, reply: SendOnceRight) {
        let pid = peer.pid();
        let looked = requirement.check_program(peer);
        let mut table = self.registry.table();
        // It may have been released meanwhile, and another process have the pid.
        let is_there = |entry: &Entry| !self.identifies || entry.is_for(peer);
        if !table.get(pid).is_some_and(is_there) {
            drop(table);
            return deliver_nothing(pid, reply);
        }
        match looked {
            Ok(()) => {
                let challenge = table.get_mut(pid).map(Entry::challenge);
                drop(table);
                if let Some(challenge) = challenge {
                    have_confirmed(pid, challenge, reply);
                }
            }
            // It is not looked at again: it may be another program by now.
            Err(unmet) => {
                let entry = table.claim(pid);
                drop(table);
                if let Some(entry) = entry {
                    entry.refuse(unmet, pid, reply);
                }
            }
        }
    }

    /// Enters a collection; gives also the one that it takes the place of.
    pub(crate) fn enter(
        self: &Arc<Self>,
        table: &mut Table<Entry>,
        exit: &ExitEvent,
        collection: PortCollection,
    ) -> (Registration, Option<Entry>) {
        let pid = exit.pid();
        let serial = table.reserve();
        let outcome = Outcome::pending();
        tracing::debug!(pid, count = collection.len(), "ports registered");
        let entry = Entry::new(collection, outcome.clone(), exit.clone());
        let stale = table.insert(pid, serial, entry);
        let shared = Arc::downgrade(self);
        let registration = Registration::new(pid, serial, outcome, shared.clone());
        // The table may be locked for longer than others' exits can wait: the server's own queue sees to it.
        exit.notify(move || {
            if let Some(shared) = shared.upgrade() {
                let queue = shared.queue.clone();
                queue.run(move || shared.expire(pid, serial));
            }
        });
        (registration, stale)
    }

    /// The process exited; unless it was faster, its ports are of no use.
    pub(crate) fn expire(&self, pid: i32, serial: Serial) {
        let entry = self.registry.expire(pid, serial);
        if let Some(entry) = entry {
            tracing::debug!(pid, "exited before it asked for its ports");
            entry.abandon(Rendezvous::ExitedFirst);
        }
    }

    /// As [`Self::expire`], unless the table stays locked for that long.
    pub(crate) fn expire_within(&self, pid: i32, serial: Serial, patience: Duration) {
        let entry = self.registry.expire_within(pid, serial, patience);
        if let Some(entry) = entry {
            entry.abandon(Rendezvous::ExitedFirst);
        }
    }

    /// Releases everything.
    pub(crate) fn stop(&self) {
        let entries = self.registry.table().drain();
        for entry in entries {
            entry.abandon(Rendezvous::Refused(Refusal::ServerStopped));
        }
    }
}
