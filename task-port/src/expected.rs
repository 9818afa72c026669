//! The parent waits for the offer.

use std::time::Duration;

use mach_ports::{Error, Notification, ReceiveError, ReceiveOptions, ReceiveRight, SendOnceRight};

use crate::offer::OFFER;
use crate::{AcceptError, TaskPort};

/// A child's task port that its parent waits for.
#[derive(Debug)]
pub struct Expected(ReceiveRight);

impl Expected {
    /// Waits for a new offer, by the right that the child is to get.
    ///
    /// # Errors
    /// The kernel has no room for a port.
    pub fn new() -> Result<(Self, SendOnceRight), Error> {
        let port = ReceiveRight::new()?;
        let right = port.make_send_once()?;
        Ok((Self(port), right))
    }

    /// Takes the offer, for which it waits so long.
    ///
    /// # Errors
    /// [`AcceptError`].
    pub fn accept(&self, timeout: Duration) -> Result<TaskPort, AcceptError> {
        self.accept_if(timeout, |_| true)
    }

    /// As [`accept`](Self::accept), of one process only.
    ///
    /// # Errors
    /// [`AcceptError`]; [`AcceptError::NoOffer`] if another process offers something.
    pub fn accept_from(&self, process: i32, timeout: Duration) -> Result<TaskPort, AcceptError> {
        self.accept_if(timeout, |pid| pid == process)
    }

    fn accept_if(
        &self,
        timeout: Duration,
        is_it: impl FnOnce(i32) -> bool,
    ) -> Result<TaskPort, AcceptError> {
        let mut message = match self.0.receive(&ReceiveOptions::new().timeout(timeout)) {
            Ok(message) => message,
            Err(ReceiveError::TimedOut) => return Err(AcceptError::TimedOut),
            Err(error) => return Err(AcceptError::Receive(error)),
        };
        if matches!(message.notification(), Some(Notification::SendOnce)) {
            return Err(AcceptError::NotOffered);
        }
        let pid = message.audit_token().map(|token| token.pid());
        match (message.id() == OFFER, pid, message.take_send(0)) {
            (true, Some(pid), Ok(Some(right))) if is_it(pid) => Ok(TaskPort::new(right, pid)),
            _ => Err(AcceptError::NoOffer),
        }
    }
}
