//! Threads for what may never end: a job that is stuck hurts nobody, for another thread takes up the next.
//!
//! There are no threads until there is a job, and none again some time after the last one. Where a job has to wait for
//! threads that are busy, another one waits beside them: it takes the job after a while, which shows that they are stuck.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::signals;

/// How long a job waits for a thread that is busy before another is begun.
const STUCK: Duration = Duration::from_millis(5);
/// How long a thread without a job stays.
const KEPT: Duration = Duration::from_secs(10);
/// Jobs do little more than a system call.
const STACK: usize = 128 << 10;

/// Something that a thread does for another, which may give it up as stuck.
pub(crate) trait Job: Send + 'static {
    type Done;
    type Late;

    fn run(self) -> Self::Done;
    /// Says what has come of it. If nobody waits any more, that is given back.
    fn tell(done: Self::Done) -> Option<Self::Late>;
    /// Does what is left to be done with that.
    fn late(late: Self::Late);
}

/// Threads of one kind, and their jobs.
#[derive(Debug)]
pub(crate) struct Crew<J: 'static> {
    name: &'static str,
    /// How many threads may be stuck before jobs have to wait.
    most: usize,
    state: Mutex<State<J>>,
    /// There is a job.
    begun: Condvar,
    /// A job is done.
    ended: Condvar,
}

/// What a crew has to do.
#[derive(Debug)]
pub(crate) struct State<J> {
    jobs: VecDeque<(Instant, J)>,
    threads: usize,
    busy: usize,
    /// How many of those that are busy are known to be stuck.
    stuck: usize,
    /// Somebody has waited until all was done.
    watched: bool,
}

