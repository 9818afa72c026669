//! Calls that somebody else may hold up, made by threads that have nothing else to do.
//!
//! A socket of which a stranger has a descriptor is never non-blocking for sure: each read of it takes a lock that
//! another reader holds for as long as that one's memory takes to be there, and an option is set under another one. Who needs
//! such a call waits for it a moment. That is more than it takes, unless it is held up; then it goes on by itself, and who
//! asked hears of it later.

use std::cell::RefCell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::unistd::gettid;

use super::crew::{Crew, Job, State};
use super::foreign::Foreign;
use super::packet::{self, Arrival};
use super::threads;

/// How long who asks waits for a call that has begun: it needs some microseconds, unless it is held up.
const A_MOMENT: Duration = Duration::from_millis(50);
/// In how many parts: to a process that was stopped for longer, no more than one seems to have passed.
const PARTS: u32 = 10;
/// How long a thread that is free may take to begin, on a machine that is busy with something else.
const BEGIN: Duration = Duration::from_millis(500);

/// How much longer, in what steps, for a thread that is running, or would be on a machine with less to do.
const STEP: Duration = Duration::from_millis(5);
const RUNS_ON: u32 = 100;

/// Whether a thread waits for nothing but a processor. Where that cannot be said it is held up.
fn is_running(thread: i32) -> bool {
    threads::look(thread).is_some_and(|thread| thread.state == b'R')
}

/// What is to be done.
enum Work {
    /// Any call.
    Any(Box<dyn FnOnce() -> Tell + Send>),
    /// A read, for which nothing is allocated.
    Read(Reading),
}

/// Tells what has come of a call, and gives what is left to be done should nobody wait for it any more.
type Tell = Box<dyn FnOnce() -> Option<Rest>>;
type Rest = Box<dyn FnOnce()>;

/// A packet that was read, and the room that it was read into.
pub(crate) type Got = (Vec<u8>, Result<Arrival, Errno>);

struct Reading {
    fd: Arc<Foreign>,
    room: Vec<u8>,
    told: Teller<Got>,
    late: Late,
}

/// Who has what comes of a read that was held up: a function, and numbers that it knows the read by.
pub(crate) struct Late {
    pub(crate) tell: fn([u64; 3], Got),
    pub(crate) of: [u64; 3],
}

enum Done {
    Any(Tell),
    Read(Teller<Got>, Got, Late),
}

/// What is left to be done.
enum Left {
    Any(Rest),
    Read(Got, Late),
}

impl Job for Work {
    type Done = Done;
    type Late = Left;

    fn run(self) -> Done {
        match self {
            Self::Any(call) => Done::Any(call()),
            Self::Read(Reading {
                fd,
                mut room,
                told,
                late,
            }) => {
                told.begin();
                let got = fd.make_call("recvmsg", |fd| packet::receive(fd, &mut room));
                Done::Read(told, (room, got), late)
            }
        }
    }

    fn tell(done: Done) -> Option<Left> {
        match done {
            Done::Any(tell) => tell().map(Left::Any),
            Done::Read(told, got, late) => told.tell(got).map(|got| Left::Read(got, late)),
        }
    }

    fn late(left: Left) {
        match left {
            Left::Any(rest) => rest(),
            Left::Read(got, late) => (late.tell)(late.of, got),
        }
    }
}

/// How many calls may be held up before others wait for them.
const MOST_STUCK: usize = 64;
/// After how long one call that was held up counts no more.
const FORGIVEN: Duration = Duration::from_secs(10);

static CALLERS: Crew<Work> = Crew::new("mach-read", MOST_STUCK);
/// Calls that are over, for the next reads.
static OVER: Mutex<Vec<Shared<Got>>> = Mutex::new(Vec::new());
const KEPT: usize = 2;
/// How often a read looks for one.
const YIELDS: u32 = 4;
static STRIKES: Mutex<Strikes> = Mutex::new(Strikes {
    count: 0,
    last: None,
});

