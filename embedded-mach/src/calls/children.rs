//! What children are told of the ports that they inherit.

use crate::kernel::other_tasks::bequest::VARIABLE;
use crate::kernel::task;
use crate::sys::environment;

/// Has children inherit what the task has now. Changes the environment.
///
/// Not with the kernel locked: a thread that spawns holds the environment while it waits for the kernel at `fork`.
pub(super) fn tell_children() {
    let mut told = None;
    loop {
        let now = task::lock().bequeath();
        // Another thread may have changed it again, and have said so earlier than this one.
        if told.as_ref() == Some(&now) {
            return;
        }
        environment::set(VARIABLE, now.as_deref());
        told = Some(now);
    }
}
