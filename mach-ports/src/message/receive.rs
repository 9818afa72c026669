//! Receiving.

// What a stranger sent trips no index and no sum.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

use std::time::Duration;

use crate::calls::Name;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::ffi::message as raw;
use crate::message::layout::{AuditTrailer, HEADER_SIZE, TRAILER_SIZE};
use crate::message::parcel::Parcel;
use crate::message::received::ReceivedMessage;
use crate::message::wire::Wire;
use crate::right::ReceiveRight;
use crate::shortage::Shortage;

/// The largest message for which the size of the buffer, trailer included, is a number of 32 bits.
const LARGEST: usize = u32::MAX as usize - TRAILER_SIZE;

/// How to receive. The audit trailer is always asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiveOptions {
    /// How long to wait for a message; `None` is for ever.
    pub timeout: Option<Duration>,
    /// The largest message to accept, in bytes: header, descriptors and inline bytes. Out-of-line memory does
    /// not count.
    pub max_size: usize,
}

impl ReceiveOptions {
    /// Waits for ever and takes up to 1 MiB.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            timeout: None,
            max_size: 1 << 20,
        }
    }

    /// Gives up after this time; zero does not wait at all.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }

    /// Destroys larger messages.
    #[must_use]
    pub const fn max_size(mut self, bytes: usize) -> Self {
        self.max_size = bytes;
        self
    }
}

impl Default for ReceiveOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Why no message was received.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// Nothing came in time.
    #[error("no message came until the deadline")]
    TimedOut,
    /// The sender's side: a message was larger than the limit. It has been destroyed, and its rights with it. Who
    /// sent it is not known: what the kernel leaves of such a message carries the kernel's own token.
    #[error(
        "a message of {needed} bytes was over the limit of {limit}, which `ReceiveOptions::max_size` sets"
    )]
    TooLarge {
        /// The message's size.
        needed: usize,
        /// What was allowed.
        limit: usize,
    },
    /// The receive right was moved away or destroyed, or the set was destroyed, during the wait.
    #[error("the port was moved or destroyed while a message was waited for")]
    PortChanged,
    /// A message lost rights or memory on arrival because this task is short of a resource. What arrived
    /// of it has been released.
    #[error(
        "a message arrived damaged and was destroyed: {0}; this process is short of memory, names or, on Linux, descriptors (`RLIMIT_NOFILE`)"
    )]
    Damaged(Error),
    /// A message contradicts itself. What could be made out of it has been released.
    #[error("a message with a malformed descriptor list was destroyed")]
    Malformed,
    /// The caller's side: the runtime that watches the port is being shut down. Nothing was received. Only a
    /// `tokio::Receiver`, which the feature `tokio` brings, has this.
    #[error("the runtime that watches the port is being shut down")]
    ShutDown,
    /// The call failed.
    #[error(transparent)]
    Failed(Error),
}

crate::debug_with_causes!(ReceiveError);

impl ReceiveRight {
    /// Receives the next message.
    ///
    /// # Errors
    ///
    /// See [`ReceiveError`].
    pub fn receive(&self, options: &ReceiveOptions) -> Result<ReceivedMessage, ReceiveError> {
        receive_on(self.name(), options)
    }
}

/// Receives from a port or a port set.
pub(crate) fn receive_on(
    port: Name,
    options: &ReceiveOptions,
) -> Result<ReceivedMessage, ReceiveError> {
    let call =
        |wire: &mut Wire, room, keep, deadline| raw_receive(wire, port, room, keep, deadline);
    // SAFETY: the call is the kernel's.
    unsafe { receive_by(call, options) }
}

/// # Safety
///
/// The call leaves in the buffer what the kernel leaves when it returns the same code.
unsafe fn receive_by(
    mut call: impl FnMut(&mut Wire, u32, i32, Deadline) -> i32,
    options: &ReceiveOptions,
) -> Result<ReceivedMessage, ReceiveError> {
    let deadline = Deadline::after(options.timeout);
    let limit = options.max_size.clamp(HEADER_SIZE, LARGEST);
    let mut wire = Wire::new();
    // A message that does not fit stays in the queue and tells its size, so that the buffer can grow. One
    // that is over the limit must not stay: it is received without that option, which destroys it. Between the
    // two calls another thread may have taken it, so the second one accepts whatever fits the limit.
    let mut over_limit = None;
    loop {
        let room = wire.capacity().min(limit.saturating_add(TRAILER_SIZE));
        let keep = if over_limit.is_none() {
            raw::MACH_RCV_LARGE
        } else {
            0
        };
        let code = call(&mut wire, room as u32, keep, deadline);
        let error = Error::new("mach_msg", code);
        if code == raw::MACH_MSG_SUCCESS {
            // SAFETY: the kernel has just written the message into the buffer.
            return unsafe { ReceivedMessage::from_kernel(wire) }
                .map_err(|_| ReceiveError::Malformed);
        }
        match Shortage::split(code).0 {
            raw::MACH_RCV_TOO_LARGE => {
                let needed = wire.header().size as usize;
                if let Some(needed) = over_limit {
                    return Err(ReceiveError::TooLarge { needed, limit });
                }
                if needed > limit {
                    over_limit = Some(needed);
                    wire.reserve(limit.saturating_add(TRAILER_SIZE));
                } else {
                    // At least some progress, so that a wrong size cannot keep this going for ever.
                    let more = wire.capacity().saturating_add(1);
                    wire.reserve(needed.saturating_add(TRAILER_SIZE).max(more));
                }
            }
            raw::MACH_RCV_TIMED_OUT if deadline.has_passed() => return Err(ReceiveError::TimedOut),
            raw::MACH_RCV_TIMED_OUT | raw::MACH_RCV_INTERRUPTED => {}
            raw::MACH_RCV_PORT_CHANGED | raw::MACH_RCV_PORT_DIED => {
                return Err(ReceiveError::PortChanged);
            }
            // The first is a code that says no more than which resource was short.
            raw::MACH_MSG_SUCCESS | raw::MACH_RCV_BODY_ERROR | raw::MACH_RCV_HEADER_ERROR => {
                // SAFETY: the kernel has written what is left of the message; the buffer was blank before.
                drop(unsafe { ReceivedMessage::from_kernel(wire) });
                return Err(ReceiveError::Damaged(error));
            }
            _ => return Err(ReceiveError::Failed(error)),
        }
    }
}

