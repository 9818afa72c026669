//! How a child differs from its parent.

use std::io;
use std::mem::MaybeUninit;

use crate::platform::spawn::errno::check;
use crate::right::SendRight;

/// How the child differs from its parent: `posix_spawnattr_t`.
pub struct Attributes {
    raw: libc::posix_spawnattr_t,
    /// A right that the attributes name; it must live until the spawn.
    bootstrap: Option<SendRight>,
}

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
    /// No difference.
    ///
    /// # Errors
    ///
    /// There is no memory.
    pub fn new() -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the call initialises the place it is given.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: it has succeeded.
        let raw = unsafe { attributes.assume_init() };
        Ok(Self {
            raw,
            bootstrap: None,
        })
    }

    /// Puts the child into a process group; 0 makes a new one with the child's id.
    ///
    /// # Errors
    ///
    /// The number is out of range.
    pub fn process_group(&mut self, group: i32) -> io::Result<()> {
        // SAFETY: the attributes are initialised.
        check(unsafe { libc::posix_spawnattr_setpgroup(&mut self.raw, group) })?;
        self.add_flags(libc::POSIX_SPAWN_SETPGROUP)
    }

    /// Starts the child with no signal blocked. Otherwise those are that the calling thread has blocked.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn unblock_signals(&mut self) -> io::Result<()> {
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut self.raw, &signals(&[])) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGMASK)
    }

    /// Starts the child with SIGPIPE, which Rust programs ignore, back at its default, as `std::process::Command`
    /// does.
    ///
    /// # Errors
    ///
    /// None is known.
    pub fn reset_sigpipe(&mut self) -> io::Result<()> {
        let set = signals(&[libc::SIGPIPE]);
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut self.raw, &set) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGDEF)
    }

    pub(super) fn as_raw(&self) -> &libc::posix_spawnattr_t {
        &self.raw
    }

    pub(crate) fn add_flags(&mut self, flags: i32) -> io::Result<()> {
        let mut old = 0;
        // SAFETY: the attributes are initialised and `old` is valid to write.
        check(unsafe { libc::posix_spawnattr_getflags(&self.raw, &mut old) })?;
        // SAFETY: the attributes are initialised.
        check(unsafe {
            libc::posix_spawnattr_setflags(&mut self.raw, old | flags as libc::c_short)
        })
    }

    /// The raw attributes, to be told a right's name; the right lives as long as they do.
    pub(crate) fn hold(&mut self, right: SendRight) -> (&mut libc::posix_spawnattr_t, &SendRight) {
        (&mut self.raw, self.bootstrap.insert(right))
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: the attributes are initialised and not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.raw) };
    }
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attributes").finish_non_exhaustive()
    }
}
