//! The parent's side: what can be done by a task port.

use std::sync::Arc;
use std::time::Duration;

use mach_interface::kind::OolArray;
use mach_ports::dispatch::SerialQueue;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_POSSIBLE};
use mach_ports::ffi::port::{
    MACH_PORT_RECEIVE_STATUS, MACH_PORT_RIGHT_DEAD_NAME, MACH_PORT_RIGHT_PORT_SET,
    MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND, MACH_PORT_RIGHT_SEND_ONCE,
};
use mach_ports::{AnyRight, Disposition, Name, OutgoingRight, SendOnceRight, SendRight};
use parking_lot::Mutex;

use crate::interface::BesideClient;
use crate::notify::Relay;
use crate::{MachPortClient, TaskError};

/// How long a call waits for the other task, if it was not told otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many words `mach_port_status_t` has.
const STATUS_WORDS: usize = 10;

/// A right to work on another task's port names.
///
/// Names are that task's: a number here means nothing in this task. A clone works on the same task.
#[derive(Debug, Clone)]
pub struct TaskPort {
    client: MachPortClient,
    pid: i32,
    relays: Arc<Relays>,
}

/// Who waits for notifications from there, all on one queue that is made with the first.
#[derive(Debug, Default)]
struct Relays(Mutex<(Option<SerialQueue>, Vec<Relay>)>);

impl Relays {
    fn queue(&self) -> Result<SerialQueue, TaskError> {
        let (queue, _) = &mut *self.0.lock();
        if let Some(queue) = queue {
            return Ok(queue.clone());
        }
        let made = SerialQueue::new("task-port-notifications").map_err(TaskError::Dispatch)?;
        Ok(queue.insert(made).clone())
    }

    /// Keeps one that waits, and none that has been told.
    fn keep(&self, relay: Relay) {
        let (_, waiting) = &mut *self.0.lock();
        waiting.retain(|relay| !relay.is_over());
        waiting.push(relay);
    }
}

/// A kind of right, `MACH_PORT_RIGHT_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
// Exhaustive: there are no others.
pub enum Right {
    /// To send any number of messages.
    Send = MACH_PORT_RIGHT_SEND,
    /// To receive.
    Receive = MACH_PORT_RIGHT_RECEIVE,
    /// To send one message.
    SendOnce = MACH_PORT_RIGHT_SEND_ONCE,
    /// A set of ports to receive from.
    PortSet = MACH_PORT_RIGHT_PORT_SET,
    /// What is left of a right to a port that has died.
    DeadName = MACH_PORT_RIGHT_DEAD_NAME,
}

impl Right {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Send,
        Self::Receive,
        Self::SendOnce,
        Self::PortSet,
        Self::DeadName,
    ];

    /// The bit that stands for it in a type, `MACH_PORT_TYPE_*`.
    #[must_use]
    pub const fn bit(self) -> u32 {
        1 << (16 + self as u32)
    }
}

/// A name of another task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldName {
    /// The name.
    pub name: Name,
    /// What it has: `MACH_PORT_TYPE_*`.
    pub types: u32,
}

impl HeldName {
    /// Whether it has a right of a kind.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.types & right.bit() != 0
    }
}

/// The queue behind a receive right of another task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// How many messages are in it.
    pub messages: u32,
    /// How many it takes.
    pub limit: u32,
    /// Whether there are send rights.
    pub has_senders: bool,
    /// How many send-once rights there are.
    pub send_once_rights: u32,
    /// The number of the next message.
    pub sequence_number: u32,
}

impl TaskPort {
    pub(crate) fn new(right: SendRight, pid: i32) -> Self {
        Self {
            client: MachPortClient::new(right).with_timeout(PATIENCE),
            pid,
            relays: Arc::default(),
        }
    }

