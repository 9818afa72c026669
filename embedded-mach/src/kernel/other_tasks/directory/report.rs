//! Saying what went wrong: as an event, and to whoever asks after the call.

use std::cell::RefCell;

use super::trouble::Trouble;
use crate::headers::bootstrap::BOOTSTRAP_UNKNOWN_SERVICE;
use crate::headers::kern_return::kern_return_t;

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Forgets what went wrong before, at the start of a call.
pub(crate) fn start() {
    let _ = LAST.try_with(|last| last.borrow_mut().take());
}

/// What was wrong in this thread's last call.
pub(crate) fn last_trouble() -> Option<String> {
    LAST.try_with(|last| last.borrow().clone()).ok().flatten()
}

/// Notes what went wrong, and gives the code that a call returns for it.
pub(super) fn failed(call: &'static str, name: &str, trouble: &Trouble) -> kern_return_t {
    let code = trouble.code();
    if code == BOOTSTRAP_UNKNOWN_SERVICE {
        // That a name is not there yet is what many wait for.
        tracing::debug!(name, %trouble, "{call} failed");
    } else {
        tracing::warn!(name, %trouble, "{call} failed");
    }
    let _ = LAST.try_with(|last| *last.borrow_mut() = Some(trouble.to_string()));
    code
}
