//! A port that a child inherits as a descriptor.

use std::os::fd::OwnedFd;

/// What remains for the spawner to do to give a child a port.
#[derive(Debug)]
#[non_exhaustive]
pub struct InheritedPort {
    /// A descriptor that the child must inherit under the number that was asked for.
    pub descriptor: OwnedFd,
    /// The environment variable by which the child finds it.
    pub variable: &'static str,
    /// What that variable must say.
    pub value: String,
}
