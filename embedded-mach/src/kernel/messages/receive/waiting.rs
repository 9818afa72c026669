//! What a thread receives from, and how it waits for that.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Instant;

use nix::errno::Errno;
use nix::poll::PollFlags;

use super::{ReceiveRequest, Way};
use crate::headers::message::{MACH_RCV_INVALID_NAME, mach_msg_return_t};
use crate::headers::port::{MACH_PORT_TYPE_RECEIVE, mach_port_name_t};
use crate::kernel::Kernel;
use crate::kernel::messages::parking;
use crate::kernel::namespace::space::Object;
use crate::kernel::ports::ids::{PortKey, SetKey, key as key_of};
use crate::kernel::ports::spin::{Pace, Plan, spin};
use crate::kernel::ports::waiters::{Waiters, Waiting};
use crate::sys::foreign::Foreign;
use crate::sys::packet::{self, Arrival};
use crate::sys::parker::{Parker, Waitable, Woken};
use crate::sys::place::Place;
use crate::sys::process;
use crate::sys::socket;
use crate::sys::watch::{Keys, Watch};

/// What a thread receives from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A port, and how often its receive right had moved when the thread began to wait.
    Port(PortKey, u32),
    Set(SetKey),
}

/// How a thread waits.
pub(super) enum Wait {
    /// On the watch of what it waits for.
    Leading(Parker, Watch),
    /// The same where nobody is there to wake it.
    Undisturbed(Watch),
    /// For a descriptor, or for nothing but to be woken.
    Elsewhere(Parker, Option<Waitable>),
    /// In the very read: nobody is there to wake it. With the room for what it reads.
    Alone(Way, Arc<Foreign>, Place),
}

/// What a wait has shown.
pub(super) enum Seen {
    /// Nothing.
    Nothing,
    /// What is ready of what a source watches.
    Ready(Keys),
    /// What has been read of a link.
    Read(Way, Place, Result<Arrival, Errno>),
}

impl Seen {
    pub(super) fn ready(self) -> Option<Keys> {
        match self {
            Self::Ready(keys) => Some(keys),
            _ => None,
        }
    }
}

impl Wait {
    fn parker(&self) -> Option<&Parker> {
        match self {
            Self::Leading(parker, _) | Self::Elsewhere(parker, _) => Some(parker),
            Self::Undisturbed(_) | Self::Alone(..) => None,
        }
    }

    /// Waits as planned.
    pub(super) fn wait(&mut self, deadline: Option<Instant>, plan: Plan) -> (Woken, Seen, Pace) {
        let start = Instant::now();
        match plan {
            Plan::Sleep => {
                let (woken, seen) = self.sleep(deadline);
                (woken, seen, Pace::Rested(start.elapsed()))
            }
            Plan::Measure => {
                let (woken, seen) = self.sleep(deadline);
                (woken, seen, Pace::Slept(start.elapsed()))
            }
            Plan::Spin => {
                let (woken, seen) = match spin(start, || self.look()) {
                    Some(seen) => (Woken::Again, seen),
                    None => self.sleep(deadline),
                };
                (woken, seen, Pace::Spun(start.elapsed()))
            }
        }
    }

    /// What there is now; `None` if nothing.
    fn look(&mut self) -> Option<Seen> {
        match self {
            Self::Leading(_, watch) | Self::Undisturbed(watch) => Some(watch.ready())
                .filter(|ready| !ready.is_empty())
                .map(Seen::Ready),
            Self::Elsewhere(parker, watched) => {
                let watched = watched.as_ref().map(|fd| (fd, PollFlags::POLLIN));
                parker.look(watched).then_some(Seen::Nothing)
            }
            Self::Alone(link, fd, place) => match packet::receive_to(fd.as_fd(), place) {
                Err(Errno::EAGAIN) => None,
                got => Some(Seen::Read(*link, std::mem::take(place), got)),
            },
        }
    }