    /// Gives each call so long; `None` is for ever. It is 10 s at first.
    #[must_use]
    pub fn with_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.client = self.client.with_timeout(timeout);
        self
    }

    /// The process that it is the task of, by the kernel's word.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The calls themselves.
    #[must_use]
    pub fn calls(&self) -> &MachPortClient {
        &self.client
    }

    /// All names that the task has, by ascending name. The port that stands for the task is one of them.
    ///
    /// # Errors
    /// [`TaskError`].
    pub fn names(&self) -> Result<Vec<HeldName>, TaskError> {
        let (names, types): (OolArray<Name>, OolArray<u32>) = self.client.names()?;
        let pairs = names.iter().zip(types.iter());
        let mut all: Vec<_> = pairs
            .map(|(&name, &types)| HeldName { name, types })
            .collect();
        all.sort_unstable();
        Ok(all)
    }

    /// The sockets behind the task's names on Linux, each by its name there and the number of its inode. Who holds the peers of
    /// these sockets is at the other end of the name's rights. On macOS there are none.
    ///
    /// # Errors
    /// [`TaskError`].
    pub fn sockets(&self) -> Result<Vec<(Name, u64)>, TaskError> {
        let right = self.client.right().clone();
        let (names, inodes) = BesideClient::new(right)
            .with_limits(self.client.limits())
            .sockets()?;
        let pairs = names.iter().zip(inodes.iter());
        Ok(pairs.map(|(&name, &inode)| (name, inode)).collect())
    }

    /// What a name has: `MACH_PORT_TYPE_*`.
    ///
    /// # Errors
    /// [`TaskError`]; `KERN_INVALID_NAME` in it if the task has no such name.
    pub fn types(&self, name: Name) -> Result<u32, TaskError> {
        Ok(self.client.kind(name)?)
    }

    /// How many references a name has to a right of a kind.
    ///
    /// # Errors
    /// As for [`types`](Self::types).
    pub fn references(&self, name: Name, right: Right) -> Result<u32, TaskError> {
        Ok(self.client.get_refs(name, right as u32)?)
    }

    /// The queue behind a receive right.
    ///
    /// # Errors
    /// [`TaskError`]; `KERN_INVALID_RIGHT` in it if the name has no receive right.
    pub fn queue(&self, name: Name) -> Result<Queue, TaskError> {
        let status = self
            .client
            .get_attributes(name, MACH_PORT_RECEIVE_STATUS, STATUS_WORDS)?;
        let word = |index: usize| status.get(index).copied().unwrap_or_default();
        Ok(Queue {
            sequence_number: word(1),
            limit: word(3),
            messages: word(4),
            send_once_rights: word(5),
            has_senders: word(6) != 0,
        })
    }

    /// The members of a port set.
    ///
    /// # Errors
    /// [`TaskError`]; `KERN_INVALID_RIGHT` in it if the name has no port set.
    pub fn members(&self, name: Name) -> Result<Vec<Name>, TaskError> {
        Ok(self.client.get_set_status(name)?.to_vec())
    }

    /// Makes a receive right, a port set or a dead name there, and gives its name.
    ///
    /// # Errors
    /// [`TaskError`]; `KERN_INVALID_VALUE` in it for rights to send.
    pub fn allocate(&self, right: Right) -> Result<Name, TaskError> {
        Ok(self.client.allocate(right as u32)?)
    }

    /// Adds references to a right there, or takes some away; the last one of a receive right or a set ends it.
    ///
    /// # Errors
    /// [`TaskError`].
    pub fn mod_refs(&self, name: Name, right: Right, delta: i32) -> Result<(), TaskError> {
        Ok(self.client.mod_refs(name, right as u32, delta)?)
    }

    /// Releases a reference to a right to send, or to a dead name.
    ///
    /// # Errors
    /// [`TaskError`].
    pub fn deallocate(&self, name: Name) -> Result<(), TaskError> {
        Ok(self.client.deallocate(name)?)
    }

    /// Gives a name there a right of this task's, which goes there, is copied or is made.
    ///
    /// # Errors
    /// [`TaskError`]; `KERN_NAME_EXISTS` in it if the name has something else, `KERN_RIGHT_EXISTS` if the task has that
    /// port under another name.
    pub fn insert_right(&self, name: Name, right: OutgoingRight<'_>) -> Result<(), TaskError> {
        Ok(self.client.insert_right(name, right)?)
    }

    /// Takes a right from a name there, or has one made from it. `None`: what was there is dead.
    ///
    /// # Errors
    /// [`TaskError`].
    pub fn extract_right(
        &self,
        name: Name,
        disposition: Disposition,
    ) -> Result<Option<AnyRight>, TaskError> {
        Ok(self.client.extract_right(name, disposition.raw())?)
    }

    /// Has `notify` told once the port behind a name there dies, or the name or its task goes: a
    /// [`NameNotification`](crate::NameNotification). An earlier request for the name is replaced: its right ends unused.
    ///
    /// # Errors
    /// [`TaskError`]; then `notify` ends unused.
    pub fn request_dead_name(&self, name: Name, notify: SendOnceRight) -> Result<(), TaskError> {
        self.request(name, MACH_NOTIFY_DEAD_NAME, 0, notify)
    }

    /// As [`request_dead_name`](Self::request_dead_name), and told once the queue behind a send right has room.
    ///
    /// # Errors
    /// As there.
    pub fn request_send_possible(
        &self,
        name: Name,
        notify: SendOnceRight,
    ) -> Result<(), TaskError> {
        self.request(name, MACH_NOTIFY_SEND_POSSIBLE, 1, notify)
    }

    fn request(
        &self,
        name: Name,
        id: i32,
        sync: u32,
        notify: SendOnceRight,
    ) -> Result<(), TaskError> {
        let queue = self.relays.queue()?;
        // The relay works on the task by a port of its own, which does not keep other relays.
        let task = Self {
            relays: Arc::default(),
            ..self.clone()
        };
        let (relay, right) = Relay::new(task, name, notify, &queue)?;
        let right = OutgoingRight::Move(AnyRight::SendOnce(right));
        let replaced = self
            .client
            .request_notification(name, id, sync, Some(right))?;
        drop(replaced);
        self.relays.keep(relay);
        Ok(())
    }

    /// Whether nobody answers for the task any more.
    pub(crate) fn is_gone(&self) -> bool {
        let asked = self.client.kind(0);
        matches!(asked.map_err(TaskError::from), Err(TaskError::Gone))
    }
}
