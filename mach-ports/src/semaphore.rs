//! Counting semaphores that tasks share.

use std::ops::Deref;
use std::time::Duration;

use crate::calls::{self, NULL, Name};
use crate::deadline::Deadline;
use crate::error::{Error, ReturnCode, check};
use crate::ffi::clock_types::mach_timespec;
use crate::ffi::error::{err_get_system, err_mach_ipc};
use crate::ffi::message::{MACH_MSG_MASK, MACH_RCV_IN_PROGRESS};
use crate::ffi::{extra, semaphore as raw, sync_policy::SYNC_POLICY_FIFO};
use crate::right::SendRight;

/// A semaphore that this task has made. Dropping it destroys the semaphore for everyone: who waits, and who comes
/// later, gets [`SemaphoreError::Destroyed`].
///
/// ```
/// use std::time::Duration;
/// use mach_ports::{Semaphore, SemaphoreError};
///
/// let semaphore = Semaphore::new(0)?;
/// let handle = semaphore.handle()?; // its right can go to another task
/// let waiter = std::thread::spawn(move || handle.wait(Duration::from_secs(10)));
/// semaphore.signal()?;
/// assert_eq!(waiter.join().map_err(|_| "panicked")?, Ok(()));
/// assert_eq!(semaphore.wait(Duration::ZERO), Err(SemaphoreError::TimedOut));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Semaphore(SemaphoreHandle);

/// A right to use a semaphore, of this task or of another.
#[derive(Debug, Clone)]
pub struct SemaphoreHandle(SendRight);

/// Why a semaphore could not be used.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SemaphoreError {
    /// It was not signalled in time.
    #[error("the semaphore was not signalled until the deadline")]
    TimedOut,
    /// The task that made it has destroyed it.
    #[error("the semaphore has been destroyed")]
    Destroyed,
    /// The call failed; with `KERN_INVALID_ARGUMENT` or `KERN_INVALID_CAPABILITY`, the right is not one to a semaphore.
    #[error(transparent)]
    Failed(Error),
}

crate::debug_with_causes!(SemaphoreError);

impl Semaphore {
    /// A semaphore with a count, which the first waits take down.
    ///
    /// # Errors
    ///
    /// The count is above `i32::MAX`, or the kernel is short of a resource.
    pub fn new(count: u32) -> Result<Self, Error> {
        let call = "semaphore_create";
        let invalid = Error::new(call, crate::ffi::kern_return::KERN_INVALID_ARGUMENT);
        let count = i32::try_from(count).map_err(|_| invalid)?;
        let mut name = NULL;
        // SAFETY: `name` is valid for the call to write the right's name.
        let code =
            unsafe { raw::semaphore_create(calls::task(), &mut name, SYNC_POLICY_FIFO, count) };
        check(call, code)?;
        // SAFETY: the call gives its caller one reference to a send right.
        let right = unsafe { SendRight::from_raw(name) };
        right
            .map(|right| Self(SemaphoreHandle(right)))
            .ok_or(invalid)
    }

    /// A right to use it, to be kept or sent to another task.
    ///
    /// # Errors
    ///
    /// The right was released behind this value's back.
    pub fn handle(&self) -> Result<SemaphoreHandle, Error> {
        self.0.0.try_clone().map(SemaphoreHandle)
    }
}

impl Deref for Semaphore {
    type Target = SemaphoreHandle;

    fn deref(&self) -> &SemaphoreHandle {
        &self.0
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // The call takes a reference, and so does the handle when it is dropped: this makes the second one.
        let Ok(reference) = self.0.0.try_clone() else {
            return;
        };
        // SAFETY: the name is a semaphore of this task's, with the reference that the call takes.
        let code = unsafe { raw::semaphore_destroy(calls::task(), reference.name()) };
        if took_the_reference(code) {
            let _ = reference.into_raw();
        }
        if let Err(error) = check("semaphore_destroy", code) {
            tracing::warn!(%error, "a semaphore could not be destroyed");
        }
    }
}

/// Whether `semaphore_destroy` has taken the reference that it was given. It travels with the request, so a semaphore that
/// somebody else has destroyed costs it as well; it does not go where the request was not sent, or named no semaphore.
fn took_the_reference(code: i32) -> bool {
    let unsent = err_get_system(code) == err_get_system(err_mach_ipc)
        && (code & !MACH_MSG_MASK) < MACH_RCV_IN_PROGRESS;
    let refused = [
        ReturnCode::INVALID_NAME,
        ReturnCode::INVALID_RIGHT,
        ReturnCode::INVALID_CAPABILITY,
    ];
    !unsent && !refused.contains(&ReturnCode::new(code))
}

impl SemaphoreHandle {
    /// Uses a semaphore by a right that came in a message. Whether it is one shows at the first use.
    #[must_use]
    pub fn from_right(right: SendRight) -> Self {
        Self(right)
    }

    /// The right, to be sent in a message.
    #[must_use]
    pub fn right(&self) -> &SendRight {
        &self.0
    }

    /// Gives the right back.
    #[must_use]
    pub fn into_right(self) -> SendRight {
        self.0
    }

    /// Wakes one waiter, or lets the next one pass.
    ///
    /// # Errors
    ///
    /// See [`SemaphoreError`].
    pub fn signal(&self) -> Result<(), SemaphoreError> {
        // SAFETY: the call takes a name.
        self.call("semaphore_signal", |name| unsafe {
            raw::semaphore_signal(name)
        })
    }