    fn sleep(&mut self, deadline: Option<Instant>) -> (Woken, Seen) {
        match self {
            Self::Leading(_, watch) | Self::Undisturbed(watch) => {
                match watch.wait_until(deadline) {
                    (Woken::Again, ready) => (Woken::Again, Seen::Ready(ready)),
                    (woken, _) => (woken, Seen::Nothing),
                }
            }
            Self::Elsewhere(parker, watched) => {
                let watched = watched.as_ref().map(|fd| (fd, PollFlags::POLLIN));
                (parker.wait(watched, deadline), Seen::Nothing)
            }
            Self::Alone(link, fd, place) => {
                let mut place = std::mem::take(place);
                let got = packet::wait_for(fd.as_fd(), &mut place);
                let is_late = || deadline.is_some_and(|at| at <= Instant::now());
                let woken = match got {
                    Err(Errno::EINTR) => Woken::Interrupted,
                    Err(Errno::EAGAIN) if is_late() => Woken::TimedOut,
                    _ => Woken::Again,
                };
                (woken, Seen::Read(*link, place, got))
            }
        }
    }
}

impl Kernel {
    pub(super) fn source(&self, name: mach_port_name_t) -> Result<Source, mach_msg_return_t> {
        let entry = self.space.get(name).ok_or(MACH_RCV_INVALID_NAME)?;
        match entry.object {
            Object::Set(set) => Ok(Source::Set(set)),
            Object::Port(key) if entry.has(MACH_PORT_TYPE_RECEIVE) => {
                let moves = self.local(key).map_or(0, |local| local.moves);
                Ok(Source::Port(key, moves))
            }
            _ => Err(MACH_RCV_INVALID_NAME),
        }
    }

    pub(super) fn still_there(&self, source: Source) -> bool {
        match source {
            Source::Port(key, moves) => self.local(key).is_some_and(|local| local.moves == moves),
            Source::Set(set) => self.sets.contains_key(set),
        }
    }

    /// Enters the thread among those that wait on a source. `alone`: how many milliseconds it may wait where nothing but
    /// a message can end the wait, 0 for as long as it takes.
    pub(super) fn begin_wait(
        &mut self,
        source: Source,
        alone: Option<u32>,
        request: &ReceiveRequest,
    ) -> Result<Wait, Errno> {
        let is_single = process::is_single_threaded();
        if let Some(limit) = alone
            && is_single
            && let Some((link, fd)) = self.own_link(source, limit)
        {
            return Ok(Wait::Alone(link, fd, self.place_for(request)));
        }
        let only = match source {
            Source::Port(key, _) => self.only_descriptor(key),
            Source::Set(_) => None,
        };
        let Some((receivers, waiting, watch)) = self.waiting_on(source) else {
            // It is gone: the next look says so.
            let parker = parking::parker()?;
            parker.wake();
            return Ok(Wait::Elsewhere(parker, None));
        };
        let wait = match watch {
            Some(watch) if is_single => Wait::Undisturbed(watch.clone()),
            Some(watch) => match waiting.take_lead(watch) {
                Some(parker) => Wait::Leading(parker, watch.clone()),
                None => Wait::Elsewhere(parking::parker()?, Some(watch.descriptor())),
            },
            None => Wait::Elsewhere(parking::parker()?, only),
        };
        if let Some(parker) = wait.parker() {
            receivers.join(parker);
        }
        Ok(wait)
    }

    /// The one link that a port's messages come by, with a limit to its reads, if no stranger has its receiving end.
    fn own_link(&mut self, source: Source, limit: u32) -> Option<(Way, Arc<Foreign>)> {
        let Source::Port(port, _) = source else {
            return None;
        };
        if self.local(port)?.watch.is_some() {
            return None;
        }
        let way = self.only_source(port, None)?;
        let (fd, limited) = match way {
            Way::Link(link) => {
                let link = self.links.get_mut(link)?;
                (&link.fd, &mut link.read_limit)
            }
            // Nobody else has ever had it (Slot rule 1).
            Way::Back(back) => self.backs.get_mut(back)?.reading(),
        };
        if *limited != limit {
            socket::limit_reads(fd, limit).ok()?;
            *limited = limit;
        }
        Some((way, Arc::clone(fd)))
    }

    /// How a wait should go. `may_spin`: a signal need not end it.
    pub(super) fn plan_wait(&mut self, source: Source, may_spin: bool) -> Plan {
        match self.waiting_on(source) {
            Some((_, waiting, _)) if may_spin => waiting.spin.plan(),
            _ => Plan::Sleep,
        }
    }