impl<J: Job> Crew<J> {
    pub(crate) const fn new(name: &'static str, most: usize) -> Self {
        Self {
            name,
            most,
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                threads: 0,
                busy: 0,
                stuck: 0,
                watched: false,
            }),
            begun: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    fn locked(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a job done: `false` if that has to wait until a thread is not stuck any more.
    pub(crate) fn give(&'static self, job: J) -> bool {
        let mut state = self.locked();
        state.jobs.push_back((Instant::now(), job));
        self.see_to_threads(&mut state);
        let begins = state.stuck < state.threads;
        drop(state);
        self.begun.notify_one();
        begins
    }

    /// Whether a job would have to wait until a thread is not stuck any more.
    pub(crate) fn is_at_a_stand(&'static self) -> bool {
        let state = self.locked();
        state.threads >= self.most && state.stuck >= state.threads
    }

    /// Notes that a job is stuck: others do not wait for it.
    pub(crate) fn is_stuck(&'static self) {
        let mut state = self.locked();
        state.stuck += 1;
        self.see_to_threads(&mut state);
        drop(state);
        self.begun.notify_all();
    }

    /// Begins a thread if a job waits and all are busy. If that cannot be, the next job tries it again.
    fn see_to_threads(&'static self, state: &mut State<J>) {
        let all_busy = state.busy == state.threads;
        let is_missing = all_busy && !state.jobs.is_empty() && state.threads < self.most;
        if is_missing {
            self.begin_thread(state);
        }
    }

    fn begin_thread(&'static self, state: &mut State<J>) {
        let thread = Builder::new().name(self.name.to_owned());
        if signals::begin(thread.stack_size(STACK), || self.work()).is_ok() {
            state.threads += 1;
        }
    }

    /// Whether there is a thread at all: some processes may have no more than they began with.
    pub(crate) fn is_manned(&'static self) -> bool {
        let mut state = self.locked();
        if state.threads == 0 {
            self.begin_thread(&mut state);
        }
        state.threads > 0
    }

    fn work(&'static self) {
        let mut state = self.locked();
        loop {
            let now = Instant::now();
            // While others are at it a job is theirs, for as long as it seems that they go on.
            let due = match state.jobs.front() {
                Some((since, _)) if state.busy > state.stuck => Some(*since + STUCK),
                Some(_) => Some(now),
                None => None,
            };
            if due.is_some_and(|due| due <= now)
                && let Some((_, job)) = state.jobs.pop_front()
            {
                state.busy += 1;
                self.see_to_threads(&mut state);
                drop(state);
                let done = job.run();
                // Whoever is told may have the next job for this thread.
                state = self.locked();
                state.busy -= 1;
                let watched = state.watched;
                drop(state);
                if watched {
                    self.ended.notify_all();
                }
                let late = J::tell(done);
                state = self.locked();
                if let Some(late) = late {
                    state.busy += 1;
                    self.see_to_threads(&mut state);
                    drop(state);
                    J::late(late);
                    state = self.locked();
                    state.busy -= 1;
                    state.stuck -= 1;
                }
                continue;
            }
            let wait = due.map_or(KEPT, |due| due.saturating_duration_since(now));
            let waited = self.begun.wait_timeout(state, wait);
            let (again, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = again;
            if timeout.timed_out() && state.jobs.is_empty() && state.busy == 0 {
                state.threads -= 1;
                return;
            }
        }
    }

    /// Waits until all that was given is done, until a deadline: whether it is.
    pub(crate) fn wait_until_idle(&self, deadline: Instant) -> bool {
        let mut state = self.locked();
        state.watched = true;
        while !state.jobs.is_empty() || state.busy > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.ended.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        true
    }

    /// Keeps jobs and threads as they are while the process is copied.
    pub(crate) fn hold(&'static self) -> MutexGuard<'static, State<J>> {
        self.locked()
    }
}

impl<J> State<J> {
    /// In a forked child, which has no threads: the jobs that were not begun.
    pub(crate) fn after_fork(&mut self) -> impl Iterator<Item = J> + '_ {
        self.threads = 0;
        self.busy = 0;
        self.stuck = 0;
        self.jobs.drain(..).map(|(_, job)| job)
    }

    /// Leaves a job for when there is another.
    pub(crate) fn put_back(&mut self, job: J) {
        self.jobs.push_back((Instant::now(), job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::SigSet;
    use std::sync::mpsc::{Receiver, Sender, channel};

    const LONG: Duration = Duration::from_secs(60);

    /// Waits until it is released, and tells its number.
    struct Waits(Receiver<()>, Sender<usize>, usize);

    impl Job for Waits {
        type Done = (Sender<usize>, usize);
        type Late = ();

        fn run(self) -> Self::Done {
            let _ = self.0.recv();
            (self.1, self.2)
        }

        fn tell((tell, number): Self::Done) -> Option<()> {
            let _ = tell.send(number);
            None
        }

        fn late((): ()) {}
    }

    /// Tells the signals that are blocked.
    struct Masks(Sender<SigSet>);

    impl Job for Masks {
        type Done = Sender<SigSet>;
        type Late = ();

        fn run(self) -> Self::Done {
            self.0
        }

        fn tell(tell: Self::Done) -> Option<()> {
            let _ = tell.send(SigSet::thread_get_mask().unwrap());
            None
        }

        fn late((): ()) {}
    }

    #[test]
    fn a_job_that_is_stuck_keeps_no_other_until_all_threads_are() {
        static CREW: Crew<Waits> = Crew::new("crew", 3);
        let (done, ended) = channel();
        let mut held = Vec::new();
        let give = |number| {
            let (release, hold) = channel();
            CREW.give(Waits(hold, done.clone(), number));
            release
        };
        held.push(give(0));
        held.push(give(1));
        drop(give(2));
        assert_eq!(ended.recv_timeout(LONG), Ok(2));
        held.push(give(3));
        drop(give(4));
        // As many as there may be are stuck now, or this one would be done.
        assert!(!CREW.wait_until_idle(Instant::now() + 4 * STUCK));
        assert!(ended.try_recv().is_err());
        drop(held.remove(1));
        let rest = [ended.recv_timeout(LONG), ended.recv_timeout(LONG)];
        assert_eq!(rest, [Ok(1), Ok(4)]);
        held.clear();
        assert!(CREW.wait_until_idle(Instant::now() + LONG));
    }

    #[test]
    fn its_threads_handle_no_signals() {
        static CREW: Crew<Masks> = Crew::new("crew", 1);
        let (tell, told) = channel();
        CREW.give(Masks(tell));
        let mask = told.recv_timeout(LONG).unwrap();
        assert!(
            mask.contains(nix::sys::signal::SIGUSR1) && mask.contains(nix::sys::signal::SIGTERM)
        );
        assert!(
            !SigSet::thread_get_mask()
                .unwrap()
                .contains(nix::sys::signal::SIGUSR1)
        );
    }
}
