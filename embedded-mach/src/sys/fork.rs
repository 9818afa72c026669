//! What happens to this library at `fork` and at the process's end.

use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::sync::{Arc, Once};

static REGISTER: Once = Once::new();

/// Has `prepare` run before every later `fork`, `parent` and `child` after it, in their processes.
pub(crate) fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) {
    REGISTER.call_once(|| {
        // SAFETY: the three are functions of this library, which is never unloaded while its handlers are set: Rust
        // libraries do not support it. A failure (no memory) only means that a forked child sees its parent's names.
        let _ = unsafe {
            libc::pthread_atfork(
                Some(prepare_fn(prepare)),
                Some(prepare_fn(parent)),
                Some(prepare_fn(child)),
            )
        };
    });
}

/// Has `clean_up` run when this process exits in order, once however often this is called.
pub(crate) fn at_exit(clean_up: extern "C" fn()) {
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        // SAFETY: a function of this library, which is not unloaded, as above.
        let _ = unsafe { libc::atexit(clean_up) };
    });
}

/// Closes a descriptor in a forked child, where the threads that shared it do not exist and will not.
pub(crate) fn close_for_good(fd: Arc<impl AsFd>) {
    match Arc::try_unwrap(fd) {
        Ok(fd) => drop(fd),
        Err(shared) => {
            let raw = shared.as_fd().as_raw_fd();
            // Whoever else counts as an owner is a thread that was not copied.
            std::mem::forget(shared);
            // SAFETY: the number is open in this process, and no owner of it will ever run here.
            drop(unsafe { OwnedFd::from_raw_fd(raw) });
        }
    }
}

fn prepare_fn(f: extern "C" fn()) -> unsafe extern "C" fn() {
    f
}
