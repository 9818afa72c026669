//! This task's port, lent to the parent or not.

use mach_ports::AnyRight;

use crate::ConnectOptions;

/// What the parent has of this task.
#[derive(Debug)]
pub(crate) struct Lent(#[cfg(feature = "task-port")] parking_lot::Mutex<Option<task_port::Offer>>);

#[cfg(feature = "task-port")]
impl Lent {
    /// Answers the parent, by the right with which it asks. Without an offer that is dropped, which tells it.
    pub(crate) fn to_who_asks(asked: Option<AnyRight>, options: &ConnectOptions) -> Self {
        let asked = asked.filter(|_| options.offers_task_port);
        let offer = asked.and_then(|right| match right {
            AnyRight::SendOnce(right) => task_port::Offer::to_parent(right)
                .inspect_err(|error| {
                    let error = error as &dyn std::error::Error;
                    tracing::warn!(error, "the task's port is not lent");
                })
                .ok(),
            _ => None,
        });
        Self(parking_lot::Mutex::new(offer))
    }

    pub(crate) fn is_lent(&self) -> bool {
        self.0.lock().is_some()
    }

    pub(crate) fn revoke(&self) {
        drop(self.0.lock().take());
    }
}

#[cfg(not(feature = "task-port"))]
impl Lent {
    /// Dropping the right tells the parent.
    pub(crate) fn to_who_asks(asked: Option<AnyRight>, options: &ConnectOptions) -> Self {
        debug_assert!(!options.offers_task_port, "there is no way to set it");
        drop(asked);
        Self()
    }

    pub(crate) fn is_lent(&self) -> bool {
        false
    }

    pub(crate) fn revoke(&self) {}
}
