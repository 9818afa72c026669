//! What a child does with descriptors before it executes the program.

use std::ffi::CStr;
use std::io;
use std::os::fd::RawFd;

use crate::sys;

/// What the child does with descriptors before it executes the program, in order.
#[derive(Debug)]
pub struct FileActions(pub(super) sys::spawn::Actions);

impl FileActions {
    /// No actions.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new() -> io::Result<Self> {
        sys::spawn::Actions::new().map(Self)
    }

    /// Opens a file as `target`.
    ///
    /// # Errors
    ///
    /// A number is out of range.
    pub fn open(&mut self, target: RawFd, path: &CStr, flags: i32, mode: u32) -> io::Result<()> {
        self.0.open(target, path, flags, mode)
    }

    /// Closes a descriptor; one that is not open is no error.
    ///
    /// # Errors
    ///
    /// The number is out of range.
    pub fn close(&mut self, descriptor: RawFd) -> io::Result<()> {
        self.0.close(descriptor)
    }

    /// Makes `target` a copy of `source`; if they are equal, keeps the descriptor across the execution.
    ///
    /// # Errors
    ///
    /// A number is out of range.
    pub fn dup2(&mut self, source: RawFd, target: RawFd) -> io::Result<()> {
        if source == target {
            self.0.keep(target)
        } else {
            self.0.duplicate(source, target)
        }
    }

    /// Changes the working directory; a relative program path is looked up from there.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn change_directory(&mut self, path: &CStr) -> io::Result<()> {
        self.0.change_directory(path)
    }
}
