//! There is no logind.

use std::convert::Infallible;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

use crate::sys::Said;

/// Nobody.
pub(crate) struct Logind(Infallible);

impl Logind {
    pub(crate) const fn connect() -> io::Result<Option<Self>> {
        Ok(None)
    }

    pub(crate) fn longest_delay(&mut self) -> io::Result<Duration> {
        match self.0 {}
    }

    pub(crate) fn inhibit(&mut self) -> io::Result<OwnedFd> {
        match self.0 {}
    }

    pub(crate) fn wait(&mut self, _stop: BorrowedFd<'_>) -> io::Result<Option<Said>> {
        match self.0 {}
    }
}
