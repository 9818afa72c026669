//! The child's side: a port that stands for its task.

use std::time::Duration;

use mach_interface::kind::OolArray;
use mach_interface::server::serve_one;
use mach_ports::dispatch::{DispatchError, MachReceiveSource, SerialQueue};
use mach_ports::{
    Error, Message, Name, ReceiveOptions, ReceiveRight, ReceivedMessage, ReturnCode, SendError,
    SendOnceRight, SendOptions, SendRight, census, platform,
};

use crate::interface::{Beside, BesideServer};

/// The id of the message that brings the right.
pub(crate) const OFFER: i32 = i32::from_be_bytes(*b"mrtp");

/// The ids that are passed on: MIG's subsystem `mach_port`.
const PASSED_ON: std::ops::Range<i32> = 3200..3300;

/// Those that the library answers itself.
const ANSWERED: std::ops::Range<i32> = 0x6d72_7500..0x6d72_7501;

/// A right is answered at once, or not at all: nobody may hold up who works on the task.
const AT_ONCE: Duration = Duration::ZERO;

/// This task's port, lent to its parent for as long as this lives.
///
/// The library passes on what comes, on a queue of its own.
#[derive(Debug)]
pub struct Offer {
    name: Name,
    source: Option<MachReceiveSource>,
}

/// Why the task's port could not be offered.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// This task's side: there is no port.
    #[error("there is no port to offer")]
    Port(#[from] Error),
    /// This task's side: nobody can be made to wait for requests.
    #[error("nobody can wait for requests")]
    Dispatch(#[from] DispatchError),
    /// The parent's side: it does not take the offer (any more).
    #[error("the parent does not take the offer")]
    NotTaken(#[source] SendError),
}

mach_ports::debug_with_causes!(OfferError);

impl Offer {
    /// Offers this task's port to the process that started this one, by the right that it gave.
    /// Others who got hold of the right are not answered.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn to_parent(right: SendOnceRight) -> Result<Self, OfferError> {
        Self::to_process(right, platform::parent_pid())
    }

    /// Offers this task's port to this very process, for tests.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn to_own_process(right: SendOnceRight) -> Result<Self, OfferError> {
        Self::to_process(right, std::process::id().cast_signed())
    }

    fn to_process(right: SendOnceRight, pid: i32) -> Result<Self, OfferError> {
        let task = SendRight::own_task()?;
        let port = ReceiveRight::new()?;
        let (name, offered) = (port.name(), port.make_send()?);
        let queue = SerialQueue::new("task-port")?;
        let source = MachReceiveSource::new(port, &queue, move |port| {
            pass_on_next(port, &task, pid);
        })?;
        Message::new(OFFER)
            .move_right(offered)
            .send_once(right, &SendOptions::new().timeout(AT_ONCE))
            .map_err(OfferError::NotTaken)?;
        Ok(Self {
            name,
            source: Some(source),
        })
    }

    /// The name of the port that is lent, which lists of this task's names show, too.
    #[must_use]
    pub fn name(&self) -> Name {
        self.name
    }
}

impl Drop for Offer {
    /// Takes the offer back. A request that is being passed on is still answered.
    fn drop(&mut self) {
        if let Some(source) = self.source.take() {
            drop(source.cancel_and_wait());
        }
    }
}

fn pass_on_next(port: &ReceiveRight, task: &SendRight, parent: i32) {
    match port.receive(&ReceiveOptions::new().timeout(AT_ONCE)) {
        Ok(message) if is_from(&message, parent) && ANSWERED.contains(&message.id()) => {
            serve_one(message, &[Box::new(BesideServer::new(Own))]).send();
        }
        Ok(message) if is_from(&message, parent) && PASSED_ON.contains(&message.id()) => {
            if let Err(error) = message.forward(task, &SendOptions::new().timeout(AT_ONCE)) {
                tracing::warn!(%error, "a request to this task was not passed on");
            }
        }
        // Dropping it destroys its reply right, by which the sender is told.
        Ok(message) => tracing::warn!(id = message.id(), "not a request that this task answers"),
        Err(error) => tracing::debug!(%error, "no request"),
    }
}

fn is_from(message: &ReceivedMessage, parent: i32) -> bool {
    let sender = message.audit_token().map(|token| token.pid());
    sender == Some(parent)
}

/// This process, which knows what its kernel does not tell others.
struct Own;

impl Beside for Own {
    fn sockets(&self) -> Result<(OolArray<Name>, OolArray<u64>), ReturnCode> {
        let held = census::names().map_err(|error| error.code())?;
        let pairs = held.iter().flat_map(|entry| {
            let sockets = platform::sockets(entry.name).into_iter();
            sockets.map(|inode| (entry.name, inode))
        });
        let (names, inodes): (Vec<_>, Vec<_>) = pairs.unzip();
        let shortage = |_| ReturnCode::RESOURCE_SHORTAGE;
        Ok((
            OolArray::try_from(names).map_err(shortage)?,
            OolArray::try_from(inodes).map_err(shortage)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Expected, TaskError};

    #[test]
    fn nobody_but_the_parent_is_answered() {
        let (expected, right) = Expected::new().unwrap();
        // This process asks, and its parent would be answered.
        let offer = Offer::to_parent(right).unwrap();
        let task = expected.accept(Duration::from_secs(60)).unwrap();
        assert!(matches!(task.names(), Err(TaskError::Gone)));
        drop(offer);
    }

    #[test]
    fn only_calls_on_names_are_passed_on() {
        let (expected, right) = Expected::new().unwrap();
        let _offer = Offer::to_own_process(right).unwrap();
        let task = expected.accept(Duration::from_secs(60)).unwrap();
        assert!(!task.names().unwrap().is_empty());
        let reply = ReceiveRight::new().unwrap();
        let to = task.calls().right();
        for id in [3199, 3300, 3405, 4808] {
            let request = Message::new(id).reply_to_make_send_once(&reply);
            request.send(to, &SendOptions::new()).unwrap();
            let answer = reply.receive(&ReceiveOptions::new().timeout(Duration::from_secs(60)));
            let answer = answer.unwrap().notification();
            assert_eq!(answer, Some(mach_ports::Notification::SendOnce), "{id}");
        }
    }
}
