//! The port that all send-possible notifications come to.

use std::time::Duration;

use super::{ROOM, is_taken, withdraw};
use crate::calls::Name;
use crate::dispatch::{DispatchError, MachReceiveSource, SerialQueue};
use crate::error::Error;
use crate::ffi::kern_return::KERN_RESOURCE_SHORTAGE;
use crate::message::{Notification, ReceiveOptions};
use crate::right::ReceiveRight;

/// Where the notifications come to.
pub(super) struct Office {
    pub(super) port: Name,
    _source: MachReceiveSource,
    /// Of a process that this one was forked from nothing is left here.
    pub(super) process: u32,
}

impl Office {
    pub(super) fn open() -> Result<Self, Error> {
        let port = ReceiveRight::new()?;
        let name = port.name();
        let source = watch(port).map_err(|error| match error {
            DispatchError::Mach(error) => error,
            error => {
                tracing::warn!(%error, "room in queues cannot be waited for");
                Error::new("mach_port_request_notification", KERN_RESOURCE_SHORTAGE)
            }
        })?;
        Ok(Self {
            port: name,
            _source: source,
            process: std::process::id(),
        })
    }
}

fn watch(port: ReceiveRight) -> Result<MachReceiveSource, DispatchError> {
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
