//! Requests of others for the place that the library's own have.

use std::sync::Arc;

use parking_lot::MutexGuard;
use tokio::sync::Notify;

use super::{ROOM, Room, withdraw};
use crate::calls::Name;
use crate::ffi::notify;

/// Holds everybody off a place while somebody else takes it.
pub(crate) struct Displacing {
    room: Option<MutexGuard<'static, Room>>,
    word: Option<Arc<Notify>>,
}

/// To be called, and its result kept, around a request that takes the place at a name: who waits there by one of the library's own
/// is woken afterwards, and makes do without.
pub(crate) fn displace(name: Name, id: i32) -> Option<Displacing> {
    let on_name = [
        notify::MACH_NOTIFY_DEAD_NAME,
        notify::MACH_NOTIFY_SEND_POSSIBLE,
    ];
    on_name.contains(&id).then(|| Displacing::at(name))
}

/// Has all who wait for room at a name look whether there is some.
pub(crate) fn look_again(name: Name) {
    drop(Displacing::at(name));
}

impl Displacing {
    fn at(name: Name) -> Self {
        let mut room = ROOM.lock();
        room.enter_process();
        let stands = room
            .places
            .get(&name)
            .is_some_and(|place| place.is_requested);
        let word = (stands && withdraw(name)).then(|| room.end_request(name));
        Self {
            room: Some(room),
            word: word.flatten(),
        }
    }
}

impl Drop for Displacing {
    fn drop(&mut self) {
        drop(self.room.take());
        if let Some(word) = self.word.take() {
            word.notify_waiters();
        }
    }
}
