//! Work that asks file systems.

use std::thread;

/// Does something that may take its time, on a thread of its own: whether there is one.
pub(super) fn apart(name: &str, work: impl FnOnce() + Send + 'static) -> bool {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(work);
    if let Err(error) = &thread {
        tracing::error!(%error, "volumes cannot be looked at");
    }
    thread.is_ok()
}
