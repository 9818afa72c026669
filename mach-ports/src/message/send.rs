//! Sending.

use std::time::Duration;

use crate::calls::Name;
use crate::deadline::Deadline;
use crate::error::Error;
use crate::ffi::message as raw;
use crate::message::disposition::Disposition;
use crate::message::memory::OolMemory;
use crate::message::outgoing::Message;
use crate::message::parcel::Parcel;
use crate::message::received::ReplyRight;
use crate::right::{AnyRight, SendOnceRight, SendRight};
use crate::shortage::Shortage;

/// How to send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendOptions {
    /// How long to wait while the destination's queue is full; `None` is for ever.
    pub timeout: Option<Duration>,
}

impl SendOptions {
    /// Waits for ever while the destination's queue is full.
    #[must_use]
    pub const fn new() -> Self {
        Self { timeout: None }
    }

    /// Gives up after this time; zero does not wait at all.
    #[must_use]
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.timeout = timeout.into();
        self
    }
}

/// Why a message was not sent.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The receiver's side: the port has been destroyed. What the message was to move has been released.
    #[error("the destination port is dead")]
    DestinationDead,
    /// The receiver's side: it did not make room in time. The rights came back.
    #[error("the destination's queue stayed full until the deadline")]
    TimedOut(ReturnedMessage),
    /// The sender's side: the message is larger than the system takes. What it was to move has been released.
    #[error("the message is too large to be sent")]
    TooLarge,
    /// The sender's side, or a shortage: the call refused the message. What it was to move has been released.
    #[error(transparent)]
    Refused(Error),
    /// The call failed half-way and destroyed a part of the message: what of the rest this task still holds is
    /// unknown and has not been released.
    #[error("the message was destroyed in part: {0}")]
    Broken(Error),
}

crate::debug_with_causes!(SendError);

impl Message<'_> {
    /// Sends the message by a send right, which is kept.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn send(self, to: &SendRight, options: &SendOptions) -> Result<(), SendError> {
        self.deliver(to.name(), Disposition::CopySend, options)
    }

    /// Sends the message by a send-once right, which is used up.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn send_once(self, to: SendOnceRight, options: &SendOptions) -> Result<(), SendError> {
        self.deliver(to.into_raw(), Disposition::MoveSendOnce, options)
    }

    /// As [`send_once`](Self::send_once), but the right comes back where it was not used up: for who has something else to
    /// say by it then.
    ///
    /// # Errors
    ///
    /// See [`SendError`], with the right where the message was refused as it is or was too large.
    pub fn try_send_once(
        self,
        to: SendOnceRight,
        options: &SendOptions,
    ) -> Result<(), (SendError, Option<SendOnceRight>)> {
        let mut kept = None;
        self.deliver_keeping(to.into_raw(), Disposition::MoveSendOnce, options, &mut kept)
            .map_err(|error| match kept {
                Some(AnyRight::SendOnce(right)) => (error, Some(right)),
                _ => (error, None),
            })
    }

    /// Sends the message as a reply, by the right that came with the request.
    ///
    /// # Errors
    ///
    /// See [`SendError`].
    pub fn reply_by(self, to: ReplyRight, options: &SendOptions) -> Result<(), SendError> {
        match to {
            ReplyRight::SendOnce(to) => self.send_once(to, options),
            ReplyRight::Send(to) => self.deliver(to.into_raw(), Disposition::MoveSend, options),
        }
    }

    fn deliver(
        self,
        to: Name,
        disposition: Disposition,
        options: &SendOptions,
    ) -> Result<(), SendError> {
        self.deliver_keeping(to, disposition, options, &mut None)
    }

    /// `kept` becomes the right that it was to be sent by, if that was to be used up and was not.
    fn deliver_keeping(
        mut self,
        to: Name,
        disposition: Disposition,
        options: &SendOptions,
        kept: &mut Option<AnyRight>,
    ) -> Result<(), SendError> {
        let wire = &mut self.parcel.wire;
        let mut header = wire.header();
        header.set_remote(to, disposition.raw());
        wire.set_header(header);
        if !self.seal() {
            *kept = self.parcel.take_remote();
            return Err(SendError::TooLarge);
        }
        let Message { parcel, lent, .. } = self;
        let sent = send_parcel(parcel, options, kept);
        // Not before: the kernel copied from it.
        drop(lent);
        sent
    }
}

/// Sends a complete message, again and again after signals, until the deadline.
pub(super) fn send_parcel(
    parcel: Parcel,
    options: &SendOptions,
    kept: &mut Option<AnyRight>,
) -> Result<(), SendError> {
    // SAFETY: the call is the kernel's.
    unsafe { send_by(raw_send, parcel, options, kept) }
}

