//! Notification requests, and what they bring.

use mach_ports::ffi::message::{MACH_MSG_TYPE_MAKE_SEND_ONCE, mach_msg_id_t};
use mach_ports::ffi::notify::MACH_NOTIFY_PORT_DESTROYED;
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

use crate::letter::{Buffer, poll, receive};
use crate::raw::{Given, request_notification};

/// Asks for a notification to a receive right of this task's.
pub fn request(
    name: mach_port_name_t,
    id: mach_msg_id_t,
    sync: u32,
    notify: mach_port_name_t,
) -> Given<mach_port_name_t> {
    request_notification(name, id, sync, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
}

/// As [`request`], for a request that is the first and must succeed.
#[track_caller]
pub fn ask(name: mach_port_name_t, id: mach_msg_id_t, sync: u32, notify: mach_port_name_t) {
    assert_eq!(
        request(name, id, sync, notify),
        Ok(MACH_PORT_NULL),
        "a first request"
    );
}

/// A notification: its id, and its value: name, count, or the port that comes with it.
pub type Notice = (mach_msg_id_t, u32);

fn notice(mail: &Buffer) -> Notice {
    let value = match (mail.size(), mail.id()) {
        (24, _) => 0,
        (_, MACH_NOTIFY_PORT_DESTROYED) => mail.only_port().0,
        _ => mail.u32_at(32),
    };
    (mail.id(), value)
}

/// The next notification, which is there or must soon come.
#[track_caller]
#[must_use]
pub fn next(notify: mach_port_name_t) -> Notice {
    notice(&receive(notify))
}

/// All notifications that are there now.
#[track_caller]
#[must_use]
pub fn all(notify: mach_port_name_t) -> Vec<Notice> {
    std::iter::from_fn(|| poll(notify))
        .map(|mail| notice(&mail))
        .collect()
}

/// No notification.
pub const NONE: [Notice; 0] = [];
