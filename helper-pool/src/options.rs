//! What one call may differ in.

use std::sync::Arc;
use std::sync::Weak;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::inner::Shared;

/// What a call does not take from its pool.
///
/// ```
/// use std::time::Duration;
/// use helper_pool::{CallOptions, CancelToken};
///
/// let token = CancelToken::new();
/// let options = CallOptions::new()
///     .deadline(Duration::from_secs(1))
///     .wait(Duration::from_millis(100))
///     .cancel(&token);
/// # _ = options;
/// ```
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// `None`: the pool's.
    pub(crate) deadline: Option<Option<Duration>>,
    pub(crate) wait: Option<Duration>,
    pub(crate) cancel: Option<CancelToken>,
}

impl CallOptions {
    /// The pool's deadline, any time to wait for a helper, and nobody who cancels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the call may take from when a helper has it; `None` is for ever.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = Some(deadline.into());
        self
    }

    /// How long the call may wait for a helper, before it fails with [`PoolError::NotInTime`](crate::PoolError::NotInTime).
    /// With no time at all it is made if a helper is free, and nobody waits already.
    #[must_use]
    pub fn wait(mut self, patience: Duration) -> Self {
        self.wait = Some(patience);
        self
    }

    /// Lets the token end the call.
    #[must_use]
    pub fn cancel(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.clone());
        self
    }
}

/// Ends the calls that were made with it, from any thread. A clone is the same token.
///
/// A call that waits for a helper stops waiting. One that is in flight loses its helper, which is replaced: there is no other way
/// to end what somebody else's code is at. Where other calls are in flight on that helper as well, it is kept until they have ended.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Token>);

#[derive(Debug, Default)]
struct Token {
    used: AtomicBool,
    pools: Mutex<Vec<Weak<Shared>>>,
}

impl CancelToken {
    /// A token that was not used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends all calls that were made with it, and all that will be.
    pub fn cancel(&self) {
        self.0.used.store(true, Ordering::Release);
        let pools = std::mem::take(&mut *self.0.pools.lock());
        for pool in pools.iter().filter_map(Weak::upgrade) {
            pool.nudge_all();
        }
    }

    /// Whether it was used.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.used.load(Ordering::Acquire)
    }

    /// Has a pool learn of it.
    pub(crate) fn watch(&self, pool: &Arc<Shared>) {
        let mut pools = self.0.pools.lock();
        pools.retain(|known| known.strong_count() > 0);
        if !pools
            .iter()
            .any(|known| known.as_ptr() == Arc::as_ptr(pool))
        {
            pools.push(Arc::downgrade(pool));
        }
    }
}
