//! A serial queue: one thread that takes closures out of a channel.

use std::sync::mpsc::{Sender, channel};
use std::thread;

use crate::dispatch::DispatchError;
use crate::sys::Job;

/// Its thread ends once all clones are gone and everything has run.
#[derive(Clone)]
pub(crate) struct Queue(Sender<Job>);

impl Queue {
    pub(crate) fn new(label: &str) -> Result<Self, DispatchError> {
        let (sender, jobs) = channel::<Job>();
        thread::Builder::new()
            .name(label.to_owned())
            .spawn(move || jobs.into_iter().for_each(|job| job()))
            .map_err(|source| DispatchError::System {
                call: "pthread_create",
                source,
            })?;
        Ok(Self(sender))
    }

    pub(crate) fn run(&self, job: Job) {
        // The thread takes from the channel as long as there is a sender, so this cannot fail.
        let sent = self.0.send(job);
        debug_assert!(sent.is_ok(), "a queue's thread has ended early");
    }
}
