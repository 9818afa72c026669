//! How a pool is to be.

use std::borrow::BorrowMut;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use launcher::{Launcher, Profile};
use mach_interface::TypedClient;

use crate::inner::Pool;
use crate::settings::{HelperCount, Settings, Stderr};
use crate::{BuildError, HelperPool};

/// What is done to the launcher before each launch.
pub(crate) type Prepare = Box<dyn FnMut(&mut Launcher) + Send>;

/// Settings of a [`HelperPool`], which [`build`](Self::build) makes.
#[must_use = "a builder makes no pool until `build` is called"]
pub struct Builder<C> {
    launcher: Launcher,
    prepare: Prepare,
    settings: Settings,
    client: PhantomData<fn() -> C>,
}

impl<C: TypedClient> Builder<C> {
    pub(crate) fn new(mut launcher: impl BorrowMut<Launcher>) -> Self {
        // Settings are chained on a launcher by reference.
        let launcher = std::mem::replace(launcher.borrow_mut(), Launcher::new(""));
        Self {
            launcher,
            prepare: Box::new(|_| {}),
            settings: Settings::default(),
            client: PhantomData,
        }
    }

    /// How many helpers there are: `4` for always so many, `1..=8` for as many as there is work for; 1 by default.
    ///
    /// All of the least number are started by [`build`](Self::build), and replaced at once when they are lost.
    pub fn helpers(mut self, count: impl Into<HelperCount>) -> Self {
        self.settings.count = count.into();
        self
    }

    /// How many more helpers wait, started and idle, for one to be lost or to be wanted; none by default.
    ///
    /// They come on top of the most number of helpers, of which no more than that are at work at the same time.
    pub fn spares(mut self, count: usize) -> Self {
        self.settings.spares = count;
        self
    }

    /// How many calls a helper may be at, at the same time; 1 by default.
    ///
    /// A helper that crashes costs all calls that are in flight on it. One that hangs in a call costs that one: it gets no new
    /// calls, and is replaced when the others have ended, each within its own deadline.
    pub fn calls_per_helper(mut self, count: usize) -> Self {
        self.settings.in_flight = count;
        self
    }

    /// How long a call may take, from when a helper has it; `None` is for ever, and 60 seconds is the default.
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.settings.deadline = deadline.into();
        self
    }

    /// How long a helper may take until it [serves](crate::serve); 30 seconds by default.
    pub fn start_deadline(mut self, deadline: Duration) -> Self {
        self.settings.start_deadline = deadline;
        self
    }

    /// After how many failed starts in a row the waiting calls are told so; 5 by default.
    ///
    /// After each the pool waits longer before the next one, from 50 ms to 5 s. Once it has given up, it tries again
    /// only for a new call.
    pub fn start_attempts(mut self, count: u32) -> Self {
        self.settings.start_attempts = count;
        self
    }

    /// How much of the machine's memory a helper may have during a call, in bytes; no limit by default.
    ///
    /// It is looked at [a few times each second](crate#limits), and one that has more is replaced.
    /// It may have more for a moment: what it must never have is for its sandbox to refuse.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.settings.memory_limit = Some(bytes);
        self
    }

    /// Replaces a helper after so many calls; never by default.
    pub fn recycle_after_calls(mut self, count: u64) -> Self {
        self.settings.recycle_calls = Some(count);
        self
    }

    /// Replaces a helper that has more than so much of the machine's memory after a call, in bytes; never by default.
    pub fn recycle_above(mut self, bytes: u64) -> Self {
        self.settings.recycle_memory = Some(bytes);
        self
    }

    /// How many jobs of [`submit`](HelperPool::submit) may wait; 64 by default.
    pub fn queue(mut self, jobs: usize) -> Self {
        self.settings.queue = jobs;
        self
    }

    /// After how long helpers above the least number that have nothing to do are ended; 10 seconds by default.
    pub fn idle_time(mut self, time: Duration) -> Self {
        self.settings.idle_time = time;
        self
    }

    /// How long a helper that is no longer wanted may take to end by itself, before it is killed; 5 seconds by default.
    pub fn exit_time(mut self, time: Duration) -> Self {
        self.settings.exit_time = time;
        self
    }

    /// What becomes of what helpers write to their standard error; [`Stderr::PassOn`] by default.
    pub fn stderr(mut self, stderr: Stderr) -> Self {
        self.settings.stderr = stderr;
        self
    }

    /// Locks the helpers up, before each executes its program: [`Launcher::profile`]. Not locked by default.
    ///
    /// Where the system cannot do all of it, calls fail with a [`NoHelper`](crate::NoHelper) that says what is missing and how to go
    /// on without, at once.
    ///
    /// ```
    /// use helper_pool::HelperPool;
    /// use launcher::{Launcher, Profile};
    /// # use mach_interface::subsystem;
    /// # #[subsystem(base = 900)]
    /// # trait Decoder {}
    ///
    /// let builder = HelperPool::<DecoderClient>::builder(Launcher::new("/usr/libexec/decoder"))
    ///     .profile(Profile::ports_only());
    /// # _ = builder;
    /// ```
    pub fn profile(mut self, profile: Profile) -> Self {
        self.launcher.profile(profile);
        self
    }

    /// Has this done to the launcher before each launch: each helper must be given ports of its own, for one.
    ///
    /// It may run on any thread, and keeps other launches waiting meanwhile.
    pub fn prepare(mut self, prepare: impl FnMut(&mut Launcher) + Send + 'static) -> Self {
        self.prepare = Box::new(prepare);
        self
    }

    /// Makes the pool, which starts its helpers; nobody waits for them here.
    ///
    /// # Errors
    ///
    /// [`BuildError`]: the settings make no sense, or there are no threads. That helpers do not start, the first call is told.
    pub fn build(self) -> Result<HelperPool<C>, BuildError> {
        self.settings.check()?;
        let pool = Pool::start(self.launcher, self.prepare, self.settings, C::interface())?;
        Ok(HelperPool::of(pool))
    }
}

impl<C> fmt::Debug for Builder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("launcher", &self.launcher)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
