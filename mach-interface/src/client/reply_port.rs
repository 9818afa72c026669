//! The port that a thread gets its replies at.

use std::cell::Cell;

use mach_ports::{Error, ReceiveRight};

thread_local! {
    /// The port, while no call of this thread uses it, and the process that it was made in.
    static PORT: Cell<Option<Kept>> = const { Cell::new(None) };
}

struct Kept {
    port: ReceiveRight,
    process: u32,
}

/// This thread's reply port, for one call. It is destroyed afterwards, so that no late reply is taken for another's,
/// unless the call says that none can come.
pub(super) struct ReplyPort(Kept);

impl ReplyPort {
    /// # Errors
    ///
    /// No port can be made.
    pub(super) fn get() -> Result<Self, Error> {
        let process = std::process::id();
        match PORT.try_with(Cell::take).unwrap_or_default() {
            Some(kept) if kept.process == process => return Ok(Self(kept)),
            // A forked child has none of its parent's rights: the name may mean another port here.
            Some(kept) => std::mem::forget(kept.port),
            None => {}
        }
        let port = ReceiveRight::new()?;
        Ok(Self(Kept { port, process }))
    }

    pub(super) const fn port(&self) -> &ReceiveRight {
        &self.0.port
    }

    /// Leaves it to the thread's next call.
    pub(super) fn keep(self) {
        // While the thread ends there is no next call; the port goes.
        let _ = PORT.try_with(|port| port.set(Some(self.0)));
    }
}
