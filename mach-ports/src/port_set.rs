//! Port sets.

use std::num::NonZeroU32;

use crate::calls::{self, NULL, Name};
use crate::error::Error;
use crate::ffi::{kern_return::KERN_FAILURE, port};
use crate::message::{ReceiveError, ReceiveOptions, ReceivedMessage, receive_on, take_words};
use crate::right::ReceiveRight;

/// Several ports to be received from at once.
///
/// A port may be in several sets; it leaves them all when it is destroyed or moved to another task. Dropping the
/// set leaves its members as they are.
///
/// ```
/// use mach_ports::{Message, PortSet, ReceiveOptions, ReceiveRight, SendOptions};
///
/// let (one, other) = (ReceiveRight::new()?, ReceiveRight::new()?);
/// let set = PortSet::new()?;
/// set.insert(&one)?;
/// set.insert(&other)?;
///
/// Message::new(1).send(&other.make_send()?, &SendOptions::new())?;
/// let message = set.receive(&ReceiveOptions::new())?;
/// assert_eq!(message.port(), other.name());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct PortSet(NonZeroU32);

impl PortSet {
    /// A set without members.
    ///
    /// # Errors
    ///
    /// The kernel is out of names or memory.
    pub fn new() -> Result<Self, Error> {
        let name = calls::allocate(port::MACH_PORT_RIGHT_PORT_SET)?;
        NonZeroU32::new(name)
            .map(Self)
            .ok_or(Error::new("mach_port_allocate", KERN_FAILURE))
    }

    /// The name under which the task holds it.
    #[must_use]
    pub fn name(&self) -> Name {
        self.0.get()
    }

    /// Adds a port.
    ///
    /// # Errors
    ///
    /// It is in this set already (`KERN_ALREADY_IN_SET`).
    pub fn insert(&self, port: &ReceiveRight) -> Result<(), Error> {
        calls::insert_member(port.name(), self.name())
    }

    /// Adds a port and takes it out of all other sets.
    ///
    /// # Errors
    ///
    /// The kernel is short of a resource.
    pub fn insert_only(&self, port: &ReceiveRight) -> Result<(), Error> {
        calls::move_member(port.name(), self.name())
    }

    /// Takes a port out.
    ///
    /// # Errors
    ///
    /// It is not in this set (`KERN_NOT_IN_SET`).
    pub fn remove(&self, port: &ReceiveRight) -> Result<(), Error> {
        calls::extract_member(port.name(), self.name())
    }

    /// Takes a port out of every set it is in.
    ///
    /// # Errors
    ///
    /// It is in none (`KERN_NOT_IN_SET`).
    pub fn remove_from_all(port: &ReceiveRight) -> Result<(), Error> {
        calls::move_member(port.name(), NULL)
    }

    /// The names of the members.
    ///
    /// # Errors
    ///
    /// The kernel is short of memory.
    pub fn members(&self) -> Result<Vec<Name>, Error> {
        let array = calls::members(self.name())?;
        // SAFETY: the call has allocated the array for its caller.
        Ok(unsafe { take_words(array.address, array.count) })
    }

    /// Receives the next message of any member; [`ReceivedMessage::port`] tells of which.
    ///
    /// # Errors
    ///
    /// See [`ReceiveError`].
    pub fn receive(&self, options: &ReceiveOptions) -> Result<ReceivedMessage, ReceiveError> {
        receive_on(self.name(), options)
    }
}

impl Drop for PortSet {
    fn drop(&mut self) {
        if let Err(error) = calls::mod_refs(self.name(), port::MACH_PORT_RIGHT_PORT_SET, -1) {
            tracing::warn!(name = self.name(), %error, "a port set could not be destroyed");
        }
    }
}

const _: () = assert!(size_of::<Option<PortSet>>() == size_of::<Name>());
