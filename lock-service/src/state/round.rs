//! Looks at all volumes, for those who ask for the reboot lock.

use uuid::Uuid;

use crate::state::reboot::{Reboot, RebootWaiter};
use crate::state::{Answer, CheckOutcome, Happening, Machine, NewVolume, Outside, Why};
use crate::status::Status;

/// Who asks for the reboot lock, until it is known whether any volume is busy.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) asking: Vec<Asking>,
    /// Whether volumes that are not watched yet are being looked for.
    pub(super) surveying: bool,
    /// Whether they are to be looked for once more after that: somebody has asked since it began.
    survey_again: bool,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Asking {
    pub(super) who: RebootWaiter,
    /// Whether it waits if any volume is busy.
    pub(super) wait: bool,
}

/// What looks at all volumes have come to.
enum Found {
    /// Somebody is at work on this one, the first of them.
    Busy(Uuid),
    /// Not all have ended. The first one that has not, if it is at a volume.
    Looking(Option<Uuid>),
    Fit,
}

impl Machine {
    /// Somebody asks for the reboot lock: all volumes are looked at, unless they are already for others who ask.
    pub(super) fn ask(&mut self, asking: Asking, out: &mut dyn Outside) {
        let others = !self.round.asking.is_empty() || matches!(self.reboot, Reboot::Waited(_));
        self.round.asking.push(asking);
        let is_open = self.round.surveying || self.volumes.values().any(|v| v.look.is_some());
        if !(others && is_open) {
            // A look that began before, for another reason, may have missed a change since.
            for volume in self.volumes.values_mut() {
                if let Some(look) = &mut volume.look {
                    look.counts = false;
                }
            }
            self.round.survey_again = self.round.surveying;
            self.begin_round(out);
        }
        self.advance(out);
    }

    /// Work has ended: all volumes are looked at anew for who waits to shut the machine down.
    pub(super) fn look_if_waited(&mut self, out: &mut dyn Outside) {
        if self.is_reboot_wanted() {
            self.begin_round(out);
            self.advance(out);
        }
    }

    const fn is_reboot_wanted(&self) -> bool {
        matches!(self.reboot, Reboot::Waited(_)) || !self.round.asking.is_empty()
    }

    fn begin_round(&mut self, out: &mut dyn Outside) {
        for volume in self.volumes.values_mut() {
            volume.is_fit = false;
        }
        if !self.round.surveying {
            self.survey(out);
        }
    }

    fn survey(&mut self, out: &mut dyn Outside) {
        match out.survey() {
            Some(found) => self.insert_found(found, out),
            None => self.round.surveying = true,
        }
    }

    /// The look for volumes that were not watched has ended.
    pub fn surveyed(&mut self, found: Vec<NewVolume>, out: &mut dyn Outside) {
        self.round.surveying = false;
        self.insert_found(found, out);
        if std::mem::take(&mut self.round.survey_again) && self.is_reboot_wanted() {
            self.survey(out);
        }
        self.advance(out);
    }

    fn insert_found(&mut self, found: Vec<NewVolume>, out: &mut dyn Outside) {
        for new in found {
            if !self.volumes.contains_key(&new.id) {
                self.insert_volume(new, out);
            }
        }
    }

    /// Goes on with the looks, and answers those who ask as soon as that is possible.
    pub(super) fn advance(&mut self, out: &mut dyn Outside) {
        if self.reboot.is_held() || !self.is_reboot_wanted() {
            return;
        }
        match self.look_at_all(out) {
            Found::Fit => self.grant_reboot(out),
            Found::Busy(id) => self.keep_one_waiter(Some(id), true, out),
            Found::Looking(id) => self.keep_one_waiter(id, false, out),
        }
    }

    /// Looks at all volumes that have not been found fit, which may launch helpers.
    fn look_at_all(&mut self, out: &mut dyn Outside) -> Found {
        let unfit = self.volumes.iter().filter(|(_, volume)| !volume.is_fit);
        let ids: Vec<_> = unfit.map(|(id, _)| *id).collect();
        let (mut busy, mut looking) = (None, None);
        for id in ids {
            match self.check(id, Why::Shutdown, out) {
                CheckOutcome::Locked(_) | CheckOutcome::Running(_) | CheckOutcome::Launched(_) => {
                    busy = busy.or(Some(id))
                }
                CheckOutcome::Looking => looking = looking.or(Some(id)),
                _ => {
                    if let Some(volume) = self.volumes.get_mut(&id) {
                        volume.is_fit = true;
                    }
                }
            }
        }
        match busy {
            Some(id) => Found::Busy(id),
            None if looking.is_some() || self.round.surveying => Found::Looking(looking),
            None => Found::Fit,
        }
    }

    /// No volume is busy: who waits has the lock, or else the first who asked. One that cannot be told is passed over.
    fn grant_reboot(&mut self, out: &mut dyn Outside) {
        let waiter = match &self.reboot {
            Reboot::Waited(waiter) => Some(*waiter),
            _ => None,
        };
        let asking = std::mem::take(&mut self.round.asking);
        let asking = asking.into_iter().map(|asking| asking.who);
        for who in waiter.into_iter().chain(asking) {
            if self.reboot.is_held() {
                self.refuse_reboot(who, Status::ALREADY, None, out);
            } else {
                self.hold_reboot(who, out);
            }
        }
    }

    /// One waits at most, and others are told which volume is in their way; those who do not wait, once it `is_busy` for sure.
    fn keep_one_waiter(&mut self, volume: Option<Uuid>, is_busy: bool, out: &mut dyn Outside) {
        let mut has_waiter = matches!(self.reboot, Reboot::Waited(_));
        for asking in std::mem::take(&mut self.round.asking) {
            let Asking { who, wait } = asking;
            if wait && !has_waiter {
                has_waiter = true;
                if is_busy {
                    self.reboot = Reboot::Waited(who);
                    self.tell_of(out, None, (who.client, who.pid), Happening::Waits);
                } else {
                    self.round.asking.push(asking);
                }
            } else if wait || is_busy {
                self.refuse_reboot(who, Status::BUSY, volume, out);
            } else {
                self.round.asking.push(asking);
            }
        }
    }

    fn refuse_reboot(
        &mut self,
        who: RebootWaiter,
        status: Status,
        volume: Option<Uuid>,
        out: &mut dyn Outside,
    ) {
        let volume = volume.and_then(|id| self.volumes.get(&id));
        let answer = Answer {
            busy: volume.map(|volume| volume.name.clone()),
            ..Answer::of(status)
        };
        out.answer(who.ticket, answer);
        self.clients.leave_reboot(who.client);
        self.settle(who.client, out);
    }
}
