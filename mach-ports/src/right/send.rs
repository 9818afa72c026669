//! The send right.

use std::mem::ManuallyDrop;
use std::num::NonZeroU32;

use crate::calls;
use crate::error::{Error, ReturnCode};
use crate::ffi::{notify, port};
use crate::right::kind::RightKind;
use crate::right::owned::{is_dead, right};
use crate::right::request::request;
use crate::right::send_once::SendOnceRight;

/// One reference to a right to send to a port, or to the dead name that it became.
///
/// When the port is destroyed the name stays, as a *dead name*: [`is_dead`](Self::is_dead) tells, and
/// sending fails with [`SendError::DestinationDead`](crate::SendError::DestinationDead).
#[derive(PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct SendRight(NonZeroU32);

right!(SendRight, RightKind::Send, calls::deallocate);

/// There is no system on which a task has no port.
const NO_TASK: Error = Error::new("mach_task_self", ReturnCode::INVALID_NAME.get());

impl SendRight {
    /// A right to this task's own port, `mach_task_self()`: who sends requests by it works on this task.
    ///
    /// # Errors
    ///
    /// There are too many references to it.
    pub fn own_task() -> Result<Self, Error> {
        // No release of the name's first reference: that is every caller's of `mach_task_self`.
        let own = ManuallyDrop::new(Self(NonZeroU32::new(calls::task()).ok_or(NO_TASK)?));
        own.try_clone()
    }

    /// Whether the port has been destroyed. `false` may be out of date at once, `true` never is.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        is_dead(self.name())
    }

    /// One more reference to the same right; a dead name gives a dead name.
    ///
    /// # Errors
    ///
    /// The reference that this value owns was released behind its back.
    pub fn try_clone(&self) -> Result<Self, Error> {
        match calls::mod_refs(self.name(), port::MACH_PORT_RIGHT_SEND, 1) {
            // It is a dead name, or is becoming one: a dead name never comes to life again.
            Err(error) if error.code() == ReturnCode::INVALID_RIGHT => {
                calls::mod_refs(self.name(), port::MACH_PORT_RIGHT_DEAD_NAME, 1)?;
            }
            other => other?,
        }
        Ok(Self(self.0))
    }

    /// The references that the task holds under this name: to the send right, or to the dead name.
    ///
    /// # Errors
    ///
    /// The reference that this value owns was released behind its back.
    pub fn references(&self) -> Result<u32, Error> {
        let right = if self.is_dead() {
            port::MACH_PORT_RIGHT_DEAD_NAME
        } else {
            port::MACH_PORT_RIGHT_SEND
        };
        calls::references(self.name(), right)
    }

    /// Asks for a dead-name notification to `notify` when the port is destroyed.
    /// Returns the right of an earlier request that this one replaces.
    ///
    /// # Errors
    ///
    /// The port is dead already (`KERN_INVALID_ARGUMENT`), or the notify right is. It is gone in any case.
    pub fn request_dead_name(&self, notify: SendOnceRight) -> Result<Option<SendOnceRight>, Error> {
        request(self.name(), notify::MACH_NOTIFY_DEAD_NAME, 0, Some(notify))
    }

    /// Withdraws a dead-name or send-possible request and returns its right.
    ///
    /// # Errors
    ///
    /// The port is dead already.
    pub fn cancel_dead_name(&self) -> Result<Option<SendOnceRight>, Error> {
        request(self.name(), notify::MACH_NOTIFY_DEAD_NAME, 0, None)
    }

    /// Asks for a send-possible notification to `notify`: at once if the queue has room, else as soon as it has.
    /// It shares its place with the dead-name request. Returns the right of the one that it replaces.
    ///
    /// # Errors
    ///
    /// The notify right is dead. It is gone in any case.
    pub fn request_send_possible(
        &self,
        notify: SendOnceRight,
    ) -> Result<Option<SendOnceRight>, Error> {
        request(
            self.name(),
            notify::MACH_NOTIFY_SEND_POSSIBLE,
            1,
            Some(notify),
        )
    }
}

/// Adds one user reference to the right, or to the dead name.
///
/// # Panics
///
/// If the reference that this value owns was released behind its back, which takes `unsafe` code that
/// broke its promise; [`SendRight::try_clone`] returns that as an error.
impl Clone for SendRight {
    fn clone(&self) -> Self {
        match self.try_clone() {
            Ok(right) => right,
            Err(error) => panic!("{self:?} is not held any more: {error}"),
        }
    }
}
