use std::mem::ManuallyDrop;

use mach_ports::{AnyRight, Disposition, Error, Name, ReceiveRight, SendOnceRight, SendRight};

/// A right that waits for the child, or the recipe for one.
///
/// The safe constructors put a right of their own into the collection. Copying
/// and making happens at once: a port that is destroyed before the child asks
/// reaches the child as a dead name, and no name can come to mean another port
/// meanwhile.
///
/// Dropping it releases what it owns and nothing else:
///
/// | constructor | dropped unclaimed |
/// |---|---|
/// | [`move_send`](Self::move_send) | the send right goes: one reference less |
/// | [`move_receive`](Self::move_receive) | the receive right is destroyed |
/// | [`move_send_once`](Self::move_send_once) | the right goes: its port gets a send-once notification |
/// | [`copy_send`](Self::copy_send), [`make_send`](Self::make_send) | the copy goes, the source stays as it was |
/// | [`make_send_once`](Self::make_send_once) | the new right goes: the port gets a send-once notification |
/// | [`from_raw`](Self::from_raw), a moving disposition | the right goes |
/// | [`from_raw`](Self::from_raw), a copying or making one | nothing |
#[derive(Debug)]
pub struct RendezvousPort(Source);

#[derive(Debug)]
enum Source {
    Owned(AnyRight),
    // These belong to the caller of `from_raw`: they are used, never released.
    CopySend(ManuallyDrop<SendRight>),
    MakeSend(ManuallyDrop<ReceiveRight>),
    MakeSendOnce(ManuallyDrop<ReceiveRight>),
}

impl RendezvousPort {
    /// Gives the send right away.
    #[must_use]
    pub fn move_send(right: SendRight) -> Self {
        Self(Source::Owned(AnyRight::Send(right)))
    }

    /// Gives the receive right away, with the messages queued in it.
    #[must_use]
    pub fn move_receive(right: ReceiveRight) -> Self {
        Self(Source::Owned(AnyRight::Receive(right)))
    }

    /// Gives the send-once right away.
    #[must_use]
    pub fn move_send_once(right: SendOnceRight) -> Self {
        Self(Source::Owned(AnyRight::SendOnce(right)))
    }

    /// Gives a copy of the send right.
    ///
    /// # Errors
    /// The kernel's, if it cannot be copied.
    pub fn copy_send(right: &SendRight) -> Result<Self, Error> {
        right.try_clone().map(Self::move_send)
    }

    /// Gives a new send right to the port.
    ///
    /// # Errors
    /// The kernel's, if none can be made.
    pub fn make_send(port: &ReceiveRight) -> Result<Self, Error> {
        port.make_send().map(Self::move_send)
    }

    /// Gives a new send-once right to the port.
    ///
    /// # Errors
    /// The kernel's, if none can be made.
    pub fn make_send_once(port: &ReceiveRight) -> Result<Self, Error> {
        port.make_send_once().map(Self::move_send_once)
    }

    /// Gives what `disposition` makes of `name`, as Chromium's
    /// `MachRendezvousPort(name, disposition)`.
    ///
    /// A copying or making disposition is carried out when the child asks; the
    /// right that it needs stays the caller's. `None` if `name` is
    /// `MACH_PORT_NULL` or `MACH_PORT_DEAD`.
    ///
    /// # Safety
    /// This task holds the right that `disposition` needs under `name`. If the
    /// disposition moves it, it is the value's from now on. If it copies or
    /// makes, the right stays under that name until the value is claimed or
    /// dropped.
    #[must_use]
    pub unsafe fn from_raw(name: Name, disposition: Disposition) -> Option<Self> {
        // SAFETY: the caller vouches for the right under the name. Where it
        // stays the caller's, `ManuallyDrop` keeps the value from releasing it.
        let source = unsafe {
            match disposition {
                Disposition::MoveReceive => Source::Owned(ReceiveRight::from_raw(name)?.into()),
                Disposition::MoveSend => Source::Owned(SendRight::from_raw(name)?.into()),
                Disposition::MoveSendOnce => Source::Owned(SendOnceRight::from_raw(name)?.into()),
                Disposition::CopySend => {
                    Source::CopySend(ManuallyDrop::new(SendRight::from_raw(name)?))
                }
                Disposition::MakeSend => {
                    Source::MakeSend(ManuallyDrop::new(ReceiveRight::from_raw(name)?))
                }
                Disposition::MakeSendOnce => {
                    Source::MakeSendOnce(ManuallyDrop::new(ReceiveRight::from_raw(name)?))
                }
            }
        };
        Some(Self(source))
    }

    /// The name in this task of the right that is moved, copied or made from.
    #[must_use]
    pub fn name(&self) -> Name {
        match &self.0 {
            Source::Owned(right) => right.name(),
            Source::CopySend(right) => right.name(),
            Source::MakeSend(port) | Source::MakeSendOnce(port) => port.name(),
        }
    }

    /// What will be done to that right when the child asks.
    #[must_use]
    pub fn disposition(&self) -> Disposition {
        match &self.0 {
            Source::Owned(AnyRight::Receive(_)) => Disposition::MoveReceive,
            Source::Owned(AnyRight::Send(_)) => Disposition::MoveSend,
            Source::Owned(AnyRight::SendOnce(_)) => Disposition::MoveSendOnce,
            Source::CopySend(_) => Disposition::CopySend,
            Source::MakeSend(_) => Disposition::MakeSend,
            Source::MakeSendOnce(_) => Disposition::MakeSendOnce,
        }
    }

    /// Carries out the disposition: the right that is the child's now.
    pub(crate) fn into_right(self) -> Result<AnyRight, Error> {
        match self.0 {
            Source::Owned(right) => Ok(right),
            Source::CopySend(right) => right.try_clone().map(AnyRight::Send),
            Source::MakeSend(port) => port.make_send().map(AnyRight::Send),
            Source::MakeSendOnce(port) => port.make_send_once().map(AnyRight::SendOnce),
        }
    }
}

impl From<AnyRight> for RendezvousPort {
    /// Gives the right away.
    fn from(right: AnyRight) -> Self {
        Self(Source::Owned(right))
    }
}

impl From<SendRight> for RendezvousPort {
    fn from(right: SendRight) -> Self {
        Self::move_send(right)
    }
}

impl From<ReceiveRight> for RendezvousPort {
    fn from(right: ReceiveRight) -> Self {
        Self::move_receive(right)
    }
}

impl From<SendOnceRight> for RendezvousPort {
    fn from(right: SendOnceRight) -> Self {
        Self::move_send_once(right)
    }
}
