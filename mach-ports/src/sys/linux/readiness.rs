//! Ports and sets among the descriptors of an event loop.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

use embedded_mach::linux;

use crate::calls::Name;
use crate::error::Error;
use crate::port_set::PortSet;
use crate::right::ReceiveRight;

/// A descriptor that is readable while a port or a set may have a message, for event loops: Linux only.
///
/// It is to be waited for and not to be read; messages are received as ever. It works with loops that report a level
/// (`poll`, calloop) and with those that report changes (mio, tokio), and whichever way messages come: from this process, from
/// others, or as replies over links that several ports share.
///
/// - It may be readable without a message: receive with a timeout of zero.
/// - A loop that reports changes reports each message that comes, not what is left: receive until
///   [`TimedOut`](crate::ReceiveError::TimedOut) before waiting again.
/// - When the port or the set has ended, or was moved away, it is readable for good. A right that comes back has a new one.
/// - It may be kept for longer than the port; it takes one descriptor, and its port at most two more.
///
/// [`ReceiveRight::readiness`] and [`PortSet::readiness`] make one. With `tokio`, the feature of that name has all that is
/// needed in `mach_ports::tokio`; here is mio's loop:
///
/// ```
/// use std::os::fd::AsRawFd;
/// use std::time::Duration;
/// use mach_ports::{Message, ReceiveError, ReceiveOptions, ReceiveRight, SendOptions};
/// use mio::unix::SourceFd;
/// use mio::{Events, Interest, Poll, Token};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let port = ReceiveRight::new()?;
/// let readiness = port.readiness()?;
/// let mut poll = Poll::new()?;
/// poll.registry().register(&mut SourceFd(&readiness.as_raw_fd()), Token(7), Interest::READABLE)?;
///
/// let right = port.make_send()?;
/// let sender = std::thread::spawn(move || {
///     (1..=3).try_for_each(|id| Message::new(id).send(&right, &SendOptions::new()))
/// });
///
/// let now = ReceiveOptions::new().timeout(Duration::ZERO);
/// let mut events = Events::with_capacity(8);
/// let mut ids = Vec::new();
/// while ids.len() < 3 {
///     poll.poll(&mut events, Some(Duration::from_secs(60)))?;
///     assert!(events.iter().any(|event| event.token() == Token(7)), "nothing came");
///     loop {
///         match port.receive(&now) {
///             Ok(message) => ids.push(message.id()),
///             Err(ReceiveError::TimedOut) => break,
///             Err(error) => return Err(error.into()),
///         }
///     }
/// }
/// assert_eq!(ids, [1, 2, 3]);
/// # sender.join().map_err(|_| "the sender panicked")??;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Readiness(linux::Readiness);

impl Readiness {
    pub(crate) fn of(port: Name) -> Result<Self, Error> {
        linux::readiness(port)
            .map(Self)
            .map_err(|code| Error::new("readiness", code))
    }
}

impl AsFd for Readiness {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsRawFd for Readiness {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl ReceiveRight {
    /// A descriptor that is readable while the port may have a message: Linux only.
    ///
    /// # Errors
    ///
    /// No descriptor is left.
    pub fn readiness(&self) -> Result<Readiness, Error> {
        Readiness::of(self.name())
    }
}

impl PortSet {
    /// A descriptor that is readable while any member may have a message: Linux only.
    ///
    /// # Errors
    ///
    /// No descriptor is left.
    pub fn readiness(&self) -> Result<Readiness, Error> {
        Readiness::of(self.name())
    }
}
