//! A serial queue: one thread.

use std::sync::Arc;
use std::thread;

use crate::dispatch::DispatchError;
use crate::sys::Job;
use crate::sys::linux::dispatch::runner::Runner;

/// Its thread ends once all clones are gone and everything has run.
#[derive(Clone)]
pub(crate) struct Queue(Arc<Owner>);

struct Owner(Arc<Runner>);

impl Queue {
    pub(crate) fn new(label: &str) -> Result<Self, DispatchError> {
        let runner = Arc::new(Runner::new()?);
        let running = Arc::clone(&runner);
        thread::Builder::new()
            .name(label.to_owned())
            .spawn(move || running.run())
            .map_err(|source| DispatchError::System {
                call: "pthread_create",
                source,
            })?;
        Ok(Self(Arc::new(Owner(runner))))
    }

    pub(crate) fn run(&self, job: Job) {
        self.runner().give(job);
    }

    pub(super) fn runner(&self) -> &Runner {
        &self.0.0
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.leave();
    }
}
