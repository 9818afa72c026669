//! The descriptors that a child starts with.

use std::os::fd::{OwnedFd, RawFd};

use crate::{Launcher, Stdio};

impl Launcher {
    /// Sets the child's standard input; inherited otherwise.
    pub fn stdin(&mut self, stdin: impl Into<Stdio>) -> &mut Self {
        self.stream(0, stdin.into())
    }

    /// Sets the child's standard output; inherited otherwise.
    pub fn stdout(&mut self, stdout: impl Into<Stdio>) -> &mut Self {
        self.stream(1, stdout.into())
    }

    /// Sets the child's standard error; inherited otherwise.
    pub fn stderr(&mut self, stderr: impl Into<Stdio>) -> &mut Self {
        self.stream(2, stderr.into())
    }

    /// Passes a descriptor, of which the child has a copy under the number
    /// `target`. The launcher keeps it for further children.
    ///
    /// Numbers 0 to 2, two descriptors under one number, and numbers beyond the
    /// limit of descriptors fail the launch. What the launcher itself passes, for the child to reach its server, takes a number that is free.
    pub fn fd(&mut self, target: RawFd, descriptor: impl Into<OwnedFd>) -> &mut Self {
        self.settings.descriptors.push((target, descriptor.into()));
        self
    }

    fn stream(&mut self, number: usize, stdio: Stdio) -> &mut Self {
        self.settings.streams[number] = Some(stdio);
        self
    }
}
