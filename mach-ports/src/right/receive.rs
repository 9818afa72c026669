//! The receive right: the port itself, as its one receiver holds it.

use std::num::NonZeroU32;

use crate::calls;
use crate::error::Error;
use crate::ffi::{notify, port};
use crate::right::kind::RightKind;
use crate::right::owned::right;
use crate::right::request::request;
use crate::right::send::SendRight;
use crate::right::send_once::SendOnceRight;
use crate::sys;

/// A port, held by the one task that may receive from it.
///
/// Dropping it destroys the port: messages still queued are destroyed with their rights, and every
/// send right to it becomes a dead name.
#[derive(PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct ReceiveRight(NonZeroU32);

right!(ReceiveRight, RightKind::Receive, |name| {
    calls::mod_refs(name, port::MACH_PORT_RIGHT_RECEIVE, -1)
});

/// What `mach_port_get_attributes` tells of a port: `mach_port_status_t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PortStatus {
    /// Sequence number of the next message to be received.
    pub sequence_number: u32,
    /// How often send rights were made from the receive right.
    pub make_send_count: u32,
    /// Most messages that wait before senders do.
    pub queue_limit: u32,
    /// Messages that wait now.
    pub message_count: u32,
    /// Send-once rights that exist.
    pub send_once_rights: u32,
    /// Whether any send right exists.
    pub has_senders: bool,
    /// Whether it is a member of a port set.
    pub in_set: bool,
    /// Whether a port-destroyed notification was asked for.
    pub port_destroyed_requested: bool,
    /// Whether a no-senders notification was asked for.
    pub no_senders_requested: bool,
}

impl ReceiveRight {
    /// A new port.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory (on Linux: of descriptors).
    pub fn new() -> Result<Self, Error> {
        let name = calls::allocate(port::MACH_PORT_RIGHT_RECEIVE)?;
        // SAFETY: the name was made for this right, which nothing else owns.
        unsafe { Self::from_raw(name) }.ok_or(Error::new(
            "mach_port_allocate",
            crate::ffi::kern_return::KERN_FAILURE,
        ))
    }

    /// Makes a send right to the port. It has the same name.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn make_send(&self) -> Result<SendRight, Error> {
        calls::make_send(self.name())?;
        // SAFETY: the call added the reference that is owned here.
        unsafe { SendRight::from_raw(self.name()) }.ok_or(Error::new(
            "mach_port_insert_right",
            crate::ffi::kern_return::KERN_INVALID_NAME,
        ))
    }

    /// Makes a send-once right to the port, under a name of its own.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn make_send_once(&self) -> Result<SendOnceRight, Error> {
        let name = calls::make_send_once(self.name())?;
        // SAFETY: the call made the right under this name for its caller.
        unsafe { SendOnceRight::from_raw(name) }.ok_or(Error::new(
            "mach_port_extract_right",
            crate::ffi::kern_return::KERN_INVALID_NAME,
        ))
    }

    /// Has the messages that are received from now on name their senders' processes by more than an id, which another
    /// process may have had before: [`AuditToken::pid_version`](crate::AuditToken::pid_version), and
    /// [`ExitEvent::is_sender`](crate::dispatch::ExitEvent::is_sender), which compares. `false`: the system cannot (Linux
    /// before 6.9), and ids are all there is.
    ///
    /// It is so on macOS without being asked for. On Linux it costs each message two system calls more, and does not go
    /// with the right to another task.
    #[must_use]
    pub fn identify_senders(&self) -> bool {
        sys::process::identify_senders(self.name())
    }

    /// Asks for a no-senders notification to `notify`: sent at once if no send right exists and at least
    /// `sync` were made, else when the last one goes. Returns the right of an earlier request that this one replaces.
    ///
    /// # Errors
    ///
    /// The notify right is dead. It is gone in any case.
    pub fn request_no_senders(
        &self,
        notify: SendOnceRight,
        sync: u32,
    ) -> Result<Option<SendOnceRight>, Error> {
        request(
            self.name(),
            notify::MACH_NOTIFY_NO_SENDERS,
            sync,
            Some(notify),
        )
    }

    /// Withdraws a no-senders request and returns its right.
    ///
    /// # Errors
    ///
    /// None is known for a live receive right.
    pub fn cancel_no_senders(&self) -> Result<Option<SendOnceRight>, Error> {
        request(self.name(), notify::MACH_NOTIFY_NO_SENDERS, 0, None)
    }

    /// Asks that instead of being destroyed the port be sent to `notify`, queue and all.
    ///
    /// # Errors
    ///
    /// The notify right is dead, or such a request stands already. It is gone in any case.
    pub fn request_port_destroyed(&self, notify: SendOnceRight) -> Result<(), Error> {
        request(
            self.name(),
            notify::MACH_NOTIFY_PORT_DESTROYED,
            0,
            Some(notify),
        )
        .map(drop)
    }

    /// What the kernel tells of the port.
    ///
    /// # Errors
    ///
    /// None is known for a live receive right.
    pub fn status(&self) -> Result<PortStatus, Error> {
        // The ten words of mach_port_status_t, in order; booleans are words as well.
        let [
            in_set,
            sequence_number,
            make_send_count,
            queue_limit,
            message_count,
            send_once_rights,
            senders,
            pd,
            ns,
            _flags,
        ] = calls::attributes::<10>(self.name(), port::MACH_PORT_RECEIVE_STATUS)?;
        Ok(PortStatus {
            sequence_number: sequence_number as u32,
            make_send_count: make_send_count as u32,
            queue_limit: queue_limit as u32,
            message_count: message_count as u32,
            send_once_rights: send_once_rights as u32,
            has_senders: senders != 0,
            in_set: in_set != 0,
            port_destroyed_requested: pd != 0,
            no_senders_requested: ns != 0,
        })
    }

    /// Sets how many messages may wait before senders do: 5 in a new port, 1,024 at most.
    ///
    /// # Errors
    ///
    /// `limit` is above the maximum.
    pub fn set_queue_limit(&self, limit: u32) -> Result<(), Error> {
        calls::set_attributes(
            self.name(),
            port::MACH_PORT_LIMITS_INFO,
            [limit.cast_signed()],
        )?;
        // The kernel tells nobody of it; who sends by this name is here.
        #[cfg(feature = "tokio")]
        crate::tokio::look_again(self.name());
        Ok(())
    }
}
