//! What each thread that waits has.

use std::cell::RefCell;

use nix::errno::Errno;

use crate::kernel::other_tasks::arrivals::PAUSE;
use crate::kernel::task::{self, Locked};
use crate::sys::parker::Parker;

thread_local! {
    static PARKER: RefCell<Option<Parker>> = const { RefCell::new(None) };
}

/// The means to wake this thread.
pub(super) fn parker() -> Result<Parker, Errno> {
    PARKER.with(|slot| {
        let mut slot = slot.borrow_mut();
        match &*slot {
            Some(parker) => Ok(parker.clone()),
            None => {
                let parker = Parker::new()?;
                *slot = Some(parker.clone());
                Ok(parker)
            }
        }
    })
}

/// Leaves the task to others for a moment, where nothing tells this thread when to look again.
pub(super) fn pause(kernel: Locked) -> Locked {
    drop(kernel);
    std::thread::sleep(PAUSE);
    task::lock()
}

/// After `fork`: the descriptor belongs to the parent's thread as well.
pub(in crate::kernel) fn forget_parker() {
    PARKER.with(|slot| *slot.borrow_mut() = None);
}
