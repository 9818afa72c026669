//! Who waits for room in which queue.
//!
//! The kernel says by a send-possible notification when a full queue has room. There is one place for such a request at a name,
//! whoever waits by it, so this task makes one for all that wait; the notifications of all names come to one port.

mod displacing;
mod office;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::calls::{self, Name};
use crate::error::Error;
use crate::ffi::{notify, port};
use crate::right::{SendOnceRight, SendRight};

use office::Office;

pub(crate) use displacing::{displace, look_again};

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
        let office = match &mut self.office {
            Some(office) => office,
            none => none.insert(Office::open()?),
        };
        Ok(office.port)
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