thread_local! {
    /// The number of a thread that makes calls. None outlives a fork.
    static NUMBER: i32 = gettid().as_raw();
    static HELD_OVER_FORK: RefCell<Option<Held>> = const { RefCell::new(None) };
}

type Held = (
    MutexGuard<'static, State<Work>>,
    MutexGuard<'static, Strikes>,
);

/// What has been held up lately: each time who asks waits half as long as before, so that all such waits together are short.
#[derive(Debug)]
struct Strikes {
    count: u32,
    last: Option<Instant>,
}

impl Strikes {
    fn patience(&mut self, now: Instant) -> Duration {
        while let Some(last) = self.last.filter(|_| self.count > 0)
            && now.saturating_duration_since(last) >= FORGIVEN
        {
            self.count -= 1;
            self.last = Some(last + FORGIVEN);
        }
        A_MOMENT / 2u32.saturating_pow(self.count)
    }

    fn add(&mut self, now: Instant) {
        self.count = (self.count + 1).min(20);
        self.last = Some(now);
    }
}

fn strikes() -> MutexGuard<'static, Strikes> {
    STRIKES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What has become of a call.
#[derive(Debug)]
enum Call<T> {
    Asked,
    /// By the thread of this number.
    Begun(i32),
    Done(T),
    /// Nobody waits for it any more.
    Late,
}

type Shared<T> = Arc<(Mutex<Call<T>>, Condvar)>;

/// Who waits for a call.
#[derive(Debug)]
pub(super) struct Asker<T>(Shared<T>);

/// Who makes it.
#[derive(Debug)]
pub(super) struct Teller<T>(Shared<T>);

/// Both sides of a call.
pub(super) fn call<T>() -> (Asker<T>, Teller<T>) {
    both(Arc::new((Mutex::new(Call::Asked), Condvar::new())))
}

fn both<T>(shared: Shared<T>) -> (Asker<T>, Teller<T>) {
    (Asker(Arc::clone(&shared)), Teller(shared))
}

impl<T> Asker<T> {
    /// What comes of the call, unless it is held up. `begins`: a thread is free to make it.
    pub(super) fn wait<J: Job>(self, crew: &'static Crew<J>, begins: bool) -> Option<T> {
        let (call, told) = &*self.0;
        let mut call = call.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut part, mut parts) = (BEGIN / PARTS, if begins { PARTS } else { 0 });
        let mut has_begun = false;
        let mut more = RUNS_ON;
        loop {
            match &*call {
                Call::Done(_) => match std::mem::replace(&mut *call, Call::Late) {
                    Call::Done(done) => return Some(done),
                    _ => return None,
                },
                Call::Begun(_) if !has_begun => {
                    has_begun = true;
                    (part, parts) = (strikes().patience(Instant::now()) / PARTS, PARTS);
                }
                // Nobody holds up a thread that only waits for a processor.
                Call::Begun(thread) if parts == 0 && more > 0 && is_running(*thread) => {
                    part = part.max(STEP);
                    more -= 1;
                }
                _ if parts == 0 => break,
                _ => parts -= 1,
            }
            let waited = told.wait_timeout(call, part);
            (call, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        *call = Call::Late;
        drop(call);
        strikes().add(Instant::now());
        crew.is_stuck();
        None
    }
}

impl<T> Teller<T> {
    /// Says that the call is being made.
    pub(super) fn begin(&self) {
        let thread = NUMBER.with(|number| *number);
        let (call, _) = &*self.0;
        let mut call = call.lock().unwrap_or_else(PoisonError::into_inner);
        if let Call::Asked = *call {
            *call = Call::Begun(thread);
        }
    }