    /// Wakes all waiters; nothing remains for later ones.
    ///
    /// # Errors
    ///
    /// See [`SemaphoreError`].
    pub fn signal_all(&self) -> Result<(), SemaphoreError> {
        // SAFETY: the call takes a name.
        self.call("semaphore_signal_all", |name| unsafe {
            extra::semaphore_signal_all(name)
        })
    }

    /// Waits for a signal, for `timeout` at most (`None` is for ever; zero only looks).
    ///
    /// # Errors
    ///
    /// See [`SemaphoreError`].
    pub fn wait(&self, timeout: impl Into<Option<Duration>>) -> Result<(), SemaphoreError> {
        let deadline = Deadline::after(timeout.into());
        loop {
            let waited = match deadline.remaining() {
                // SAFETY: the call takes a name.
                None => self.call("semaphore_wait", |name| unsafe {
                    raw::semaphore_wait(name)
                }),
                Some(left) => self.call("semaphore_timedwait", |name| {
                    let left = mach_timespec {
                        tv_sec: u32::try_from(left.as_secs()).unwrap_or(u32::MAX),
                        tv_nsec: left.subsec_nanos().cast_signed(),
                    };
                    // SAFETY: the call takes a name and a time.
                    unsafe { raw::semaphore_timedwait(name, left) }
                }),
            };
            match waited {
                // A signal handler ran.
                Err(SemaphoreError::Failed(error)) if error.code() == ReturnCode::ABORTED => {}
                waited => return waited,
            }
        }
    }

    fn call(
        &self,
        call: &'static str,
        function: impl FnOnce(Name) -> i32,
    ) -> Result<(), SemaphoreError> {
        check(call, function(self.0.name())).map_err(|error| match error.code() {
            ReturnCode::OPERATION_TIMED_OUT => SemaphoreError::TimedOut,
            ReturnCode::TERMINATED => SemaphoreError::Destroyed,
            _ if self.0.is_dead() => SemaphoreError::Destroyed,
            _ => SemaphoreError::Failed(error),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    const SOON: Duration = Duration::from_secs(10);

    #[test]
    fn the_count_lets_as_many_pass() {
        let semaphore = Semaphore::new(2).unwrap();
        semaphore.wait(SOON).unwrap();
        semaphore.wait(SOON).unwrap();
        assert_eq!(
            semaphore.wait(Duration::ZERO),
            Err(SemaphoreError::TimedOut)
        );
        semaphore.signal().unwrap();
        semaphore.wait(SOON).unwrap();
        assert!(Semaphore::new(u32::MAX).is_err());
    }

    #[test]
    fn a_signal_wakes_another_thread() {
        let (go, went) = (Semaphore::new(0).unwrap(), Semaphore::new(0).unwrap());
        thread::scope(|scope| {
            scope.spawn(|| {
                go.wait(SOON).unwrap();
                went.signal().unwrap();
            });
            go.signal().unwrap();
            went.wait(SOON).unwrap();
        });
    }

    #[test]
    fn a_destroyed_semaphore_ends_every_wait() {
        let semaphore = Semaphore::new(0).unwrap();
        let handle = semaphore.handle().unwrap();
        let waiter = thread::spawn(move || (handle.wait(SOON), handle.wait(SOON)));
        drop(semaphore);
        let destroyed = Err(SemaphoreError::Destroyed);
        assert_eq!(waiter.join().unwrap(), (destroyed, destroyed));
    }

    #[test]
    fn a_semaphore_that_was_destroyed_is_released_once() {
        let semaphore = Semaphore::new(0).unwrap();
        let (kept, given) = (semaphore.handle().unwrap(), semaphore.handle().unwrap());
        let given = given.into_right().into_raw();
        // SAFETY: the name has the reference that the call takes.
        let code = unsafe { raw::semaphore_destroy(calls::task(), given) };
        assert_eq!(code, 0);
        drop(semaphore);
        let name = kept.right().name();
        let mut references = 0;
        // SAFETY: `references` is valid for the call to write.
        let code = unsafe {
            let right = crate::ffi::port::MACH_PORT_RIGHT_SEND;
            extra::mach_port_get_refs(calls::task(), name, right, &mut references)
        };
        assert_eq!((code, references), (0, 1));
    }

    #[test]
    fn a_request_that_was_sent_has_taken_its_reference() {
        // Success, no owner, a server that died, a reply that did not come or did not fit.
        for code in [0, 4, -308, -300, 0x1000_4003, 0x1000_4004] {
            assert!(took_the_reference(code), "{code:#x}");
        }
        // Not sent, for its destination, its right or want of room; and what names no semaphore.
        for code in [0x1000_0003, 0x1000_0007, 0x1000_240d, 15, 17, 20] {
            assert!(!took_the_reference(code), "{code:#x}");
        }
    }

    #[test]
    fn a_port_is_no_semaphore() {
        let port = crate::ReceiveRight::new().unwrap();
        let handle = SemaphoreHandle::from_right(port.make_send().unwrap());
        assert!(matches!(
            handle.wait(Duration::ZERO),
            Err(SemaphoreError::Failed(_))
        ));
    }
}
