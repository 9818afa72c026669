//! Other processes that are told what happens.

use std::collections::HashMap;
use std::time::Duration;

use mach_interface::CallError;
use mach_ports::{SendError, SendRight};

use crate::state::{ClientId, Event};
use crate::wire::LockEventsClient;

/// One port for each session that asked.
#[derive(Debug, Default)]
pub(super) struct Observers(HashMap<ClientId, Observer>);

#[derive(Debug)]
struct Observer {
    events: LockEventsClient,
    /// Events that found no room.
    lost: u32,
}

impl Observers {
    pub(super) fn add(&mut self, session: ClientId, events: SendRight) {
        let observer = Observer {
            // Nobody waits for an observer.
            events: LockEventsClient::new(events).with_timeout(Duration::ZERO),
            lost: 0,
        };
        self.0.insert(session, observer);
    }

    pub(super) fn remove(&mut self, session: ClientId) {
        self.0.remove(&session);
    }

    pub(super) fn tell(&mut self, event: &Event) {
        if self.0.is_empty() {
            return;
        }
        let (what, detail) = event.happening.to_wire();
        let (kind, resource) = match &event.resource {
            Some(resource) => resource.to_wire(),
            None => (2, &[][..]),
        };
        let client = event.client.map_or(0, |client| client.0);
        self.0.retain(|_, observer| {
            let Observer { events, lost } = observer;
            let sent = events.event(what, detail, client, event.pid, *lost, kind, resource);
            match sent {
                Ok(()) => *lost = 0,
                Err(CallError::NotSent(SendError::DestinationDead)) => return false,
                Err(_) => *lost = lost.saturating_add(1),
            }
            true
        });
    }
}