    /// What a port without a watch hears by.
    fn only_descriptor(&self, port: PortKey) -> Option<Waitable> {
        let local = self.local(port)?;
        let fd = match (local.links.first(), local.backs.first()) {
            (Some(&link), _) => &self.links.get(link).filter(|link| !link.is_held())?.fd,
            (None, Some(&back)) => &self.backs.get(back)?.fd,
            (None, None) => return None,
        };
        Some(fd.clone())
    }

    pub(super) fn end_wait(&mut self, source: Source, wait: &Wait, pace: Pace) {
        let Some((receivers, waiting, _)) = self.waiting_on(source) else {
            return;
        };
        waiting.spin.learn(pace);
        if pace.is_none() {
            // A look would not have been in vain.
            waiting.looked(true);
        }
        let Some(parker) = wait.parker() else {
            return;
        };
        let still_there = receivers.leave(parker);
        if matches!(wait, Wait::Leading(..)) {
            waiting.end_lead(!still_there);
        }
    }

    fn waiting_on(
        &mut self,
        source: Source,
    ) -> Option<(&mut Waiters, &mut Waiting, Option<&Watch>)> {
        match source {
            Source::Port(key, _) => self
                .local_mut(key)
                .map(|l| (&mut l.receivers, &mut l.waiting, l.watch.as_ref())),
            Source::Set(key) => self
                .sets
                .get_mut(key)
                .map(|s| (&mut s.receivers, &mut s.waiting, s.watch.as_ref())),
        }
    }

    /// Whether a thread that is going to wait should do so without having looked, for that would likely be in vain.
    pub(super) fn spares_a_look(&mut self, source: Source) -> bool {
        let idle = self.queued(source).is_none() && !self.has_turns(source);
        self.waiting_on(source)
            .is_some_and(|(_, waiting, _)| idle && waiting.spares_a_look())
    }

    /// Notes whether a look that was not spared has found a message.
    pub(super) fn looked(&mut self, source: Source, found: bool) {
        if let Some((_, waiting, _)) = self.waiting_on(source) {
            waiting.looked(found);
        }
    }

    /// What is ready of what a source watches; `None` where it watches nothing.
    pub(super) fn look(&mut self, source: Source) -> Option<Keys> {
        let (_, _, watch) = self.waiting_on(source)?;
        watch.map(Watch::ready)
    }

    /// The port whose first message is next, if there is one. `ready`: what has been seen of what the source watches.
    pub(super) fn find_message(&mut self, source: Source, ready: Option<Keys>) -> Option<PortKey> {
        match (source, ready) {
            (Source::Port(key, _), None) => self.pump(key),
            (Source::Port(key, _), Some(ready)) => self.pump_ready(key, ready),
            (Source::Set(set), None) => self.pump_set(set),
            (Source::Set(_), Some(ready)) => self.pump_members(ready),
        }
        self.queued(source)
    }

    /// Whether a look has shown members of a set that have not had their turn.
    fn has_turns(&self, source: Source) -> bool {
        match source {
            Source::Port(..) => false,
            Source::Set(set) => self.sets.get(set).is_some_and(|set| !set.turn.is_empty()),
        }
    }

    fn queued(&self, source: Source) -> Option<PortKey> {
        let has_some = |key| self.local(key).is_some_and(|local| !local.queue.is_empty());
        match source {
            Source::Port(key, _) => Some(key).filter(|&key| has_some(key)),
            Source::Set(set) => {
                let set = self.sets.get(set)?;
                set.ready.iter().copied().find(|&member| has_some(member))
            }
        }
    }

    /// Takes what has arrived by the links of a set's members into their queues.
    pub(crate) fn pump_set(&mut self, set: SetKey) {
        let ready = match self.sets.get(set).and_then(|set| set.watch.as_ref()) {
            Some(watch) => watch.ready(),
            None => return,
        };
        self.pump_members(ready);
    }

    fn pump_members(&mut self, ready: Keys) {
        for member in ready.filter(|&key| key != Watch::WAKE) {
            self.pump(key_of(member));
        }
    }

    /// Whether a receive would find a message now.
    pub(crate) fn has_message(&mut self, name: mach_port_name_t) -> bool {
        self.source(name)
            .is_ok_and(|source| self.find_message(source, None).is_some())
    }
}
