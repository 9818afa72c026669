//! What a task holds: every name, what it denotes and how many references there are. For finding leaks.

use crate::calls::{self, Name};
use crate::error::{Error, ReturnCode};
use crate::ffi::port;
use crate::message::take_words;

/// One name of this task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The name.
    pub name: Name,
    /// What it denotes, as `MACH_PORT_TYPE_*` bits.
    pub bits: u32,
    /// User references to its send right, send-once right or dead name; of a name that is only a receive right
    /// or a port set, 1.
    pub references: u32,
}

impl Entry {
    /// Whether it holds the receive right of a port.
    #[must_use]
    pub fn is_receive(&self) -> bool {
        self.has(port::MACH_PORT_TYPE_RECEIVE)
    }

    /// Whether it holds send rights.
    #[must_use]
    pub fn is_send(&self) -> bool {
        self.has(port::MACH_PORT_TYPE_SEND)
    }

    /// Whether it is a send-once right.
    #[must_use]
    pub fn is_send_once(&self) -> bool {
        self.has(port::MACH_PORT_TYPE_SEND_ONCE)
    }

    /// Whether it is a port set.
    #[must_use]
    pub fn is_port_set(&self) -> bool {
        self.has(port::MACH_PORT_TYPE_PORT_SET)
    }

    /// Whether it is a dead name.
    #[must_use]
    pub fn is_dead_name(&self) -> bool {
        self.has(port::MACH_PORT_TYPE_DEAD_NAME)
    }

    fn has(&self, bit: u32) -> bool {
        self.bits & bit != 0
    }
}

/// Everything that this task holds, rights that the system's libraries hold included.
///
/// # Errors
///
/// The kernel is short of memory.
///
/// ```
/// use mach_ports::{ReceiveRight, census};
///
/// let port = ReceiveRight::new()?;
/// let entry = census::names()?.into_iter().find(|entry| entry.name == port.name());
/// assert!(entry.is_some_and(|entry| entry.is_receive() && entry.references == 1));
/// # Ok::<(), mach_ports::Error>(())
/// ```
pub fn names() -> Result<Vec<Entry>, Error> {
    let (names, types) = calls::names()?;
    // SAFETY: the call has allocated both arrays for its caller.
    let (names, types) = unsafe {
        (
            take_words(names.address, names.count),
            take_words(types.address, types.count),
        )
    };
    let mut entries = Vec::with_capacity(names.len());
    for (name, bits) in names.into_iter().zip(types) {
        match calls::references(name, counted_right(bits)) {
            Ok(references) => entries.push(Entry {
                name,
                bits,
                references,
            }),
            // Another thread has released it since.
            Err(error) if error.code() == ReturnCode::INVALID_NAME => {}
            Err(error) => return Err(error),
        }
    }
    Ok(entries)
}

/// One name; `None` if the task holds nothing under it.
///
/// # Errors
///
/// The name is one that no task can hold.
pub fn entry(name: Name) -> Result<Option<Entry>, Error> {
    let look = || {
        let bits = calls::port_type(name)?;
        let references = calls::references(name, counted_right(bits))?;
        Ok(Entry {
            name,
            bits,
            references,
        })
    };
    match look() {
        Ok(entry) => Ok(Some(entry)),
        Err(error) if Error::code(&error) == ReturnCode::INVALID_NAME => Ok(None),
        Err(error) => Err(error),
    }
}

/// Of the rights under a name, the one that is counted.
fn counted_right(bits: u32) -> u32 {
    [
        port::MACH_PORT_RIGHT_SEND,
        port::MACH_PORT_RIGHT_SEND_ONCE,
        port::MACH_PORT_RIGHT_DEAD_NAME,
        port::MACH_PORT_RIGHT_PORT_SET,
    ]
    .into_iter()
    .find(|right| bits & port::MACH_PORT_TYPE(*right) != 0)
    .unwrap_or(port::MACH_PORT_RIGHT_RECEIVE)
}
