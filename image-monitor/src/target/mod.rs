//! A watched process, as its monitors share it.

mod claim;
mod slots;

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use image_protocol::{ATTACH, Attach};
use mach_ports::dispatch::ExitEvent;
use mach_ports::{Message, SendOptions, SendRight};
use parking_lot::{Condvar, Mutex};

use crate::monitor::{MonitorState, Shared};
use crate::{AttachError, ImageList, ImageMonitor, sys};
use slots::{Slots, Ticket};

pub use claim::Claim;

/// How long a request to the agent waits for room in its port.
const PATIENCE: Duration = Duration::from_millis(100);

/// A process that monitors watch, or will watch once it is there: eight at a time.
///
/// Launchers use it; who launches by a `Launcher` finds it in the child. Clones are the same process.
///
/// Monitors that are there before the process are [claimed](Self::claim), and their ports passed to the agent. Further ones
/// [attach](Self::attach) while it runs: the agent is sent their ports, and takes them up when its loader has something to tell next.
#[derive(Debug, Clone, Default)]
pub struct Target {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    slots: Mutex<Slots>,
    exit: OnceLock<ExitEvent>,
    agent: Mutex<Agent>,
    monitors: Mutex<Vec<Weak<Shared>>>,
    code: Mutex<Option<i32>>,
    reaped: Condvar,
}

/// The way to the agent.
#[derive(Debug)]
enum Agent {
    /// It has not spoken yet; these are for it when it does.
    Silent(Vec<(SendRight, Attach)>),
    Heard(SendRight),
}

impl Default for Agent {
    fn default() -> Self {
        Self::Silent(Vec::new())
    }
}

impl Target {
    /// A process that is to be made.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reserves a place for a monitor of a process that is to be made. Dropping the claim undoes that.
    ///
    /// # Errors
    /// The monitor has a process already, or there is no place: [`AttachError::code`] is `KERN_UREFS_OVERFLOW` then.
    pub fn claim(&self, monitor: &ImageMonitor) -> Result<Claim, AttachError> {
        let ticket = self.inner.slots.lock().claim().ok_or(AttachError::NoSlot)?;
        let seat = Seat {
            target: Arc::downgrade(&self.inner),
            ticket,
        };
        monitor.claim(self, seat)
    }

    /// The process is there. Its monitors begin to watch.
    ///
    /// # Errors
    /// The system is short of a resource. The monitors that were claimed are of no more use.
    pub fn started(&self, exit: &ExitEvent, claims: Vec<Claim>) -> Result<(), AttachError> {
        let _ = self.inner.exit.set(exit.clone());
        claims
            .into_iter()
            .try_for_each(|claim| claim.start(exit.clone()))
    }

    /// Attaches a further monitor to the running process. The agent hears of it when its loader next has something to tell, and
    /// says it to the new monitor, too; of what was loaded before no event comes, but the images are in its list if another
    /// monitor has them.
    ///
    /// # Errors
    /// As [`claim`](Self::claim); or the agent is gone. Nothing has changed then, and the monitor can be used elsewhere.
    pub fn attach(&self, monitor: &ImageMonitor) -> Result<(), AttachError> {
        let exit = self.inner.exit.get().ok_or(AttachError::NoAgent)?;
        let claim = self.claim(monitor)?;
        let attach = Attach {
            deadline_ms: claim.deadline_ms(),
        };
        let right = claim.right()?;
        match &mut *self.inner.agent.lock() {
            Agent::Silent(waiting) => waiting.push((right, attach)),
            Agent::Heard(agent) => send(agent, right, attach)?,
        }
        claim.start(exit.clone())
    }

    /// How many monitors it has.
    #[must_use]
    pub fn monitors(&self) -> usize {
        self.inner.slots.lock().taken()
    }

    /// Who reaps the process tells how it ended.
    pub fn reaped(&self, code: Option<i32>) {
        // A signal is no code of a loader's.
        *self.inner.code.lock() = Some(code.unwrap_or(-1));
        self.inner.reaped.notify_all();
    }

    /// How the process has ended, also if it is reaped at this moment.
    pub(crate) fn exit_code(&self) -> Option<i32> {
        let pid = self.inner.exit.get()?.pid();
        let known = *self.inner.code.lock();
        known.or_else(|| sys::exit::code(pid)).or_else(|| {
            let mut code = self.inner.code.lock();
            let unknown = |code: &mut Option<i32>| code.is_none();
            self.inner
                .reaped
                .wait_while_for(&mut code, unknown, PATIENCE);
            *code
        })
    }

    /// A monitor whose agent has just spoken: what others know of the process by now.
    pub(crate) fn joined(&self, monitor: &Arc<Shared>) -> Option<Arc<ImageList>> {
        let mut monitors = self.inner.monitors.lock();
        monitors.retain(|other| other.strong_count() > 0);
        let mut attached = monitors
            .iter()
            .filter_map(Weak::upgrade)
            .filter(|other| other.state() == MonitorState::Attached);
        let known = attached.next().map(|other| other.images());
        monitors.push(Arc::downgrade(monitor));
        known
    }

    /// The agent has said where it hears.
    pub(crate) fn heard_of(&self, agent: &SendRight) {
        let mut known = self.inner.agent.lock();
        let Agent::Silent(waiting) = &mut *known else {
            return;
        };
        for (right, attach) in std::mem::take(waiting) {
            // Its monitor may be gone by now.
            if !right.is_dead()
                && let Err(error) = send(agent, right, attach)
            {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "a monitor is not attached"
                );
            }
        }
        match agent.try_clone() {
            Ok(agent) => *known = Agent::Heard(agent),
            Err(error) => tracing::warn!(%error, "no further monitors can attach"),
        }
    }
}

fn send(agent: &SendRight, right: SendRight, attach: Attach) -> Result<(), AttachError> {
    Message::new(ATTACH)
        .move_send(right)
        .bytes(&attach.bytes())
        .send(agent, &SendOptions::new().timeout(PATIENCE))
        .map_err(AttachError::Agent)
}

/// A place among a process's monitors. Dropping it frees the place, if it is still this one's.
#[derive(Debug)]
pub(crate) struct Seat {
    target: Weak<Inner>,
    ticket: Ticket,
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(target) = self.target.upgrade() {
            target.slots.lock().release(self.ticket);
        }
    }
}