fn raw_receive(wire: &mut Wire, port: Name, room: u32, keep: i32, deadline: Deadline) -> i32 {
    // MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) is 0.
    const AUDIT_TRAILER: i32 = (raw::MACH_RCV_TRAILER_AUDIT as i32) << 24;
    // Signals are met by the caller, who knows what is left of the time, and not in the C library.
    let mut option = raw::MACH_RCV_MSG | raw::MACH_RCV_INTERRUPT | AUDIT_TRAILER | keep;
    let timeout = deadline.remaining_ms();
    if timeout.is_some() {
        option |= raw::MACH_RCV_TIMEOUT;
    }
    wire.blank();
    // SAFETY: the buffer has at least `room` bytes, which is what the kernel may write.
    unsafe {
        raw::mach_msg(
            wire.as_mut_ptr().cast(),
            option,
            0,
            room,
            port,
            timeout.unwrap_or(raw::MACH_MSG_TIMEOUT_NONE),
            0,
        )
    }
}

/// The trailer behind `size` bytes of message, if it is there and long enough.
fn trailer(wire: &mut Wire, size: usize) -> Option<AuditTrailer> {
    wire.set_len(wire.capacity());
    let trailer: AuditTrailer = wire.read(size.checked_next_multiple_of(4)?)?;
    (trailer.type_ == raw::MACH_MSG_TRAILER_FORMAT_0 && trailer.size as usize >= TRAILER_SIZE)
        .then_some(trailer)
}

impl ReceivedMessage {
    /// Takes over a message that the kernel wrote into `wire`.
    ///
    /// # Safety
    ///
    /// As for [`Parcel::from_kernel`].
    unsafe fn from_kernel(mut wire: Wire) -> Result<Self, crate::message::parcel::Malformed> {
        wire.set_len(HEADER_SIZE);
        let mut header = wire.header();
        let trailer = trailer(&mut wire, header.size as usize);
        wire.set_len(header.size as usize);
        let (bits, port) = (header.bits, header.local);
        // The local port names the port that the message came to; it brings no right.
        header.set_local(0, 0);
        wire.set_header(header);
        // SAFETY: the caller's promise.
        let parcel = unsafe { Parcel::from_kernel(wire) }?;
        Ok(Self::new(parcel, bits, port, trailer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Why nothing is received where receiving ends with this code.
    fn refused(code: i32) -> ReceiveError {
        let call = |wire: &mut Wire, _, _, _| {
            wire.blank();
            code
        };
        // SAFETY: a blank buffer holds nothing.
        unsafe { receive_by(call, &ReceiveOptions::new()) }.unwrap_err()
    }

    #[test]
    fn a_bare_resource_code_is_no_message() {
        for code in [raw::MACH_MSG_VM_KERNEL, raw::MACH_MSG_IPC_SPACE] {
            let damaged = ReceiveError::Damaged(Error::new("mach_msg", code));
            assert_eq!(refused(code), damaged);
        }
    }

    #[test]
    fn resource_bits_do_not_hide_what_went_wrong() {
        assert_eq!(
            refused(raw::MACH_RCV_BODY_ERROR | raw::MACH_MSG_IPC_SPACE).to_string(),
            "a message arrived damaged and was destroyed: mach_msg failed: \
             (ipc/rcv) body error, no room for another right (0x1000600c); \
             this process is short of memory, names or, on Linux, descriptors (`RLIMIT_NOFILE`)"
        );
        let changed = refused(raw::MACH_RCV_PORT_CHANGED | raw::MACH_MSG_IPC_SPACE);
        assert_eq!(changed, ReceiveError::PortChanged);
        let failed = refused(raw::MACH_RCV_INVALID_NAME | raw::MACH_MSG_VM_SPACE);
        assert!(matches!(failed, ReceiveError::Failed(_)), "{failed:?}");
    }
}
