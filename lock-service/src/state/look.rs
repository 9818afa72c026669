//! Looks at volumes that take their time.

use uuid::Uuid;

use crate::resource::Resource;
use crate::state::{CheckOutcome, Checked, Machine, Outside, Why};

/// A look that has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    number: u64,
    why: Why,
    /// Whether what it finds counts for who shuts the machine down: nothing has happened that it may have missed.
    pub(super) counts: bool,
}

impl Look {
    pub(super) fn new(number: u64, why: Why) -> Self {
        let counts = why != Why::Forced; // such a one does not say whether anything is stale
        Self {
            number,
            why,
            counts,
        }
    }
}

impl Machine {
    /// The number of the look at a volume that has begun and has not ended.
    #[must_use]
    pub fn looking(&self, id: Uuid) -> Option<u64> {
        self.volumes
            .get(&id)
            .and_then(|volume| volume.look)
            .map(|look| look.number)
    }

    /// A look that was begun has ended. If a helper may be launched still, `launch` does it, or says that there is nothing to
    /// do. [`CheckOutcome::Unknown`] if the volume is gone, or another one by now.
    pub fn looked(
        &mut self,
        id: Uuid,
        number: u64,
        launch: impl FnOnce() -> Checked,
        out: &mut dyn Outside,
    ) -> CheckOutcome {
        let volume = self.volumes.get_mut(&id);
        let look = volume.and_then(|volume| volume.look.take_if(|look| look.number == number));
        let Some(look) = look else {
            return CheckOutcome::Unknown;
        };
        let outcome = match self.volume_holder(id) {
            Some(pid) => CheckOutcome::Locked(pid),
            None if self.reboot.is_held() => CheckOutcome::ShuttingDown,
            None => self.checked(id, look.why, launch(), out),
        };
        if look.counts
            && matches!(outcome, CheckOutcome::Clean | CheckOutcome::Failed)
            && let Some(volume) = self.volumes.get_mut(&id)
        {
            volume.is_fit = true;
        }
        self.advance(out);
        outcome
    }

    /// Somebody is at work on a volume: what is seen of it before that ends does not count.
    pub(super) fn note_work(&mut self, resource: &Resource) {
        if let Some((_, volume)) = self.volume_mut(resource) {
            volume.is_fit = false;
            if let Some(look) = &mut volume.look {
                look.counts = false;
            }
        }
    }
}
