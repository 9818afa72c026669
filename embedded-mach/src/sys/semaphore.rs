//! A counting semaphore in memory that tasks share, waited for with futexes.
//!
//! Whoever has the memory can write anything into it, as whoever has the right can signal or destroy: nothing here
//! trusts a value beyond what the semaphore itself says.

use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::Instant;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

use super::memory;

#[repr(C)]
struct Shared {
    value: AtomicI32,
    /// Changes with every signal: what waiting threads sleep on.
    changes: AtomicU32,
    /// Changes with every signal to all.
    broadcasts: AtomicU32,
    terminated: AtomicU32,
}

/// How a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    Signalled,
    TimedOut,
    Interrupted,
    Terminated,
}

/// A semaphore, mapped into this process.
#[derive(Debug)]
pub(crate) struct Semaphore {
    fd: Arc<OwnedFd>,
    shared: NonNull<Shared>,
}

// SAFETY: `shared` points to a mapping that lives as long as the value and holds nothing but atomics.
unsafe impl Send for Semaphore {}
// SAFETY: as above.
unsafe impl Sync for Semaphore {}

impl Semaphore {
    pub(crate) fn new(value: i32) -> Result<Self, Errno> {
        let fd = memfd_create(
            c"mach-semaphore",
            MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING,
        )?;
        nix::unistd::ftruncate(&fd, memory::page_size() as i64)?;
        fcntl(
            &fd,
            FcntlArg::F_ADD_SEALS(SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW),
        )?;
        let semaphore = Self::map(fd)?;
        semaphore.shared().value.store(value, Ordering::SeqCst);
        Ok(semaphore)
    }

    /// The semaphore that a received descriptor claims to be.
    pub(crate) fn from_descriptor(fd: OwnedFd) -> Option<Self> {
        memory::cannot_shrink(&fd, memory::page_size())
            .then(|| Self::map(fd).ok())
            .flatten()
    }

    fn map(fd: OwnedFd) -> Result<Self, Errno> {
        let len = NonZeroUsize::new(memory::page_size()).ok_or(Errno::EINVAL)?;
        // SAFETY: the kernel chooses the place; the file has at least a page and cannot shrink.
        let at = unsafe {
            mmap(
                None,
                len,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
                &fd,
                0,
            )
        }?;
        Ok(Self {
            fd: Arc::new(fd),
            shared: at.cast(),
        })
    }

    pub(crate) fn descriptor(&self) -> Arc<OwnedFd> {
        Arc::clone(&self.fd)
    }

    fn shared(&self) -> &Shared {
        // SAFETY: a page-aligned mapping of at least one page, alive as long as `self`; all-atomic, any bytes are valid.
        unsafe { self.shared.as_ref() }
    }

    pub(crate) fn is_terminated(&self) -> bool {
        self.shared().terminated.load(Ordering::SeqCst) != 0
    }

    /// Ends the semaphore; whether it still lived.
    pub(crate) fn terminate(&self) -> bool {
        let first = self.shared().terminated.swap(1, Ordering::SeqCst) == 0;
        self.changed(i32::MAX);
        first
    }

    pub(crate) fn signal(&self) {
        self.shared().value.fetch_add(1, Ordering::SeqCst);
        self.changed(1);
    }

    pub(crate) fn signal_all(&self) {
        self.shared().broadcasts.fetch_add(1, Ordering::SeqCst);
        self.changed(i32::MAX);
    }

    fn changed(&self, wake: i32) {
        let word = &self.shared().changes;
        word.fetch_add(1, Ordering::SeqCst);
        // SAFETY: `word` is a live, aligned 32-bit atomic; waking reads nothing else.
        unsafe {
            libc::syscall(libc::SYS_futex, word.as_ptr(), libc::FUTEX_WAKE, wake);
        }
    }

    /// Waits for a signal until a deadline (`None`: for ever).
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Waited {
        let shared = self.shared();
        let broadcasts = shared.broadcasts.load(Ordering::SeqCst);
        loop {
            let seen = shared.changes.load(Ordering::SeqCst);
            if self.is_terminated() {
                return Waited::Terminated;
            }
            if self.take() || shared.broadcasts.load(Ordering::SeqCst) != broadcasts {
                return Waited::Signalled;
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Waited::TimedOut;
            }
            let timeout = left.map(|left| libc::timespec {
                tv_sec: left.as_secs() as libc::time_t,
                tv_nsec: libc::c_long::from(left.subsec_nanos() as i32),
            });
            let timeout = timeout
                .as_ref()
                .map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: the word is live and aligned, the timeout null or a live local.
            let rc = unsafe {
                libc::syscall(
                    libc::SYS_futex,
                    shared.changes.as_ptr(),
                    libc::FUTEX_WAIT,
                    seen,
                    timeout,
                )
            };
            if rc < 0 && Errno::last() == Errno::EINTR {
                return Waited::Interrupted;
            }
        }
    }

    fn take(&self) -> bool {
        self.shared()
            .value
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |value| {
                (value > 0).then(|| value - 1)
            })
            .is_ok()
    }

    /// Whether both are the same semaphore.
    pub(crate) fn is(&self, fd: &OwnedFd) -> bool {
        let id = |raw: i32| {
            // SAFETY: borrowed for one question about an open descriptor.
            let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(raw) };
            nix::sys::stat::fstat(fd)
                .map(|st| (st.st_dev, st.st_ino))
                .ok()
        };
        id(self.fd.as_raw_fd()).is_some_and(|own| id(fd.as_raw_fd()) == Some(own))
    }
}

impl Drop for Semaphore {
    fn drop(&mut self) {
        // SAFETY: the mapping is this value's own, and nothing borrows it any more.
        let _ = unsafe { munmap(self.shared.cast(), memory::page_size()) };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn counts() {
        let semaphore = Semaphore::new(2).unwrap();
        let now = || Some(Instant::now());
        assert_eq!(semaphore.wait(now()), Waited::Signalled);
        assert_eq!(semaphore.wait(now()), Waited::Signalled);
        assert_eq!(semaphore.wait(now()), Waited::TimedOut);
        semaphore.signal_all();
        assert_eq!(semaphore.wait(now()), Waited::TimedOut);
        semaphore.signal();
        assert_eq!(semaphore.wait(now()), Waited::Signalled);
    }

    #[test]
    fn the_end_wakes_who_waits_through_another_descriptor() {
        let semaphore = Semaphore::new(0).unwrap();
        let other = Semaphore::from_descriptor(semaphore.fd.try_clone().unwrap()).unwrap();
        let thread =
            std::thread::spawn(move || other.wait(Some(Instant::now() + Duration::from_secs(20))));
        assert!(semaphore.terminate());
        assert_eq!(thread.join().unwrap(), Waited::Terminated);
        assert!(!semaphore.terminate());
    }
}
