//! The pool as its users see it.

use std::borrow::BorrowMut;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use launcher::Launcher;
use mach_interface::TypedClient;

use crate::error::Fault;
use crate::inner::{InFlight, Lease, Pool, Shared};
use crate::jobs::Jobs;
use crate::{Builder, CallOptions, Job, PoolError, Session, Stats};

/// Helper processes that serve one interface, whose client is `C`.
///
/// See [the crate's page](crate) for both sides. A pool is used by reference, from any number of threads; dropped, it kills its
/// helpers, and [`stop`](Self::stop) lets them end.
pub struct HelperPool<C> {
    jobs: Jobs,
    pool: Pool,
    client: PhantomData<fn() -> C>,
}

impl<C: TypedClient> HelperPool<C> {
    /// A pool of what this launcher launches: a program that calls [`serve`](crate::serve).
    ///
    /// The launcher, which is left empty if it is given by reference, must have no ports: see [`Builder::prepare`]. The pool sets what
    /// becomes of standard error ([`Builder::stderr`]), and that the process is killed when it is not wanted any more.
    pub fn builder(launcher: impl BorrowMut<Launcher>) -> Builder<C> {
        Builder::new(launcher)
    }

    pub(crate) fn of(pool: Pool) -> Self {
        Self {
            jobs: Jobs::new(&pool.shared.settings),
            pool,
            client: PhantomData,
        }
    }

    /// Waits for a helper, has `call` ask it, and says what became of that.
    ///
    /// The closure should do nothing but call routines, once or several times: the deadline is for all of it, and meanwhile the
    /// helper is at nothing else. Results that no sound helper sends it may tell by [`Fault::breach`].
    ///
    /// # Errors
    ///
    /// [`PoolError`]. A helper that was lost is replaced; the call is not made again, for what it did until then is not known here.
    pub fn call<T, E: Into<Fault>>(
        &self,
        call: impl FnOnce(&C) -> Result<T, E>,
    ) -> Result<T, PoolError> {
        self.call_with(&CallOptions::new(), call)
    }

    /// As [`call`](Self::call), with a deadline of its own, a limit to the wait for a helper, or a token to cancel it by.
    ///
    /// # Errors
    ///
    /// [`PoolError`], as for [`call`](Self::call).
    pub fn call_with<T, E: Into<Fault>>(
        &self,
        options: &CallOptions,
        call: impl FnOnce(&C) -> Result<T, E>,
    ) -> Result<T, PoolError> {
        make_call(&self.pool.shared, options, |client, _| call(client))
    }

    /// As [`call_with`](Self::call_with), and tells the closure the helper's process id.
    ///
    /// # Errors
    ///
    /// [`PoolError`], as for [`call`](Self::call).
    pub fn call_on<T, E: Into<Fault>>(
        &self,
        options: &CallOptions,
        call: impl FnOnce(&C, i32) -> Result<T, E>,
    ) -> Result<T, PoolError> {
        make_call(&self.pool.shared, options, call)
    }

    /// Has a call made by one of the pool's own threads, of which there are as many as there can be calls in flight.
    ///
    /// While as many jobs wait as the [queue](Builder::queue) may hold, this waits: whoever makes work is slowed to the pace at
    /// which it is done.
    ///
    /// # Errors
    ///
    /// [`PoolError::Stopped`]. What becomes of the call, the [`Job`] says.
    pub fn submit<T: Send + 'static, E: Into<Fault>>(
        &self,
        call: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        self.submit_with(CallOptions::new(), call)
    }

    /// As [`submit`](Self::submit), with options for the call.
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    pub fn submit_with<T: Send + 'static, E: Into<Fault>>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        let shared = Arc::clone(&self.pool.shared);
        self.jobs.submit(options, move |options| {
            make_call(&shared, options, |client, _| call(client))
        })
    }

    /// As [`submit_with`](Self::submit_with), but does not wait for room in the queue.
    ///
    /// # Errors
    ///
    /// [`PoolError::QueueFull`], and as for [`submit`](Self::submit).
    pub fn try_submit<T: Send + 'static, E: Into<Fault>>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<Job<T>, PoolError> {
        let shared = Arc::clone(&self.pool.shared);
        self.jobs.try_submit(options, move |options| {
            make_call(&shared, options, |client, _| call(client))
        })
    }

    /// Waits for a helper and keeps it, for a sequence of calls between which it has something to remember.
    ///
    /// # Errors
    ///
    /// [`PoolError`]: no helper comes, or the pool was stopped.
    pub fn checkout(&self) -> Result<Session<'_, C>, PoolError> {
        self.checkout_with(&CallOptions::new())
    }

    /// As [`checkout`](Self::checkout), with a limit to the wait, or a token to end it by.
    ///
    /// # Errors
    ///
    /// As for [`checkout`](Self::checkout), [`PoolError::NotInTime`] and [`PoolError::Cancelled`].
    pub fn checkout_with(&self, options: &CallOptions) -> Result<Session<'_, C>, PoolError> {
        let lease = self.pool.shared.begin_session(options)?;
        Ok(Session::new(&self.pool.shared, lease))
    }

    /// What the pool has, and what it has seen.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.pool.stats()
    }

    /// Begins no more calls, lets those in flight and the sessions end, for `patience` at most, and then has the helpers end by
    /// themselves. Those that do not are killed. Returns when all are gone: `true` if none had to be killed.
    ///
    /// Jobs and calls that wait fail with [`PoolError::Stopped`], and so does every call from now on.
    pub fn stop(&self, patience: Duration) -> bool {
        self.jobs.close();
        self.pool.shared.stop(patience)
    }
}

impl<C> Drop for HelperPool<C> {
    fn drop(&mut self) {
        // Jobs that wait are not begun any more, and those in flight lose their helpers.
        self.jobs.close();
        self.pool.end();
        self.jobs.join();
    }
}

impl<C> fmt::Debug for HelperPool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HelperPool")
            .field("stats", &self.pool.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "tokio")]
impl<C> HelperPool<C> {
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.pool.shared
    }

    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }
}

/// Waits for a helper, makes a call and gives the helper back.
pub(crate) fn make_call<C: TypedClient, T, E: Into<Fault>>(
    shared: &Arc<Shared>,
    options: &CallOptions,
    call: impl FnOnce(&C, i32) -> Result<T, E>,
) -> Result<T, PoolError> {
    let (lease, flight) = shared.begin_call(options)?;
    fly(shared, &lease, flight, call)
}

/// Makes a call that has a helper.
pub(crate) fn fly<C: TypedClient, T, E: Into<Fault>>(
    shared: &Arc<Shared>,
    lease: &Lease,
    flight: InFlight,
    call: impl FnOnce(&C, i32) -> Result<T, E>,
) -> Result<T, PoolError> {
    let mut unless_done = Abandon {
        shared,
        lease,
        flight: Some(flight),
    };
    let result = call(&C::from_client(lease.client(flight)), lease.pid());
    unless_done.flight = None;
    shared.conclude(lease, flight, result.map_err(Into::into))
}

/// Sees to a helper whose call's closure panics.
struct Abandon<'c> {
    shared: &'c Shared,
    lease: &'c Lease,
    flight: Option<InFlight>,
}

impl Drop for Abandon<'_> {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            self.shared.abandon_call(self.lease, flight);
        }
    }
}
