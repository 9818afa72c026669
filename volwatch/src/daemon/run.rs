//! The daemon's thread.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use lock_service::state::{CheckOutcome, Why};
use nix::sys::signal::Signal;

use crate::VolumeId;
use crate::daemon::{Daemon, Event, follow};
use crate::watch::Noticed;

/// Nothing is due: as long as any event may take.
const IDLE: Duration = Duration::from_secs(3600);

impl Daemon {
    /// Does what volumes, locks and helpers call for, until it is told to stop.
    pub fn run(mut self) {
        loop {
            let now = Instant::now();
            self.do_due(now);
            let next = self.next_due();
            let wait = next.map_or(IDLE, |next| next.saturating_duration_since(now));
            match self.events.recv_timeout(wait) {
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
                Ok(event) => {
                    if self.react_to_all(event).is_break() {
                        break;
                    }
                }
            }
        }
        self.end();
    }

    /// Does what an event calls for, and those that have come meanwhile. A volume is watched anew once for all of them.
    fn react_to_all(&mut self, first: Event) -> ControlFlow<()> {
        let mut moved = BTreeSet::new();
        let mut next = Some(first);
        while let Some(event) = next {
            self.react(event, &mut moved)?;
            next = self.events.try_recv().ok();
        }
        for id in moved {
            self.watch(id, false);
        }
        ControlFlow::Continue(())
    }

    /// Does what an event calls for; `moved` collects what is to be watched anew.
    fn react(&mut self, event: Event, moved: &mut BTreeSet<VolumeId>) -> ControlFlow<()> {
        match event {
            Event::Mounts => self.look_for_volumes(false),
            Event::Scanned(changes) => self.scanned(changes),
            Event::Watching { id, root, watching } => self.watched(id, &root, watching),
            Event::Noticed(Noticed::Moved(id)) | Event::Rewatch(id) => {
                moved.insert(id);
            }
            Event::Noticed(Noticed::Changed(id)) | Event::Released(id) => self.changed(id),
            Event::HelperExited { id, pid } => self.helper_exited(id, pid),
            // There is another deadline, which is seen to; or somebody waits for the end.
            Event::HelperLaunched | Event::Written => {}
            Event::Reload(settings) => self.reload(*settings),
            Event::Stop => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }

    pub(super) fn changed(&mut self, id: VolumeId) {
        let mut table = self.table.lock();
        if table.volumes.contains_key(&id) {
            table.schedule.changed(id, Instant::now());
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let table = self.table.lock();
        let times = [table.schedule.next(), table.next_kill()];
        times.into_iter().flatten().min()
    }

    fn do_due(&mut self, now: Instant) {
        let (due, overdue, all) = {
            let mut table = self.table.lock();
            let due = table.schedule.due(now);
            if due.all && table.settings.boot_updater && !table.checked_in {
                tracing::warn!("no boot updater has taken a lock since the start");
            }
            let all: Vec<_> = table.volumes.keys().copied().collect();
            (due, table.overdue(now), all)
        };
        for child in overdue {
            follow::signal(&child, Signal::SIGKILL);
        }
        let (volumes, why) = if due.all {
            (all, Why::Appeared)
        } else {
            (due.volumes, Why::Changed)
        };
        for id in volumes {
            self.check(id, why);
        }
    }

    /// Has the lock service look at a volume; again, if somebody is at work on it now, or the machine is being shut down.
    pub(super) fn check(&self, id: VolumeId, why: Why) {
        if !self.table.lock().begin_check(id) {
            return;
        }
        let table = Arc::clone(&self.table);
        self.locks.handle().begin_check(id, why, move |outcome| {
            tracing::debug!(%id, ?why, ?outcome, "checked");
            let is_blocked = matches!(
                outcome,
                CheckOutcome::Locked(_) | CheckOutcome::Running(_) | CheckOutcome::ShuttingDown
            );
            table.lock().end_check(id, is_blocked);
        });
    }
}
