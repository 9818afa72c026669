//! What a child does with descriptors before it executes the program.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

use super::errno::check;
use crate::sys::ffi::extra;

/// What the child does with descriptors before it executes the program, in order: `posix_spawn_file_actions_t`.
pub(crate) struct Actions(libc::posix_spawn_file_actions_t);

// SAFETY: it is a plain value or a pointer to memory that it owns, not tied to a thread.
unsafe impl Send for Actions {}

impl Actions {
    pub(crate) fn new() -> io::Result<Self> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the call initialises the place it is given.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        Ok(Self(unsafe { actions.assume_init() }))
    }

    pub(crate) fn open(
        &mut self,
        target: RawFd,
        path: &CStr,
        flags: i32,
        mode: u32,
    ) -> io::Result<()> {
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

    pub(crate) fn close(&mut self, descriptor: RawFd) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe { libc::posix_spawn_file_actions_addclose(&mut self.0, descriptor) })
    }

    pub(crate) fn change_directory(&mut self, path: &CStr) -> io::Result<()> {
        // SAFETY: the actions are initialised and the call copies the path.
        check(unsafe { libc::posix_spawn_file_actions_addchdir_np(&mut self.0, path.as_ptr()) })
    }

    pub(crate) fn duplicate(&mut self, source: RawFd, target: RawFd) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.0, source, target) })
    }

    pub(crate) fn keep(&mut self, descriptor: RawFd) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe { extra::posix_spawn_file_actions_addinherit_np(&mut self.0, descriptor) })
    }

    pub(super) fn as_raw(&self) -> &libc::posix_spawn_file_actions_t {
        &self.0
    }
}

impl Drop for Actions {
    fn drop(&mut self) {
        // SAFETY: the actions are initialised and not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

impl std::fmt::Debug for Actions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileActions").finish_non_exhaustive()
    }
}
