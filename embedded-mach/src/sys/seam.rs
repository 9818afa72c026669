//! Where tests have calls on strangers' descriptors take as long as they like. Nothing of it is in the library itself.

#[cfg(not(test))]
pub(crate) fn foreign_call(_: std::os::fd::BorrowedFd<'_>, _: &'static str) {}

#[cfg(test)]
pub(crate) use held::{foreign_call, hold};

#[cfg(test)]
mod held {
    use std::os::fd::BorrowedFd;
    use std::sync::{Condvar, Mutex, PoisonError};

    type File = (u64, u64);

    /// What is held up.
    struct Held {
        files: Vec<File>,
        calls: Vec<(File, &'static str)>,
    }

    impl Held {
        fn shows(&self, file: File, call: &str) -> bool {
            self.calls
                .iter()
                .any(|&(of, what)| of == file && what == call)
        }
    }

    static HELD: Mutex<Held> = Mutex::new(Held {
        files: Vec::new(),
        calls: Vec::new(),
    });
    static CHANGED: Condvar = Condvar::new();

    fn identity(fd: BorrowedFd<'_>) -> File {
        let stat = nix::sys::stat::fstat(fd).unwrap();
        (stat.st_dev, stat.st_ino)
    }

    /// As long as it lives, each call on a file waits.
    #[derive(Debug)]
    pub(crate) struct Hold(File);

    /// Has each call on a descriptor's file wait, by whatever descriptor.
    pub(crate) fn hold(fd: BorrowedFd<'_>) -> Hold {
        let file = identity(fd);
        HELD.lock().unwrap().files.push(file);
        Hold(file)
    }

    impl Hold {
        /// Waits until such a call is held up.
        pub(crate) fn wait_for(&self, call: &str, why: &str) {
            let mut held = HELD.lock().unwrap();
            while !held.shows(self.0, call) {
                let waited = CHANGED.wait_timeout(held, std::time::Duration::from_secs(60));
                let (again, timeout) = waited.unwrap();
                assert!(!timeout.timed_out(), "no {call}: {why}");
                held = again;
            }
        }

        /// Whether such a call is held up.
        pub(crate) fn is_held(&self, call: &str) -> bool {
            HELD.lock().unwrap().shows(self.0, call)
        }
    }

    impl Drop for Hold {
        fn drop(&mut self) {
            let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
            let at = held.files.iter().position(|file| *file == self.0);
            at.map(|at| held.files.swap_remove(at));
            drop(held);
            CHANGED.notify_all();
        }
    }

    /// A call on a stranger's descriptor, which is about to be made.
    pub(crate) fn foreign_call(fd: BorrowedFd<'_>, what: &'static str) {
        let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
        if held.files.is_empty() {
            return;
        }
        let file = identity(fd);
        if !held.files.contains(&file) {
            return;
        }
        held.calls.push((file, what));
        CHANGED.notify_all();
        while held.files.contains(&file) {
            held = CHANGED.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        let over = held.calls.iter().position(|call| *call == (file, what));
        over.map(|over| held.calls.swap_remove(over));
    }
}
