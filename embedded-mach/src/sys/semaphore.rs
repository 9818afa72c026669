//! A counting semaphore in memory that tasks share, waited for with futexes.
//!
//! Whoever has the memory can write anything into it, as whoever has the right can signal or destroy: nothing here
//! trusts a value beyond what the semaphore itself says.

use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::gettid;

use super::memory::{self, FileId};
use super::process;

const AN_HOUR: Duration = Duration::from_secs(3600);

#[repr(C)]
struct Shared {
    value: AtomicI32,
    /// Changes with every signal: what waiting threads sleep on.
    changes: AtomicU32,
    /// Changes with every signal to all.
    broadcasts: AtomicU32,
    terminated: AtomicU32,
    /// Threads that wait. A process that is killed in a wait leaves its threads counted.
    waiting: AtomicU32,
    /// The process that made the semaphore, and the numbering that its number belongs to.
    maker: AtomicI32,
    numbering: AtomicU64,
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
    id: FileId,
    shared: NonNull<Shared>,
    /// This process's threads that wait, by their numbers, and whether each was woken by that.
    threads: Mutex<Vec<(i32, bool)>>,
    /// Shows the end of the process that made the semaphore.
    maker_end: OnceLock<OwnedFd>,
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
        let shared = semaphore.shared();
        shared.value.store(value, Ordering::SeqCst);
        let own = std::process::id().cast_signed();
        shared.maker.store(own, Ordering::SeqCst);
        let numbering = process::numbering();
        shared.numbering.store(numbering, Ordering::SeqCst);
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
        let id = FileId::of(&fd)?;
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
            id,
            shared: at.cast(),
            threads: Mutex::default(),
            maker_end: OnceLock::new(),
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

    /// As [`Semaphore::signal`] if a thread waits, else nothing; whether one did.
    pub(crate) fn signal_a_waiter(&self) -> bool {
        let shared = self.shared();
        let credits = shared.value.load(Ordering::SeqCst).max(0).cast_unsigned();
        let waits = shared.waiting.load(Ordering::SeqCst) > credits;
        if waits {
            self.signal();
        }
        waits
    }

    /// Wakes a thread of this process if it waits; whether it did.
    pub(crate) fn signal_thread(&self, thread: i32) -> bool {
        let mut threads = self.threads();
        let asleep = threads
            .iter_mut()
            .find(|(number, woken)| *number == thread && !woken);
        let Some((_, woken)) = asleep else {
            return false;
        };
        *woken = true;
        drop(threads);
        self.changed(i32::MAX);
        true
    }

    fn threads(&self) -> MutexGuard<'_, Vec<(i32, bool)>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process made it.
    pub(crate) fn is_made_here(&self) -> bool {
        self.shared().maker.load(Ordering::SeqCst) == std::process::id().cast_signed()
    }

    /// A descriptor that is readable once the process that made the semaphore has ended, with which it ends, too. `None`
    /// if that is this process, or one that this one cannot know.
    pub(crate) fn maker_end(&self) -> Option<&OwnedFd> {
        if let Some(known) = self.maker_end.get() {
            return Some(known);
        }
        let shared = self.shared();
        let numbering = shared.numbering.load(Ordering::SeqCst);
        if self.is_made_here() || numbering == 0 || numbering != process::numbering() {
            return None;
        }
        match process::watch(shared.maker.load(Ordering::SeqCst)) {
            Ok(fd) => Some(self.maker_end.get_or_init(|| fd)),
            Err(errno) => {
                if errno == Errno::ESRCH {
                    self.terminate();
                }
                None
            }
        }
    }

    /// Counts the calling thread among those that wait: a signal to all from now on is for it, too.
    pub(crate) fn arrive(&self) -> Arrived<'_> {
        let (shared, thread) = (self.shared(), gettid().as_raw());
        shared.waiting.fetch_add(1, Ordering::SeqCst);
        self.threads().push((thread, false));
        Arrived {
            semaphore: self,
            thread,
            broadcasts: shared.broadcasts.load(Ordering::SeqCst),
        }
    }

    /// Sleeps unless a change came after `seen`.
    fn sleep(&self, seen: u32, at_most: Duration) -> Result<(), Errno> {
        let timeout = nix::sys::time::TimeSpec::from(at_most);
        // SAFETY: the word is live and aligned, the timeout a live local.
        let rc = unsafe {
            libc::syscall(
                libc::SYS_futex,
                self.shared().changes.as_ptr(),
                libc::FUTEX_WAIT,
                seen,
                std::ptr::from_ref(timeout.as_ref()),
            )
        };
        Errno::result(rc).map(drop)
    }

    fn take(&self) -> bool {
        self.shared()
            .value
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |value| {
                (value > 0).then(|| value - 1)
            })
            .is_ok()
    }

    /// Which semaphore it is, through whatever descriptor.
    pub(crate) fn id(&self) -> FileId {
        self.id
    }
}

