//! How far a monitor has come with its process: what was heard and what was answered, and nothing that does either.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Messages that an agent may have unanswered. Each is waited for, so an honest one has a single one, or two where it has
/// given up the first.
const MAX_UNANSWERED: usize = 16;

/// What a monitor is to its process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MonitorState {
    /// It was given to no process yet.
    Idle,
    /// Its process is there, or is being made; the agent in it has not said anything yet.
    Waiting,
    /// The agent tells it what is loaded.
    Attached,
    /// It has left a message unanswered for longer than its deadline: the agent tells it nothing more. Detach it, and
    /// attach another.
    Zombie,
    /// The agent is gone or has given the monitor up, and the process lives: it has executed another program, or closed
    /// its descriptors, or it had no place left.
    Lost,
    /// The process has exited.
    Ended,
    /// The process has exited, or runs unwatched, without that an agent ever said anything.
    NeverAttached,
    /// The process's loader ended it because of the agent: before any library was there, with status 127. See
    /// [`ExitCause::LoaderFailed`](crate::ExitCause::LoaderFailed).
    LoaderFailed,
}

impl MonitorState {
    /// Whether nothing more comes but, from a lost agent's process, its exit.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(
            self,
            Self::Lost | Self::Ended | Self::NeverAttached | Self::LoaderFailed
        )
    }
}

#[derive(Debug)]
pub(crate) struct Progress {
    state: MonitorState,
    deadline: Duration,
    /// The number of the last message. Agents count up, whoever it is for.
    last: Option<u32>,
    /// The exit was told.
    is_over: bool,
    unanswered: BTreeMap<u32, Instant>,
}

/// What is to be done about a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It is to be delivered.
    News,
    /// The agent does not keep to the protocol, and is to be left alone.
    Nonsense,
}

impl Progress {
    pub(crate) fn new(deadline: Duration) -> Self {
        Self {
            state: MonitorState::Idle,
            deadline,
            last: None,
            is_over: false,
            unanswered: BTreeMap::new(),
        }
    }

    /// The state by now: time alone makes a zombie.
    pub(crate) fn state(&self, now: Instant) -> MonitorState {
        match self.state {
            MonitorState::Attached if self.is_late(now) => MonitorState::Zombie,
            state => state,
        }
    }

    fn is_late(&self, now: Instant) -> bool {
        let late = |since: &Instant| now.saturating_duration_since(*since) >= self.deadline;
        self.unanswered.values().any(late)
    }

    /// It was given to a process, or taken back from one that did not come to be.
    pub(crate) fn claimed(&mut self, by_one: bool) {
        self.state = if by_one {
            MonitorState::Waiting
        } else {
            MonitorState::Idle
        };
    }

    /// The agent is there.
    pub(crate) fn hello(&mut self) -> Heard {
        match self.state {
            MonitorState::Waiting => {
                self.state = MonitorState::Attached;
                Heard::News
            }
            _ => Heard::Nonsense,
        }
    }

    /// A message that is to be answered.
    pub(crate) fn message(&mut self, sequence: u32, now: Instant) -> Heard {
        let is_new = self
            .last
            .is_none_or(|last| sequence.wrapping_sub(last).cast_signed() > 0);
        if self.state != MonitorState::Attached
            || !is_new
            || self.unanswered.len() >= MAX_UNANSWERED
        {
            return Heard::Nonsense;
        }
        // Who tells more has not given up on this monitor, whatever it was late with.
        let deadline = self.deadline;
        self.unanswered
            .retain(|_, since| now.saturating_duration_since(*since) < deadline);
        self.unanswered.insert(sequence, now);
        self.last = Some(sequence);
        Heard::News
    }

    /// A message was answered: whether in time.
    pub(crate) fn answered(&mut self, sequence: u32, now: Instant) -> bool {
        let in_time = match self.unanswered.get(&sequence) {
            Some(since) => now.saturating_duration_since(*since) < self.deadline,
            None => return false,
        };
        // What was late stays, and makes a zombie until something else is heard.
        if in_time {
            self.unanswered.remove(&sequence);
        }
        in_time
    }

    /// Whether anybody could be lost.
    pub(crate) fn may_be_lost(&self) -> bool {
        matches!(self.state, MonitorState::Waiting | MonitorState::Attached)
    }

    /// Nobody can send any more. `true`: that is news.
    pub(crate) fn lost(&mut self) -> bool {
        let is_news = self.may_be_lost();
        if is_news {
            self.state = match self.state {
                MonitorState::Attached => MonitorState::Lost,
                // Nobody was there to be lost.
                _ => MonitorState::NeverAttached,
            };
        }
        is_news
    }

    /// The process has exited, with this code if that is known. `None`: that was known.
    pub(crate) fn exited(&mut self, code: Option<i32>) -> Option<MonitorState> {
        /// What loaders exit with.
        const LOADER_FAILED: i32 = 127;
        let next = match self.state {
            _ if self.is_over => return None,
            MonitorState::Idle | MonitorState::Waiting | MonitorState::NeverAttached => {
                MonitorState::NeverAttached
            }
            _ if !self.has_heard_images() && code == Some(LOADER_FAILED) => {
                MonitorState::LoaderFailed
            }
            _ => MonitorState::Ended,
        };
        self.is_over = true;
        self.state = next;
        Some(next)
    }

    /// Whether the agent has come so far as to tell of libraries.
    pub(crate) fn has_heard_images(&self) -> bool {
        self.last.is_some()
    }

