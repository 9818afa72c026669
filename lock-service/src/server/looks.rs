//! Looks at volumes that take their time, and who waits for what they come to.

use std::collections::HashMap;
use std::sync::mpsc::channel;

use uuid::Uuid;

use crate::server::handle::ServiceHandle;
use crate::state::{CheckOutcome, Checked, NewVolume, Unmount, Why};

type Then = Box<dyn FnOnce(CheckOutcome) + Send>;

/// What is to be done once looks have ended, by the numbers of the looks.
#[derive(Default)]
pub(super) struct Looks(HashMap<u64, Vec<Then>>);

impl Looks {
    fn add(&mut self, look: u64, then: Then) {
        self.0.entry(look).or_default().push(then);
    }

    fn take(&mut self, look: u64) -> Vec<Then> {
        self.0.remove(&look).unwrap_or_default()
    }
}

impl ServiceHandle {
    /// Has a volume looked at, unless somebody is at work on it or it has failed too often, and waits for what that comes to. That
    /// is [`Volumes::check`](crate::Volumes::check), on this thread. [`CheckOutcome::Unknown`] if the service is stopped
    /// meanwhile.
    #[must_use]
    pub fn check(&self, volume: Uuid, why: Why) -> CheckOutcome {
        let (sender, outcome) = channel();
        self.begin_check(volume, why, move |outcome| {
            let _ = sender.send(outcome);
        });
        outcome.recv().unwrap_or(CheckOutcome::Unknown)
    }

    /// As [`check`](Self::check), but waits for nothing: `then` is called with what it comes to, here or on the thread that
    /// tells the end of the look, and not at all if the service is stopped. It may call the service.
    pub fn begin_check(
        &self,
        volume: Uuid,
        why: Why,
        then: impl FnOnce(CheckOutcome) + Send + 'static,
    ) {
        let outcome = {
            let mut core = self.0.core.lock();
            let (machine, _, outside) = core.parts();
            let before = machine.looking(volume);
            let outcome = machine.check(volume, why, outside);
            match (outcome, before.or_else(|| machine.looking(volume))) {
                (CheckOutcome::Looking, Some(look)) => {
                    let then: Then = match before {
                        None => Box::new(then),
                        // That one has another reason, and may have missed what this one is for.
                        Some(_) => {
                            let handle = self.clone();
                            Box::new(move |_| handle.begin_check(volume, why, then))
                        }
                    };
                    return outside.looks.add(look, then);
                }
                (outcome, _) => outcome,
            }
        };
        then(outcome);
    }

    /// A look at a volume has ended that [`Volumes::check`](crate::Volumes::check) has begun with this number. If a helper may
    /// be launched still, `launch` does it, or says that there is nothing to do; the service is locked meanwhile. What it
    /// came to; [`CheckOutcome::Unknown`] if the volume is gone by now.
    pub fn looked(
        &self,
        volume: Uuid,
        look: u64,
        launch: impl FnOnce() -> Checked,
    ) -> CheckOutcome {
        let (outcome, waiting) = {
            let mut core = self.0.core.lock();
            let (machine, _, outside) = core.parts();
            let outcome = machine.looked(volume, look, launch, outside);
            (outcome, outside.looks.take(look))
        };
        for then in waiting {
            then(outcome);
        }
        outcome
    }

    /// The look for volumes has ended that [`Volumes::survey`](crate::Volumes::survey) has begun. Those that have not been
    /// told of are there from now on.
    pub fn surveyed(&self, found: Vec<NewVolume>) {
        let mut core = self.0.core.lock();
        let (machine, _, outside) = core.parts();
        machine.surveyed(found, outside);
    }

    /// What [`Volumes::finish`](crate::Volumes::finish) has begun with this number is done: the volume's lock goes on.
    pub fn finished(&self, volume: Uuid, number: u64) {
        let mut core = self.0.core.lock();
        let (machine, now, outside) = core.parts();
        machine.finished(volume, number, now, outside);
    }

    /// Whether a volume may be unmounted, once it has been looked at. That may launch its helper, which then is why it may not.
    #[must_use]
    pub fn unmount(&self, volume: Uuid) -> Unmount {
        let looked = self.check(volume, Why::Unmount);
        self.0.core.lock().machine.unmount(volume, looked)
    }
}
