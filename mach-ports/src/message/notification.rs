//! Notifications: messages that the kernel sends.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use crate::calls::Name;
use crate::ffi::notify as raw;
use crate::message::layout::HEADER_SIZE;
use crate::message::parcel::Parcel;

/// What the kernel has to tell about a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notification {
    /// The name for which a dead-name or send-possible request stood is no more.
    PortDeleted {
        /// The name, which may mean something else by now.
        name: Name,
    },
    /// The queue behind a send right has room again.
    SendPossible {
        /// The send right's name.
        name: Name,
    },
    /// A port was about to be destroyed; its receive right is descriptor 0 of the message.
    PortDestroyed,
    /// No send right to the port exists any more.
    NoSenders {
        /// How many had been made from the receive right.
        make_send_count: u32,
    },
    /// A send-once right was dropped unused.
    SendOnce,
    /// The port behind a send right has been destroyed.
    DeadName {
        /// The right's name, a dead name now. The notification holds one reference on it, which goes with the
        /// message.
        name: Name,
    },
}

/// Where the value of a simple notification stands: behind the header and the eight bytes of `NDR_record_t`.
const VALUE_AT: usize = HEADER_SIZE + 8;

/// Reads a message that the kernel sent; `None` if the id and the size are not those of a notification.
pub(super) fn read(id: i32, parcel: &Parcel) -> Option<Notification> {
    let wire = &parcel.wire;
    let header = wire.header();
    let has_form = |complex, size| header.is_complex() == complex && header.size as usize == size;
    let value = || {
        has_form(false, VALUE_AT + 4)
            .then(|| wire.read::<u32>(VALUE_AT))
            .flatten()
    };
    Some(match id {
        raw::MACH_NOTIFY_PORT_DELETED => Notification::PortDeleted { name: value()? },
        raw::MACH_NOTIFY_SEND_POSSIBLE => Notification::SendPossible { name: value()? },
        raw::MACH_NOTIFY_NO_SENDERS => Notification::NoSenders {
            make_send_count: value()?,
        },
        raw::MACH_NOTIFY_DEAD_NAME => Notification::DeadName { name: value()? },
        raw::MACH_NOTIFY_SEND_ONCE if has_form(false, HEADER_SIZE) => Notification::SendOnce,
        raw::MACH_NOTIFY_PORT_DESTROYED if has_form(true, 40) => Notification::PortDestroyed,
        _ => return None,
    })
}