/// # Safety
///
/// The call does with the message what the kernel does when it returns the same code.
unsafe fn send_by(
    mut call: impl FnMut(&mut Parcel, Deadline) -> i32,
    mut parcel: Parcel,
    options: &SendOptions,
    kept: &mut Option<AnyRight>,
) -> Result<(), SendError> {
    let deadline = Deadline::after(options.timeout);
    loop {
        let code = call(&mut parcel, deadline);
        let error = Error::new("mach_msg", code);
        if code == raw::MACH_MSG_SUCCESS {
            parcel.sent();
            return Ok(());
        }
        match Shortage::split(code).0 {
            raw::MACH_SEND_TIMED_OUT | raw::MACH_SEND_INTERRUPTED => {
                // SAFETY: the kernel has written the message back, with the rights that this task now has.
                parcel = unsafe { reclaim(parcel) }.ok_or(SendError::Broken(error))?;
                // A wait that was cut short for its length, or by a signal, goes on with the message as it is.
                if deadline.has_passed() {
                    return Err(SendError::TimedOut(ReturnedMessage(parcel)));
                }
            }
            // The kernel takes back the header and the descriptors in front of the bad one and leaves the rest,
            // without saying which one is bad. Releasing a right twice could hit somebody else's reference. Where
            // it says no more than which resource was short, it has stopped at a descriptor too.
            raw::MACH_MSG_SUCCESS
            | raw::MACH_SEND_INVALID_RIGHT
            | raw::MACH_SEND_INVALID_MEMORY
            | raw::MACH_SEND_INVALID_RT_OOL_SIZE => {
                parcel.sent();
                return Err(SendError::Broken(error));
            }
            // From here on nothing was consumed: the parcel still owns everything and releases it.
            raw::MACH_SEND_INVALID_DEST => return Err(SendError::DestinationDead),
            code => {
                *kept = parcel.take_remote();
                return Err(match code {
                    raw::MACH_SEND_TOO_LARGE => SendError::TooLarge,
                    _ => SendError::Refused(error),
                });
            }
        }
    }
}

fn raw_send(parcel: &mut Parcel, deadline: Deadline) -> i32 {
    // Signals are met here, where the time that is left is known, and not in the C library.
    let mut option = raw::MACH_SEND_MSG | raw::MACH_SEND_INTERRUPT;
    let timeout = deadline.remaining_ms();
    if timeout.is_some() {
        option |= raw::MACH_SEND_TIMEOUT;
    }
    let size = parcel.wire.header().size;
    // SAFETY: the buffer holds a complete message of `size` bytes: header, descriptor count, descriptors and
    // inline bytes as counted. Memory that it names is owned by it or lent for the duration of the call.
    unsafe {
        raw::mach_msg(
            parcel.wire.as_mut_ptr().cast(),
            option,
            size,
            0,
            0,
            timeout.unwrap_or(raw::MACH_MSG_TIMEOUT_NONE),
            0,
        )
    }
}

/// Takes over what a failed send has written back.
///
/// # Safety
///
/// The kernel has pseudo-received the message into the parcel's buffer.
unsafe fn reclaim(mut parcel: Parcel) -> Option<Parcel> {
    let mut wire = crate::message::wire::Wire::new();
    std::mem::swap(&mut wire, &mut parcel.wire);
    // SAFETY: the caller's promise; the old parcel has an empty buffer and releases nothing.
    unsafe { Parcel::from_kernel(wire) }.ok()
}

/// What a send that timed out gave back. The kernel has received the message in the sender's place, so what
/// was copied or made is one right more. All of it is released unless it is taken.
#[derive(Debug)]
pub struct ReturnedMessage(Parcel);

impl ReturnedMessage {
    /// Takes the right that the message was sent by.
    pub fn take_destination(&mut self) -> Option<AnyRight> {
        self.0.take_remote()
    }

    /// Takes the right that the reply was to come by.
    pub fn take_reply(&mut self) -> Option<AnyRight> {
        self.0.take_local()
    }

    /// Takes the right of a port descriptor.
    pub fn take_right(&mut self, index: usize) -> Option<AnyRight> {
        self.0.take_right(index)
    }

    /// Takes the memory of an out-of-line descriptor.
    pub fn take_memory(&mut self, index: usize) -> Option<OolMemory> {
        self.0.take_memory(index)
    }

    /// Tries again to send the message to where it was to go, with what has not been taken from it.
    ///
    /// # Errors
    ///
    /// See [`SendError`]; it is refused if the destination has been taken.
    pub fn resend(self, options: &SendOptions) -> Result<(), SendError> {
        send_parcel(self.0, options, &mut None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a message whose sending ends with this code.
    fn sent(code: i32) -> Result<(), SendError> {
        // SAFETY: a message that holds nothing is the same before and after each of the codes.
        unsafe { send_by(|_, _| code, Parcel::new(1), &SendOptions::new(), &mut None) }
    }

    #[test]
    fn a_bare_resource_code_is_no_success() {
        assert!(sent(raw::MACH_MSG_SUCCESS).is_ok());
        for code in [
            raw::MACH_MSG_VM_KERNEL,
            raw::MACH_MSG_IPC_KERNEL,
            raw::MACH_MSG_VM_SPACE,
            raw::MACH_MSG_IPC_SPACE,
            raw::MACH_MSG_MASK,
        ] {
            match sent(code) {
                Err(SendError::Broken(error)) => assert_eq!(error.code().get(), code),
                other => panic!("{code:#x}: {other:?}"),
            }
        }
    }

    #[test]
    fn resource_bits_do_not_hide_what_went_wrong() {
        let with = |code| sent(code | raw::MACH_MSG_VM_KERNEL);
        assert!(matches!(
            with(raw::MACH_SEND_INVALID_MEMORY),
            Err(SendError::Broken(_))
        ));
        assert!(matches!(
            with(raw::MACH_SEND_INVALID_DEST),
            Err(SendError::DestinationDead)
        ));
        assert!(matches!(
            with(raw::MACH_SEND_TOO_LARGE),
            Err(SendError::TooLarge)
        ));
        match with(raw::MACH_SEND_NO_BUFFER) {
            Err(error @ SendError::Refused(_)) => assert_eq!(
                error.to_string(),
                "mach_msg failed: (ipc/send) no msg buffer, \
                 the kernel is short of resources for out-of-line memory (0x1000040d)"
            ),
            other => panic!("{other:?}"),
        }
    }
}
