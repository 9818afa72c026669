//! What a child does with descriptors before it executes the program.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

use crate::platform::spawn::errno::check;

/// What the child does with descriptors before it executes the program, in order: `posix_spawn_file_actions_t`.
pub struct FileActions(libc::posix_spawn_file_actions_t);

// SAFETY: it is a plain value or a pointer to memory that it owns, not tied to a thread.
unsafe impl Send for FileActions {}

impl FileActions {
    /// No actions.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new() -> io::Result<Self> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the call initialises the place it is given.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        Ok(Self(unsafe { actions.assume_init() }))
    }

    /// Opens a file as `target`.
    ///
    /// # Errors
    ///
    /// A number is out of range.
    pub fn open(&mut self, target: RawFd, path: &CStr, flags: i32, mode: u32) -> io::Result<()> {
        // SAFETY: the actions are initialised and the call copies the path.
        check(unsafe {
            libc::posix_spawn_file_actions_addopen(
                &mut self.0,
                target,
                path.as_ptr(),
                flags,
                mode as _,
            )
        })
    }

    /// Closes a descriptor.
    ///
    /// # Errors
    ///
    /// The number is out of range.
    pub fn close(&mut self, descriptor: RawFd) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe { libc::posix_spawn_file_actions_addclose(&mut self.0, descriptor) })
    }

    /// Changes the working directory; a relative program path is looked up from there.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn change_directory(&mut self, path: &CStr) -> io::Result<()> {
        // SAFETY: the actions are initialised and the call copies the path.
        check(unsafe { libc::posix_spawn_file_actions_addchdir_np(&mut self.0, path.as_ptr()) })
    }

    pub(super) fn as_raw(&self) -> &libc::posix_spawn_file_actions_t {
        &self.0
    }

    pub(crate) fn raw(&mut self) -> &mut libc::posix_spawn_file_actions_t {
        &mut self.0
    }
}

impl Drop for FileActions {
    fn drop(&mut self) {
        // SAFETY: the actions are initialised and not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

impl std::fmt::Debug for FileActions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileActions").finish_non_exhaustive()
    }
}
