//! Who waits for room in which queue.
//!
//! The kernel says by a send-possible notification when a full queue has room. There is one place for such a request at a name,
//! whoever waits by it, so this task makes one for all that wait; the notifications of all names come to one port.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;

use crate::calls::{self, Name};
use crate::dispatch::{DispatchError, MachReceiveSource, SerialQueue};
use crate::error::Error;
use crate::ffi::kern_return::KERN_RESOURCE_SHORTAGE;
use crate::ffi::{notify, port};
use crate::message::{Notification, ReceiveOptions};
use crate::right::{ReceiveRight, SendOnceRight, SendRight};

/// How long is waited between two looks where somebody else has the place for a request.
const PAUSE: Duration = Duration::from_millis(2);

static ROOM: Mutex<Room> = Mutex::new(Room {
    office: None,
    places: BTreeMap::new(),
});

struct Room {
    office: Option<Office>,
    places: BTreeMap<Name, Place>,
}

/// Where the notifications come to.
struct Office {
    port: Name,
    _source: MachReceiveSource,
    /// Of a process that this one was forked from nothing is left here.
    process: u32,
}

/// A name that is waited for.
#[derive(Default)]
struct Place {
    word: Arc<Notify>,
    waiting: usize,
    /// A request stands, or its notification is on its way.
    is_requested: bool,
}

/// One who waits.
struct Ticket<'a>(&'a SendRight);

/// Waits until a message may have room, or the port is dead.
pub(super) async fn wait_for(right: &SendRight) -> Result<(), Error> {
    let (ticket, word) = Ticket::take(right);
    // Woken by every word from here on, also by one that comes before it is awaited.
    let word = word.notified();
    if ticket.request()? {
        word.await;
    } else {
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

impl<'a> Ticket<'a> {
    fn take(right: &'a SendRight) -> (Self, Arc<Notify>) {
        let mut room = ROOM.lock();
        room.enter_process();
        let place = room.places.entry(right.name()).or_default();
        place.waiting += 1;
        (Self(right), Arc::clone(&place.word))
    }

    /// Sees to it that a request stands. `false`: it cannot, somebody else's does.
    fn request(&self) -> Result<bool, Error> {
        let mut room = ROOM.lock();
        let name = self.0.name();
        if room
            .places
            .get(&name)
            .is_some_and(|place| place.is_requested)
        {
            return Ok(true);
        }
        if is_taken(name) {
            return Ok(false);
        }
        let once = calls::make_send_once(room.office()?)?;
        // A dead port has a dead-name notification at once. Nothing stood there, so nothing comes back.
        calls::request_notification(name, notify::MACH_NOTIFY_SEND_POSSIBLE, 1, once)?;
        if let Some(place) = room.places.get_mut(&name) {
            place.is_requested = true;
        }
        Ok(true)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut room = ROOM.lock();
        let name = self.0.name();
        let Some(place) = room.places.get_mut(&name) else {
            return;
        };
        place.waiting -= 1;
        if place.waiting == 0 && place.is_requested {
            place.is_requested = !withdraw(name);
        }
        room.forget_if_idle(name);
    }
}

/// Whether a request stands at a name.
fn is_taken(name: Name) -> bool {
    let taken = port::MACH_PORT_TYPE_DNREQUEST
        | port::MACH_PORT_TYPE_SPREQUEST
        | port::MACH_PORT_TYPE_SPREQUEST_DELAYED;
    calls::port_type(name).is_ok_and(|bits| bits & taken != 0)
}

/// Withdraws the request at a name. `false`: it is over, and its notification on its way.
fn withdraw(name: Name) -> bool {
    let withdrawn =
        calls::request_notification(name, notify::MACH_NOTIFY_DEAD_NAME, 0, calls::NULL);
    // SAFETY: the call gives the request's right to its caller.
    withdrawn.is_ok_and(|name| unsafe { SendOnceRight::from_raw(name) }.is_some())
}

impl Room {
    /// Forgets what a process that this one was forked from waited for.
    fn enter_process(&mut self) {
        if self
            .office
            .as_ref()
            .is_some_and(|office| office.process != std::process::id())
        {
            self.office = None;
            self.places.clear();
        }
    }

    /// The port that notifications come to.
    fn office(&mut self) -> Result<Name, Error> {
        if let Some(office) = &self.office {
            return Ok(office.port);
        }
        let port = ReceiveRight::new()?;
        let name = port.name();
        let source = open(port).map_err(|error| match error {
            DispatchError::Mach(error) => error,
            error => {
                tracing::warn!(%error, "room in queues cannot be waited for");
                Error::new("mach_port_request_notification", KERN_RESOURCE_SHORTAGE)
            }
        })?;
        let office = Office {
            port: name,
            _source: source,
            process: std::process::id(),
        };
        Ok(self.office.insert(office).port)
    }

    /// The request at a name is over: what tells those who wait, for who does not hold the lock any more. A waker may do anything.
    fn end_request(&mut self, name: Name) -> Option<Arc<Notify>> {
        let place = self.places.get_mut(&name)?;
        place.is_requested = false;
        let word = Arc::clone(&place.word);
        self.forget_if_idle(name);
        Some(word)
    }

    fn forget_if_idle(&mut self, name: Name) {
        let idle = |place: &Place| place.waiting == 0 && !place.is_requested;
        if self.places.get(&name).is_some_and(idle) {
            self.places.remove(&name);
        }
    }
}

fn open(port: ReceiveRight) -> Result<MachReceiveSource, DispatchError> {
    let queue = SerialQueue::new("send-possible")?;
    let now = ReceiveOptions::new().timeout(Duration::ZERO);
    MachReceiveSource::new(port, &queue, move |port| {
        while let Ok(message) = port.receive(&now) {
            let notification = message.notification();
            // The reference that one on a dead name brings is gone before anybody is told.
            drop(message);
            // A send-once notification is of a request that was withdrawn.
            if let Some(
                Notification::SendPossible { name }
                | Notification::DeadName { name }
                | Notification::PortDeleted { name },
            ) = notification
            {
                let word = {
                    let mut room = ROOM.lock();
                    if !is_taken(name) {
                        // The name remembers that a request has fired, and would have a reference more when it dies.
                        withdraw(name);
                    }
                    room.end_request(name)
                };
                if let Some(word) = word {
                    word.notify_waiters();
                }
            }
        }
    })
}

/// Holds everybody off a place while somebody else takes it.
pub(crate) struct Displacing {
    room: Option<MutexGuard<'static, Room>>,
    word: Option<Arc<Notify>>,
}

/// To be called, and its result kept, around a request that takes the place at a name: who waits there by one of the library's own
/// is woken afterwards, and makes do without.
pub(crate) fn displace(name: Name, id: i32) -> Displacing {
    let on_name = [
        notify::MACH_NOTIFY_DEAD_NAME,
        notify::MACH_NOTIFY_SEND_POSSIBLE,
    ];
    let mut room = on_name.contains(&id).then(|| ROOM.lock());
    let word = room.as_mut().and_then(|room| {
        room.enter_process();
        let stands = room
            .places
            .get(&name)
            .is_some_and(|place| place.is_requested);
        (stands && withdraw(name)).then(|| room.end_request(name))?
    });
    Displacing { room, word }
}

impl Drop for Displacing {
    fn drop(&mut self) {
        drop(self.room.take());
        if let Some(word) = self.word.take() {
            word.notify_waiters();
        }
    }
}
