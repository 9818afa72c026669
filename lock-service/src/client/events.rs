//! What an observer is told.

use std::sync::Arc;
use std::time::Duration;

use mach_interface::Subsystem;
use mach_interface::server::serve_one;
use mach_ports::{
    Error, Notification, ReceiveError, ReceiveOptions, ReceiveRight, ReceivedMessage,
};
use parking_lot::Mutex;

use crate::client::LockClient;
use crate::resource::Resource;
use crate::state::{ClientId, Event, Happening};
use crate::wire::{self, LockEventsServer};

/// As many events wait for a slow observer; later ones are lost, and counted.
pub(super) const LONGEST_QUEUE: u32 = 1024;

/// An event, as an observer in another process has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observed {
    /// What happened.
    pub event: Event,
    /// How many events before this one found no room.
    pub lost: u32,
}

/// Why there are no events any more.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum EventsError {
    /// The service is gone, or another stream of the same client took this one's place.
    #[error("the lock service tells nothing any more")]
    Ended,
    /// This process is short of something.
    #[error("an event could not be received")]
    Receive(#[source] ReceiveError),
    /// The tasks' runtime cannot watch the port.
    #[cfg(feature = "tokio")]
    #[error("the events cannot be waited for")]
    Watch(#[from] mach_ports::dispatch::DispatchError),
}

mach_ports::debug_with_causes!(EventsError);

/// A stream of events. It lasts as long as this value, and keeps its client's session open.
pub struct LockEvents {
    pub(super) port: ReceiveRight,
    pub(super) client: LockClient,
    pub(super) reader: Reader,
}

/// Makes events of messages.
pub(super) struct Reader {
    last: Arc<Mutex<Option<Observed>>>,
    objects: Vec<Box<dyn Subsystem>>,
}

struct Last(Arc<Mutex<Option<Observed>>>);

impl wire::LockEvents for Last {
    fn event(
        &self,
        what: u32,
        detail: i32,
        client: u64,
        pid: i32,
        lost: u32,
        kind: u32,
        resource: Vec<u8>,
    ) {
        let Some(happening) = Happening::from_wire(what, detail) else {
            return;
        };
        let resource = Resource::from_wire(kind, &resource);
        let event = Event {
            resource,
            client: (client != 0).then_some(ClientId(client)),
            pid,
            happening,
        };
        *self.0.lock() = Some(Observed { event, lost });
    }
}

impl Reader {
    fn new() -> Self {
        let last = Arc::new(Mutex::new(None));
        let object = LockEventsServer::new(Last(Arc::clone(&last)));
        Self {
            last,
            objects: vec![Box::new(object)],
        }
    }

    /// The event that a message tells. `None` if it tells what this version does not know.
    ///
    /// # Errors
    ///
    /// It is the last one.
    pub(super) fn read(&self, message: ReceivedMessage) -> Result<Option<Observed>, EventsError> {
        if let Some(Notification::NoSenders { .. }) = message.notification() {
            return Err(EventsError::Ended);
        }
        serve_one(message, &self.objects).send();
        Ok(self.last.lock().take())
    }
}

impl LockEvents {
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub(super) fn new(port: ReceiveRight, client: LockClient) -> Result<Self, Error> {
        port.request_no_senders(port.make_send_once()?, 1)?;
        Ok(Self {
            port,
            client,
            reader: Reader::new(),
        })
    }

    pub(super) const fn port(&self) -> &ReceiveRight {
        &self.port
    }

    /// The client that observes.
    #[must_use]
    pub const fn client(&self) -> &LockClient {
        &self.client
    }

    /// The next event; `None` if none came in this time.
    ///
    /// # Errors
    ///
    /// See [`EventsError`].
    pub fn next(&self, patience: Duration) -> Result<Option<Observed>, EventsError> {
        let options = ReceiveOptions::new().timeout(patience);
        loop {
            let message = match self.port.receive(&options) {
                Ok(message) => message,
                Err(ReceiveError::TimedOut) => return Ok(None),
                Err(error) => return Err(EventsError::Receive(error)),
            };
            if let Some(observed) = self.reader.read(message)? {
                return Ok(Some(observed));
            }
        }
    }
}

impl std::fmt::Debug for LockEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockEvents")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
