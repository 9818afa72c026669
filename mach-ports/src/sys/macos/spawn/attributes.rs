//! How a child differs from its parent.

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::sync::Arc;

use super::errno::check;
use super::stub::Plan;
use crate::platform::spawn::{BeforeExec, ResourceLimit};

/// How the child differs from its parent: `posix_spawnattr_t`, and what that cannot say.
pub(crate) struct Attributes {
    raw: libc::posix_spawnattr_t,
    plan: Plan,
}

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
        Ok(Self {
            // SAFETY: it has succeeded.
            raw: unsafe { attributes.assume_init() },
            plan: Plan::default(),
        })
    }

    pub(crate) fn process_group(&mut self, group: i32) -> io::Result<()> {
        // SAFETY: the attributes are initialised.
        check(unsafe { libc::posix_spawnattr_setpgroup(&mut self.raw, group) })?;
        self.add_flags(libc::POSIX_SPAWN_SETPGROUP)
    }

    pub(crate) fn unblock_signals(&mut self) -> io::Result<()> {
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut self.raw, &signals(&[])) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGMASK)
    }

    pub(crate) fn reset_sigpipe(&mut self) -> io::Result<()> {
        let set = signals(&[libc::SIGPIPE]);
        // SAFETY: the attributes are initialised and the call copies the set.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut self.raw, &set) })?;
        self.add_flags(libc::POSIX_SPAWN_SETSIGDEF)
    }

    pub(super) fn as_raw(&self) -> &libc::posix_spawnattr_t {
        &self.raw
    }

    pub(super) fn add_flags(&mut self, flags: i32) -> io::Result<()> {
        let mut old = 0;
        // SAFETY: the attributes are initialised and `old` is valid to write.
        check(unsafe { libc::posix_spawnattr_getflags(&self.raw, &mut old) })?;
        // SAFETY: the attributes are initialised.
        check(unsafe {
            libc::posix_spawnattr_setflags(&mut self.raw, old | flags as libc::c_short)
        })
    }

    pub(crate) fn new_session(&mut self) -> io::Result<()> {
        self.add_flags(SETSID)
    }

    pub(crate) fn user(&mut self, id: u32) -> io::Result<()> {
        self.plan.user = Some(id);
        self.begin_by_stub()
    }

    pub(crate) fn users_group(&mut self, id: u32) -> io::Result<()> {
        self.plan.group = Some(id);
        self.begin_by_stub()
    }

    pub(crate) fn umask(&mut self, mask: u32) -> io::Result<()> {
        self.plan.umask = Some(mask);
        self.begin_by_stub()
    }

    pub(crate) fn sandbox(&mut self, text: &CStr, limits: &[ResourceLimit]) -> io::Result<()> {
        self.plan.sandbox = Some(text.to_owned());
        let limits = limits.iter();
        self.plan.bounds = limits
            .map(|limit| (limit.resource, limit.soft, limit.hard))
            .collect();
        self.begin_by_stub()
    }

    pub(crate) fn limit(&mut self, limit: ResourceLimit) -> io::Result<()> {
        let ResourceLimit {
            resource,
            soft,
            hard,
        } = limit;
        self.plan.limits.push((resource, soft, hard));
        self.begin_by_stub()
    }

    /// The stub waits until somebody watches what becomes of it.
    fn begin_by_stub(&mut self) -> io::Result<()> {
        self.add_flags(libc::POSIX_SPAWN_START_SUSPENDED)
    }

    /// What a stub is to do, if there is to be one.
    pub(super) fn plan(&self) -> Option<&Plan> {
        (!self.plan.is_empty()).then_some(&self.plan)
    }

    pub(crate) fn before_exec(&mut self, _action: Arc<dyn BeforeExec>) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn as_raw_mut(&mut self) -> &mut libc::posix_spawnattr_t {
        &mut self.raw
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
