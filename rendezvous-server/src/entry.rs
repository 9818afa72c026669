use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use mach_ports::dispatch::ExitEvent;
use mach_ports::{AnyRight, AuditToken, SendError, SendOnceRight, SendOptions};
use rendezvous_protocol::{Challenge, Denial, PeerRequirement, Reply, Request, Unmet};

use crate::registration::{Outcome, Refusal, Rendezvous};
use crate::{PortCollection, RendezvousPort};

/// One registered collection.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) collection: PortCollection,
    outcome: Arc<Outcome>,
    // Nobody else may be watching the process.
    exit: ExitEvent,
    /// What its process is to confirm, since it was looked at.
    challenge: Option<Challenge>,
}

impl Entry {
    pub(crate) fn new(collection: PortCollection, outcome: Arc<Outcome>, exit: ExitEvent) -> Self {
        Self {
            collection,
            outcome,
            exit,
            challenge: None,
        }
    }

    /// What must be looked at before the process confirms that it asks.
    pub(crate) fn look_twice(&self, nonce: Option<u64>) -> Option<PeerRequirement> {
        let check = self.collection.check.as_ref()?;
        let confirmed = nonce.is_some() && nonce == self.challenge.map(|challenge| challenge.nonce);
        (check.needs_two_looks() && !confirmed).then(|| check.requirement.clone())
    }

    /// Has the process confirm, from now on, that it asks.
    pub(crate) fn challenge(&mut self) -> Challenge {
        // Keyed by what the system says is random.
        let nonce = RandomState::new().build_hasher().finish();
        *self.challenge.insert(Challenge { nonce })
    }

    /// Whether a request with this token is the registered process's, and not that of an earlier one with the same pid.
    pub(crate) fn is_for(&self, peer: &AuditToken) -> bool {
        self.exit.is_sender(peer)
    }

    /// Releases the ports. They are gone before anybody hears of it.
    pub(crate) fn abandon(self, verdict: Rendezvous) {
        let Self {
            collection,
            outcome,
            exit: _exit,
            challenge: _,
        } = self;
        drop(collection);
        outcome.settle(verdict);
    }

    /// Releases the ports, and tells the process that it is not what it must be.
    pub(crate) fn refuse(self, unmet: Unmet, pid: i32, reply: SendOnceRight) {
        tracing::warn!(pid, %unmet, "ports not sent");
        deny(pid, Denial::Requirement, reply);
        self.abandon(Rendezvous::Refused(Refusal::Requirement(unmet)));
    }

    /// Sends the ports to the process that asked, if it is what it must be.
    pub(crate) fn deliver(self, request: Request, peer: &AuditToken, reply: SendOnceRight) {
        let Self {
            collection,
            outcome,
            exit: _exit,
            challenge: _,
        } = self;
        let pid = peer.pid();
        let verdict = match answer(collection, request, peer, reply) {
            Ok(count) => {
                tracing::debug!(pid, count, "ports sent");
                Rendezvous::Acquired
            }
            Err(refusal) => {
                tracing::warn!(
                    pid,
                    error = &refusal as &dyn std::error::Error,
                    "ports not sent"
                );
                Rendezvous::Refused(refusal)
            }
        };
        outcome.settle(verdict);
    }
}

/// Whoever returns early drops the ports, which releases them. The client is told that it gets none.
fn answer(
    collection: PortCollection,
    request: Request,
    peer: &AuditToken,
    reply: SendOnceRight,
) -> Result<usize, Refusal> {
    let PortCollection {
        ports,
        additional_data,
        check,
    } = collection;
    let met = check.map_or(Ok(()), |check| check.judge(peer));
    if let Err(unmet) = met {
        deny(peer.pid(), Denial::Requirement, reply);
        return Err(Refusal::Requirement(unmet));
    }
    let rights = match carry_out(ports) {
        Ok(rights) => rights,
        Err(refusal) => {
            deny(peer.pid(), Denial::Undelivered, reply);
            return Err(refusal);
        }
    };
    let count = rights.len();
    let data = match request {
        Request::Ports => Vec::new(),
        Request::PortsAndData => additional_data,
    };
    match Reply::message(rights, &data).try_send_once(reply, &WITH_RIGHTS) {
        Ok(()) => Ok(count),
        Err((error, reply)) => {
            if let Some(reply) = reply {
                deny(peer.pid(), Denial::Undelivered, reply);
            }
            Err(Refusal::Undelivered(Arc::new(error)))
        }
    }
}

/// A send-once right always has room for its one message; without waiting, no client can hold up the others whatever
/// it has done to its port.
const AT_ONCE: SendOptions = {
    let mut options = SendOptions::new();
    options.timeout = Some(Duration::ZERO);
    options
};

/// Ports wait a little, on Linux, for other processes of this user to receive some of theirs: all of them together may have so
/// many on their way. Those of one client wait for nothing that this client does.
const WITH_RIGHTS: SendOptions = {
    let mut options = SendOptions::new();
    options.timeout = Some(Duration::from_millis(500));
    options
};

fn carry_out(ports: BTreeMap<u32, RendezvousPort>) -> Result<BTreeMap<u32, AnyRight>, Refusal> {
    let right = |(key, port): (u32, RendezvousPort)| match port.into_right() {
        Ok(right) => Ok((key, right)),
        Err(source) => Err(Refusal::PortGone { key, source }),
    };
    ports.into_iter().map(right).collect()
}

/// Answers a process without ports. It may be anyone: nobody is told.
pub(crate) fn deliver_nothing(pid: i32, reply: SendOnceRight) {
    let empty = Reply::message(BTreeMap::new(), &[]);
    match empty.send_once(reply, &AT_ONCE) {
        Ok(()) => tracing::debug!(pid, "nothing registered, empty reply sent"),
        Err(error) => unsaid(pid, &error),
    }
}

/// Asks a process whether it asks.
pub(crate) fn have_confirmed(pid: i32, challenge: Challenge, reply: SendOnceRight) {
    if let Err(error) = challenge.message().send_once(reply, &AT_ONCE) {
        unsaid(pid, &error);
    }
}

/// Answers a process that has ports and does not get them.
pub(crate) fn deny(pid: i32, denial: Denial, reply: SendOnceRight) {
    if let Err(error) = denial.message().send_once(reply, &AT_ONCE) {
        unsaid(pid, &error);
    }
}

fn unsaid(pid: i32, error: &SendError) {
    tracing::debug!(
        pid,
        error = error as &dyn std::error::Error,
        "nothing answered"
    );
}
