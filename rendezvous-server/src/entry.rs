use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use mach_ports::dispatch::ExitEvent;
use mach_ports::{AnyRight, AuditToken, SendOnceRight, SendOptions};
use rendezvous_protocol::{Reply, Request};

use crate::registration::{Outcome, Refusal, Rendezvous};
use crate::{PortCollection, RendezvousPort};

/// One registered collection.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) collection: PortCollection,
    outcome: Arc<Outcome>,
    // Nobody else may be watching the process.
    _exit: ExitEvent,
}

impl Entry {
    pub(crate) fn new(collection: PortCollection, outcome: Arc<Outcome>, exit: ExitEvent) -> Self {
        Self {
            collection,
            outcome,
            _exit: exit,
        }
    }

    /// Releases the ports. They are gone before anybody hears of it.
    pub(crate) fn abandon(self, verdict: Rendezvous) {
        let Self {
            collection,
            outcome,
            _exit,
        } = self;
        drop(collection);
        outcome.settle(verdict);
    }

    /// Sends the ports to the process that asked, if it is what it must be.
    pub(crate) fn deliver(self, request: Request, peer: &AuditToken, reply: SendOnceRight) {
        let Self {
            collection,
            outcome,
            _exit,
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

/// Whoever returns early drops the reply right, which wakes the client, and the
/// ports, which releases them.
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
    if let Some(check) = check {
        check.judge(peer).map_err(Refusal::Requirement)?;
    }
    let rights = carry_out(ports)?;
    let count = rights.len();
    let data = match request {
        Request::Ports => Vec::new(),
        Request::PortsAndData => additional_data,
    };
    send(rights, &data, reply).map(|()| count)
}

fn carry_out(ports: BTreeMap<u32, RendezvousPort>) -> Result<BTreeMap<u32, AnyRight>, Refusal> {
    let right = |(key, port): (u32, RendezvousPort)| match port.into_right() {
        Ok(right) => Ok((key, right)),
        Err(source) => Err(Refusal::PortGone { key, source }),
    };
    ports.into_iter().map(right).collect()
}

/// Answers a process without ports. It may be anyone: nobody is told.
pub(crate) fn deliver_nothing(pid: i32, reply: SendOnceRight) {
    match send(BTreeMap::new(), &[], reply) {
        Ok(()) => tracing::debug!(pid, "nothing registered, empty reply sent"),
        Err(refusal) => {
            tracing::debug!(
                pid,
                error = &refusal as &dyn std::error::Error,
                "empty reply not sent"
            );
        }
    }
}

fn send(rights: BTreeMap<u32, AnyRight>, data: &[u8], reply: SendOnceRight) -> Result<(), Refusal> {
    // A send-once right always has room for its one message; without waiting,
    // no client can hold up the others whatever it has done to its port.
    let at_once = SendOptions::new().timeout(Duration::ZERO);
    Reply::message(rights, data)
        .send_once(reply, &at_once)
        .map_err(|error| Refusal::Undelivered(Arc::new(error)))
}
