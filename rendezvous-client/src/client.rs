use std::collections::BTreeMap;
use std::sync::OnceLock;

use mach_ports::{AnyRight, ReceiveRight, RightKind, SendOnceRight, SendRight};
use parking_lot::Mutex;
use rendezvous_protocol::TASK_PORT;

use crate::connect::{Answer, connect};
use crate::task_port::Lent;
use crate::{ConnectError, ConnectOptions, TakeError};

pub(crate) static INSTANCE: OnceLock<Result<RendezvousClient, ConnectError>> = OnceLock::new();

/// The ports that the parent registered for this process.
///
/// All of them are fetched at once, by one message; then each is taken once, by
/// its key, on any thread. Dropping the client destroys what was not taken.
#[derive(Debug)]
pub struct RendezvousClient {
    ports: Mutex<BTreeMap<u32, Option<AnyRight>>>,
    additional_data: Vec<u8>,
    bootstrap_name: Option<String>,
    task_port: Lent,
}

impl RendezvousClient {
    /// The client of this process: the first call fetches the ports, with the
    /// default options, and every call returns the same result.
    ///
    /// A collection is claimed once, hence so is the result: a failure stays.
    ///
    /// ```no_run
    /// use rendezvous_client::{RendezvousClient, key};
    ///
    /// let client = RendezvousClient::instance()?;
    /// let results = client.take_send(key(b"rslt"))?;
    /// # _ = results;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ConnectError`] of the first call.
    pub fn instance() -> Result<&'static Self, &'static ConnectError> {
        Self::instance_with(&ConnectOptions::new())
    }

    /// As [`Self::instance`], with these options if this is the first call.
    ///
    /// # Errors
    /// [`ConnectError`] of the first call.
    pub fn instance_with(options: &ConnectOptions) -> Result<&'static Self, &'static ConnectError> {
        INSTANCE.get_or_init(|| Self::connect(options)).as_ref()
    }

    /// Fetches the ports.
    ///
    /// A process for which nothing is registered, or whose collection was
    /// claimed before, gets a client without ports. One whose ports are refused, or that somebody else answers, gets an error.
    ///
    /// # Errors
    /// [`ConnectError`]; everything received is destroyed. A process whose parent
    /// has no server, because a shell started it for one, gets
    /// [`ConnectError::LookUp`].
    pub fn connect(options: &ConnectOptions) -> Result<Self, ConnectError> {
        connect(options).map(|answer| Self::new(answer, options))
    }

    pub(crate) fn new(answer: Answer, options: &ConnectOptions) -> Self {
        let Answer {
            mut reply,
            bootstrap_name,
        } = answer;
        let task_port = Lent::to_who_asks(reply.ports.remove(&TASK_PORT).flatten(), options);
        tracing::debug!(
            server = bootstrap_name,
            ports = reply.ports.len(),
            "rendezvous"
        );
        Self {
            ports: Mutex::new(reply.ports),
            additional_data: reply.data,
            bootstrap_name,
            task_port,
        }
    }

    /// Whether the parent has this task's port.
    #[must_use]
    pub fn lends_task_port(&self) -> bool {
        self.task_port.is_lent()
    }

    /// Takes this task's port back from the parent. A request that is being answered still is.
    pub fn revoke_task_port(&self) {
        self.task_port.revoke();
    }

    /// Takes the send right under `key`; `None` if there is nothing, or no
    /// longer.
    ///
    /// # Errors
    /// [`TakeError`] leaves in place what is there.
    pub fn take_send(&self, key: u32) -> Result<Option<SendRight>, TakeError> {
        self.take(key, RightKind::Send, |right| match right {
            AnyRight::Send(right) => Ok(right),
            other => Err(other),
        })
    }

    /// Takes the send-once right under `key`; `None` if there is nothing, or no
    /// longer.
    ///
    /// # Errors
    /// [`TakeError`] leaves in place what is there.
    pub fn take_send_once(&self, key: u32) -> Result<Option<SendOnceRight>, TakeError> {
        self.take(key, RightKind::SendOnce, |right| match right {
            AnyRight::SendOnce(right) => Ok(right),
            other => Err(other),
        })
    }

    /// Takes the receive right under `key`, with the messages that are queued
    /// in it; `None` if there is nothing, or no longer.
    ///
    /// # Errors
    /// [`TakeError`] leaves in place what is there.
    pub fn take_receive(&self, key: u32) -> Result<Option<ReceiveRight>, TakeError> {
        self.take(key, RightKind::Receive, |right| match right {
            AnyRight::Receive(right) => Ok(right),
            other => Err(other),
        })
    }

    fn take<R>(
        &self,
        key: u32,
        expected: RightKind,
        cast: impl FnOnce(AnyRight) -> Result<R, AnyRight>,
    ) -> Result<Option<R>, TakeError> {
        let mut ports = self.ports.lock();
        let right = match ports.remove(&key) {
            Some(Some(right)) => right,
            Some(None) => {
                ports.insert(key, None);
                return Err(TakeError::Dead { key });
            }
            None => return Ok(None),
        };
        cast(right).map(Some).map_err(|other| {
            let found = other.kind();
            ports.insert(key, Some(other));
            TakeError::WrongKind {
                key,
                expected,
                found,
            }
        })
    }

    /// The number of ports that have not been taken.
    #[must_use]
    pub fn port_count(&self) -> usize {
        self.ports.lock().len()
    }

    /// The keys of the ports that have not been taken, ascending.
    #[must_use]
    pub fn keys(&self) -> Vec<u32> {
        self.ports.lock().keys().copied().collect()
    }

    /// The bytes that the parent registered beside the ports; empty if there
    /// are none.
    #[must_use]
    pub fn additional_data(&self) -> &[u8] {
        &self.additional_data
    }

    /// The name of the server that answered; `None` if it was reached through
    /// the inherited bootstrap port.
    #[must_use]
    pub fn bootstrap_name(&self) -> Option<&str> {
        self.bootstrap_name.as_deref()
    }
}
