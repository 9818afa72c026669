//! What happens to a name in another task, told to a port of this one.
//!
//! The other task's kernel tells a port of the library's own, which passes it on. When that task dies it can tell nothing:
//! all that is left is a send-once right that ended unused. On Mach the notification then is "port deleted", for the name
//! went with its task, and so it is here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mach_interface::wire::NDR;
use mach_ports::dispatch::{MachReceiveSource, SerialQueue};
use mach_ports::ffi::notify::{
    MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_PORT_DELETED, MACH_NOTIFY_SEND_POSSIBLE,
};
use mach_ports::{
    Message, Name, Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOnceRight,
    SendOptions,
};

use crate::{TaskError, TaskPort};

/// What has happened to a name of another task.
///
/// The message is in the form of the kernel's notification with the same id, but this task's library sent it: its audit
/// token is this task's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameNotification {
    /// The name is no more, for example because the task has died (`MACH_NOTIFY_PORT_DELETED`, 65).
    PortDeleted {
        /// The name.
        name: Name,
    },
    /// The queue behind a send right has room again (`MACH_NOTIFY_SEND_POSSIBLE`, 66).
    SendPossible {
        /// The name.
        name: Name,
    },
    /// The port behind the name is dead (`MACH_NOTIFY_DEAD_NAME`, 72).
    DeadName {
        /// The name.
        name: Name,
    },
}

impl NameNotification {
    /// Reads a message that has the form of one. `None` if it has not.
    ///
    /// Whoever can send to the port can make such a message: [`ReceivedMessage::audit_token`] says who did.
    #[must_use]
    pub fn read(message: &ReceivedMessage) -> Option<Self> {
        let (ndr, name) = message.body().split_first_chunk::<8>()?;
        let name = Name::from_ne_bytes(name.try_into().ok()?);
        if *ndr != NDR || message.is_complex() {
            return None;
        }
        match message.id() {
            MACH_NOTIFY_PORT_DELETED => Some(Self::PortDeleted { name }),
            MACH_NOTIFY_SEND_POSSIBLE => Some(Self::SendPossible { name }),
            MACH_NOTIFY_DEAD_NAME => Some(Self::DeadName { name }),
            _ => None,
        }
    }

    fn message(self) -> Message<'static> {
        let (id, name) = match self {
            Self::PortDeleted { name } => (MACH_NOTIFY_PORT_DELETED, name),
            Self::SendPossible { name } => (MACH_NOTIFY_SEND_POSSIBLE, name),
            Self::DeadName { name } => (MACH_NOTIFY_DEAD_NAME, name),
        };
        Message::new(id).bytes(&NDR).bytes(&name.to_ne_bytes())
    }
}

/// Passes on one notification.
#[derive(Debug)]
pub(crate) struct Relay {
    _source: MachReceiveSource,
    is_over: Arc<AtomicBool>,
}

impl Relay {
    /// Has `notify` told what happens to `name`; gives the right for the other task.
    pub(crate) fn new(
        task: TaskPort,
        name: Name,
        notify: SendOnceRight,
        queue: &SerialQueue,
    ) -> Result<(Self, SendOnceRight), TaskError> {
        let port = ReceiveRight::new().map_err(TaskError::Port)?;
        let right = port.make_send_once().map_err(TaskError::Port)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let mut notify = Some(notify);
        let source = MachReceiveSource::new(port, queue, move |port| {
            let at_once = ReceiveOptions::new().timeout(Duration::ZERO);
            if let Ok(message) = port.receive(&at_once)
                && let Some(notify) = notify.take()
            {
                over.store(true, Ordering::Release);
                pass_on(&task, name, &message, notify);
            }
        });
        let source = source.map_err(TaskError::Dispatch)?;
        Ok((
            Self {
                _source: source,
                is_over,
            },
            right,
        ))
    }

    /// Whether it has passed on what there was.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }
}

fn pass_on(task: &TaskPort, name: Name, message: &ReceivedMessage, notify: SendOnceRight) {
    let what = match message.notification() {
        // Nobody tells anything any more: the task is gone, or another request took this one's place, whose right
        // then ends as this one has.
        Some(Notification::SendOnce) if !task.is_gone() => return,
        Some(Notification::SendOnce) => Some(NameNotification::PortDeleted { name }),
        _ => NameNotification::read(message),
    };
    if let Some(what) = what
        && let Err(error) = what.message().send_once(notify, &SendOptions::new())
    {
        tracing::debug!(%error, "nobody wanted the notification");
    }
}
