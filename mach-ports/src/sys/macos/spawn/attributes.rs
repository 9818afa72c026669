//! How a child differs from its parent.

use std::io;
use std::mem::MaybeUninit;
use std::sync::Arc;

use super::errno::check;
use crate::platform::spawn::BeforeExec;

/// How the child differs from its parent: `posix_spawnattr_t`.
pub(crate) struct Attributes(libc::posix_spawnattr_t);

/// `POSIX_SPAWN_SETSID` of `spawn.h`, since macOS 10.15; `libc` does not have it.
const SETSID: i32 = 0x0400;

// SAFETY: it is a plain value or a pointer to memory that it owns, not tied to a thread.
unsafe impl Send for Attributes {}

/// The set of these signals.
fn signals(numbers: &[i32]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the first call initialises the place it is given, as it cannot fail; the others add to it.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for number in numbers {
            libc::sigaddset(set.as_mut_ptr(), *number);
        }
        set.assume_init()
    }
}

impl Attributes {
    pub(crate) fn new() -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the call initialises the place it is given.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        Ok(Self(unsafe { attributes.assume_init() }))
    }

    pub(crate) fn process_group(&mut self, group: i32) -> io::Result<()> {
        // SAFETY: the attributes are initialised.
        check(unsafe { libc::posix_spawnattr_setpgroup(&mut self.0, group) })?;
        self.add_flags(libc::POSIX_SPAWN_SETPGROUP)
    }

    pub(crate) fn unblock_signals(&mut self) -> io::Result<()> {
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut self.0, &signals(&[])) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGMASK)
    }

    pub(crate) fn reset_sigpipe(&mut self) -> io::Result<()> {
        let set = signals(&[libc::SIGPIPE]);
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut self.0, &set) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGDEF)
    }

    pub(super) fn as_raw(&self) -> &libc::posix_spawnattr_t {
        &self.0
    }

    pub(super) fn add_flags(&mut self, flags: i32) -> io::Result<()> {
        let mut old = 0;
        // SAFETY: the attributes are initialised and `old` is valid to write.
        check(unsafe { libc::posix_spawnattr_getflags(&self.0, &mut old) })?;
        // SAFETY: the attributes are initialised.
        check(unsafe { libc::posix_spawnattr_setflags(&mut self.0, old | flags as libc::c_short) })
    }

    pub(crate) fn new_session(&mut self) -> io::Result<()> {
        self.add_flags(SETSID)
    }

    pub(crate) fn user(&mut self, _id: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn users_group(&mut self, _id: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn umask(&mut self, _mask: u32) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(crate) fn before_exec(&mut self, _action: Arc<dyn BeforeExec>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn as_raw_mut(&mut self) -> &mut libc::posix_spawnattr_t {
        &mut self.0
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the attributes are initialised and not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attributes").finish_non_exhaustive()
    }
}
