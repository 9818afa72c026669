//! What can be wrong.
//!
//! Written out, for a crate that an agent without `std` is made of has no macros of others in it.

use core::error::Error;
use core::fmt;

/// A message breaks a rule of the protocol. Who sent it erred, or lies; nothing of it is to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// No message has this id. A monitor notes it, and does not answer.
    Id(i32),
    /// Its version is another one than [`VERSION`](crate::VERSION): one side is older than the other.
    Version(u32),
    /// It ends before what it must have.
    Short,
    /// It is longer than [`MAX_BODY`](crate::MAX_BODY).
    Long,
    /// An array or the strings lie outside of it.
    Array,
    /// A path lies outside the strings, or has a zero byte in it.
    Path,
    /// A build id is longer than its field.
    BuildId,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "image message: the sender used the unknown id {id:#x}"),
            Self::Version(version) => write!(
                f,
                "image message: the sender speaks version {version} and this side version {}; \
                 build both from one version of the crate",
                crate::VERSION
            ),
            Self::Short => f.write_str("image message: the sender cut it short"),
            Self::Long => f.write_str("image message: the sender made it longer than allowed"),
            Self::Array => f.write_str("image message: the sender put an array outside of it"),
            Self::Path => {
                f.write_str("image message: the sender put a path outside of the strings")
            }
            Self::BuildId => f.write_str("image message: the sender's build id is too long"),
        }
    }
}

impl Error for Malformed {}

/// What was to be said does not fit into the buffer, or into [`MAX_BODY`](crate::MAX_BODY): it is to be split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("image message: the images do not fit into one message; send them in parts")
    }
}

impl Error for TooLong {}