/// A thread that has come to wait.
#[derive(Debug)]
pub(crate) struct Arrived<'a> {
    semaphore: &'a Semaphore,
    thread: i32,
    broadcasts: u32,
}

impl Arrived<'_> {
    /// Waits for a signal until a deadline (`None`: for ever).
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Waited {
        let (semaphore, shared) = (self.semaphore, self.semaphore.shared());
        let all_signalled = || shared.broadcasts.load(Ordering::SeqCst) != self.broadcasts;
        loop {
            let seen = shared.changes.load(Ordering::SeqCst);
            if semaphore.is_terminated() {
                return Waited::Terminated;
            }
            if self.is_woken() || all_signalled() || semaphore.take() {
                return Waited::Signalled;
            }
            // Always a timeout: without one, a handler with SA_RESTART would not end the wait.
            let left = deadline.map_or(AN_HOUR, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Waited::TimedOut;
            }
            if semaphore.sleep(seen, left.min(AN_HOUR)) == Err(Errno::EINTR) {
                return Waited::Interrupted;
            }
        }
    }

    fn is_woken(&self) -> bool {
        self.semaphore.threads().contains(&(self.thread, true))
    }
}

impl Drop for Arrived<'_> {
    fn drop(&mut self) {
        let waiting = &self.semaphore.shared().waiting;
        waiting.fetch_sub(1, Ordering::SeqCst);
        self.semaphore
            .threads()
            .retain(|&(thread, _)| thread != self.thread);
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
    use super::*;

    #[test]
    fn counts() {
        let semaphore = Semaphore::new(2).unwrap();
        let now = || Some(Instant::now());
        assert_eq!(semaphore.arrive().wait(now()), Waited::Signalled);
        assert_eq!(semaphore.arrive().wait(now()), Waited::Signalled);
        assert_eq!(semaphore.arrive().wait(now()), Waited::TimedOut);
        semaphore.signal_all();
        assert_eq!(semaphore.arrive().wait(now()), Waited::TimedOut);
        semaphore.signal();
        assert_eq!(semaphore.arrive().wait(now()), Waited::Signalled);
    }

    #[test]
    fn only_the_thread_that_is_meant_wakes() {
        let semaphore = Semaphore::new(0).unwrap();
        assert!(!semaphore.signal_a_waiter() && !semaphore.signal_thread(gettid().as_raw()));
        let deadline = Some(Instant::now() + Duration::from_secs(20));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            let wait = || {
                let arrived = semaphore.arrive();
                tell.send(gettid().as_raw()).unwrap();
                arrived.wait(deadline)
            };
            let threads = [scope.spawn(wait), scope.spawn(wait)];
            let (_first, second) = (told.recv().unwrap(), told.recv().unwrap());
            assert!(semaphore.signal_thread(second));
            assert!(!semaphore.signal_thread(second));
            assert!(semaphore.signal_a_waiter());
            for thread in threads {
                assert_eq!(thread.join().unwrap(), Waited::Signalled);
            }
        });
        assert_eq!(
            semaphore.arrive().wait(Some(Instant::now())),
            Waited::TimedOut
        );
    }

    #[test]
    fn the_end_wakes_who_waits_through_another_descriptor() {
        let semaphore = Semaphore::new(0).unwrap();
        let other = Semaphore::from_descriptor(semaphore.fd.try_clone().unwrap()).unwrap();
        let deadline = Some(Instant::now() + Duration::from_secs(20));
        let thread = std::thread::spawn(move || other.arrive().wait(deadline));
        assert!(semaphore.terminate());
        assert_eq!(thread.join().unwrap(), Waited::Terminated);
        assert!(!semaphore.terminate());
    }
}