    /// The process runs without an agent, as was asked for.
    pub(crate) fn unwatched(&mut self) {
        self.state = MonitorState::NeverAttached;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEADLINE: Duration = Duration::from_secs(2);

    fn attached() -> (Progress, Instant) {
        let mut progress = Progress::new(DEADLINE);
        progress.claimed(true);
        assert_eq!(progress.hello(), Heard::News);
        (progress, Instant::now())
    }

    #[test]
    fn the_usual_life() {
        let mut progress = Progress::new(DEADLINE);
        let start = Instant::now();
        assert_eq!(progress.state(start), MonitorState::Idle);
        progress.claimed(true);
        assert_eq!(progress.state(start), MonitorState::Waiting);
        assert_eq!(progress.hello(), Heard::News);
        assert_eq!(progress.state(start), MonitorState::Attached);
        assert_eq!(progress.message(1, start), Heard::News);
        assert!(progress.answered(1, start + DEADLINE / 2));
        assert_eq!(progress.exited(Some(0)), Some(MonitorState::Ended));
        assert_eq!(progress.state(start), MonitorState::Ended);
    }

    #[test]
    fn silence_makes_a_zombie_and_a_late_answer_does_not_help() {
        let (mut progress, start) = attached();
        assert_eq!(progress.message(1, start), Heard::News);
        let almost = start + DEADLINE - Duration::from_millis(1);
        assert_eq!(progress.state(almost), MonitorState::Attached);
        let late = start + DEADLINE;
        assert_eq!(progress.state(late), MonitorState::Zombie);
        assert!(!progress.answered(1, late));
        assert_eq!(progress.state(late), MonitorState::Zombie);
    }

    #[test]
    fn an_agent_that_goes_on_telling_has_not_given_up() {
        let (mut progress, start) = attached();
        progress.message(1, start);
        let late = start + DEADLINE;
        assert_eq!(progress.message(2, late), Heard::News);
        assert_eq!(progress.state(late), MonitorState::Attached);
        assert!(progress.answered(2, late));
    }

    #[test]
    fn what_no_agent_says_is_nonsense() {
        let mut progress = Progress::new(DEADLINE);
        let now = Instant::now();
        assert_eq!(progress.hello(), Heard::Nonsense);
        progress.claimed(true);
        assert_eq!(progress.message(1, now), Heard::Nonsense);
        progress.hello();
        assert_eq!(progress.hello(), Heard::Nonsense);
        // Counting goes over the end of the numbers, and not backwards.
        let first = u32::MAX - 3;
        assert_eq!(progress.message(first, now), Heard::News);
        for earlier in [first, first - 1, 5_u32.wrapping_add(1 << 31)] {
            assert_eq!(progress.message(earlier, now), Heard::Nonsense);
        }
        for more in 1..MAX_UNANSWERED as u32 {
            assert_eq!(progress.message(first.wrapping_add(more), now), Heard::News);
        }
        assert_eq!(progress.message(99, now), Heard::Nonsense);
        assert!(!progress.answered(99, now));
    }

    #[test]
    fn what_was_never_sent_or_is_answered_twice_is_not_answered() {
        let (mut progress, now) = attached();
        progress.message(7, now);
        assert!(!progress.answered(8, now));
        assert!(progress.answered(7, now));
        assert!(!progress.answered(7, now));
    }

    #[test]
    fn an_agent_is_lost_once() {
        let (mut progress, now) = attached();
        assert!(progress.lost());
        assert!(!progress.lost());
        assert_eq!(progress.state(now), MonitorState::Lost);
        assert_eq!(progress.message(1, now), Heard::Nonsense);
        assert_eq!(progress.exited(None), Some(MonitorState::Ended));
    }

    #[test]
    fn one_exit_and_none_after() {
        for hello in [true, false] {
            let mut progress = Progress::new(DEADLINE);
            progress.claimed(true);
            if hello {
                progress.hello();
            }
            assert!(progress.exited(Some(0)).is_some());
            assert_eq!(progress.exited(Some(0)), None);
            assert!(!progress.lost());
        }
    }

    #[test]
    fn who_never_spoke_was_never_attached() {
        let mut progress = Progress::new(DEADLINE);
        progress.claimed(true);
        assert_eq!(
            progress.exited(Some(127)),
            Some(MonitorState::NeverAttached)
        );
        let mut progress = Progress::new(DEADLINE);
        progress.claimed(true);
        assert!(progress.lost());
        assert_eq!(progress.state(Instant::now()), MonitorState::NeverAttached);
        assert_eq!(progress.exited(Some(0)), Some(MonitorState::NeverAttached));
    }

    #[test]
    fn a_loader_that_fails_is_told_from_a_program_that_does() {
        let (mut progress, _) = attached();
        assert_eq!(progress.exited(Some(127)), Some(MonitorState::LoaderFailed));
        let (mut progress, now) = attached();
        progress.message(1, now);
        assert_eq!(progress.exited(Some(127)), Some(MonitorState::Ended));
        let (mut progress, _) = attached();
        assert_eq!(progress.exited(None), Some(MonitorState::Ended));
    }

    #[test]
    fn a_failed_launch_leaves_the_monitor_as_it_was() {
        let mut progress = Progress::new(DEADLINE);
        progress.claimed(true);
        progress.claimed(false);
        assert_eq!(progress.state(Instant::now()), MonitorState::Idle);
    }
}
