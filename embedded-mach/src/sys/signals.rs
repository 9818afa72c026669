//! Signals are for the program's own threads and calls.

use std::io;
use std::thread::{Builder, JoinHandle};

use nix::sys::signal::{SigSet, SigmaskHow};

/// Does a job that no signal handler interrupts.
pub(crate) fn undisturbed<T>(job: impl FnOnce() -> T) -> T {
    let before = SigSet::all().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let done = job();
    if let Ok(before) = before {
        let _ = before.thread_set_mask();
    }
    done
}

/// Begins a thread of the library's own, on which no signal is ever handled.
pub(crate) fn begin(
    thread: Builder,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    // It has the mask of who begins it from its first step on.
    undisturbed(|| thread.spawn(run))
}
