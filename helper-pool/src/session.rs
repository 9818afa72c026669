//! One helper for a sequence of calls.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use mach_interface::TypedClient;

use crate::error::Fault;
use crate::inner::{Lease, Shared};
use crate::pool::fly;
use crate::{CallOptions, PoolError};

/// A helper that serves nobody else meanwhile: what one call leaves there the next one finds.
///
/// [`finish`](Self::finish) gives it back to the pool. Dropped, it is killed and replaced: nobody knows what state it is in.
#[must_use = "a session that is dropped costs its helper"]
pub struct Session<'p, C> {
    shared: &'p Arc<Shared>,
    lease: Lease,
    is_finished: bool,
    client: PhantomData<fn() -> C>,
}

impl<'p, C: TypedClient> Session<'p, C> {
    pub(crate) fn new(shared: &'p Arc<Shared>, lease: Lease) -> Self {
        Self {
            shared,
            lease,
            is_finished: false,
            client: PhantomData,
        }
    }

    /// As [`HelperPool::call`](crate::HelperPool::call), of this helper. The deadline is for each call.
    ///
    /// # Errors
    ///
    /// [`PoolError`]; [`PoolError::SessionOver`] if the helper was lost before.
    pub fn call<T, E: Into<Fault>>(
        &mut self,
        call: impl FnOnce(&C) -> Result<T, E>,
    ) -> Result<T, PoolError> {
        self.call_with(&CallOptions::new(), call)
    }

    /// As [`call`](Self::call), with options; nobody waits for a helper here.
    ///
    /// # Errors
    ///
    /// As for [`call`](Self::call).
    pub fn call_with<T, E: Into<Fault>>(
        &mut self,
        options: &CallOptions,
        call: impl FnOnce(&C) -> Result<T, E>,
    ) -> Result<T, PoolError> {
        let flight = self.shared.begin_in_session(&self.lease, options)?;
        fly(self.shared, &self.lease, flight, |client, _| call(client))
    }

    /// Gives the helper back to the pool, for others. One that was lost is replaced already.
    pub fn finish(mut self) {
        self.is_finished = true;
    }
}

impl<C> Session<'_, C> {
    /// The helper's process id.
    #[must_use]
    pub fn pid(&self) -> i32 {
        self.lease.pid()
    }
}

impl<C> Drop for Session<'_, C> {
    fn drop(&mut self) {
        self.shared.end_session(&self.lease, self.is_finished);
    }
}

impl<C> fmt::Debug for Session<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}