    /// Tells who waits what has come of the call. It is given back if nobody does any more.
    pub(super) fn tell(self, done: T) -> Option<T> {
        let (call, told) = &*self.0;
        let mut call = call.lock().unwrap_or_else(PoisonError::into_inner);
        if let Call::Late = *call {
            return Some(done);
        }
        *call = Call::Done(done);
        // Whoever is woken has the lock at once.
        drop(call);
        told.notify_one();
        None
    }
}

/// Has `work` done aside and waits for it: `None` if it was held up, and `late` has what comes of it.
pub(crate) fn ask<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
    late: impl FnOnce(T) + Send + 'static,
) -> Option<T> {
    let (asker, teller) = call();
    let begins = CALLERS.give(Work::Any(Box::new(move || {
        teller.begin();
        let done = work();
        let rest = |done| Box::new(move || late(done)) as Rest;
        Box::new(move || teller.tell(done).map(rest))
    })));
    asker.wait(&CALLERS, begins)
}

/// Reads the next packet of an end into `room`, as [`ask`] does.
pub(crate) fn read(fd: &Arc<Foreign>, room: Vec<u8>, late: Late) -> Option<Got> {
    let over = || OVER.lock().unwrap_or_else(PoisonError::into_inner);
    let spare = || {
        let mut over = over();
        let at = over.iter().position(|call| Arc::strong_count(call) == 1);
        at.map(|at| over.swap_remove(at))
    };
    // The last one may be about to be let go of.
    let spare = (0..YIELDS).find_map(|_| {
        let found = spare();
        if found.is_none() {
            std::thread::yield_now();
        }
        found
    });
    let (asker, told) = match spare {
        Some(shared) => {
            *shared.0.lock().unwrap_or_else(PoisonError::into_inner) = Call::Asked;
            both(shared)
        }
        None => call(),
    };
    let shared = Arc::clone(&asker.0);
    let begins = CALLERS.give(Work::Read(Reading {
        fd: Arc::clone(fd),
        room,
        told,
        late,
    }));
    let got = asker.wait(&CALLERS, begins)?;
    let mut over = over();
    if over.len() < KEPT {
        over.push(shared);
    }
    Some(got)
}

/// Whether there is a thread for calls at all.
pub(crate) fn is_manned() -> bool {
    CALLERS.is_manned()
}

/// Keeps calls from beginning while the process is copied.
pub(crate) fn before_fork() {
    HELD_OVER_FORK.with(|held| *held.borrow_mut() = Some((CALLERS.hold(), strikes())));
}

pub(crate) fn after_fork_in_parent() {
    HELD_OVER_FORK.with(|held| held.borrow_mut().take());
}

/// In a forked child: what was asked for was the parent's.
pub(crate) fn after_fork_in_child() {
    HELD_OVER_FORK.with(|held| {
        if let Some((mut state, _)) = held.borrow_mut().take() {
            // What they hold is not this process's to be given up here: it goes with the next program.
            state.after_fork().for_each(std::mem::forget);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn what_is_held_up_is_heard_of_later() {
        let (release, held) = channel::<()>();
        let (tell, told) = channel();
        let work = move || {
            let _ = held.recv();
            5
        };
        assert_eq!(ask(work, move |late| tell.send(late).unwrap()), None);
        assert_eq!(ask(|| 6, |_| unreachable!()), Some(6));
        drop(release);
        assert_eq!(told.recv_timeout(LONG), Ok(5));
    }

    #[test]
    fn patience_is_lost_and_comes_back() {
        let mut strikes = Strikes {
            count: 0,
            last: None,
        };
        let begun = Instant::now();
        let mut all = Duration::ZERO;
        for _ in 0..1000 {
            all += strikes.patience(begun);
            strikes.add(begun);
        }
        assert!(all < 2 * A_MOMENT + Duration::from_millis(1), "{all:?}");
        assert!(strikes.patience(begun + FORGIVEN / 2) < A_MOMENT / 1000);
        assert_eq!(strikes.patience(begun + 100 * FORGIVEN), A_MOMENT);
    }
}
