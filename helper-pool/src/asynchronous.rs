//! Calls that tasks of tokio wait for.

use std::sync::Arc;
use std::time::Duration;

use mach_interface::TypedClient;
use tokio::sync::oneshot;

use crate::error::Fault;
use crate::pool::make_call;
use crate::{CallOptions, CancelToken, HelperPool, PoolError};

impl<C: TypedClient> HelperPool<C> {
    /// [`call`](Self::call), for a task: one of the pool's own threads makes the call, as for [`submit`](Self::submit), and
    /// while the queue is full the task waits for room.
    ///
    /// A future that is dropped cancels its call: one that waits is not made, one that is in flight costs its helper.
    ///
    /// ```
    /// # use helper_pool::{HelperPool, PoolError};
    /// # use mach_interface::subsystem;
    /// # use mach_ports::ReturnCode;
    /// # #[subsystem(base = 5000)]
    /// # trait Decoder {
    /// #     fn size(&self, edge: u32) -> Result<u32, ReturnCode>;
    /// # }
    /// async fn sizes(pool: &HelperPool<DecoderClient>) -> Result<u32, PoolError> {
    ///     pool.call_async(|decoder| decoder.size(256)).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`PoolError`], as for [`call`](Self::call); [`PoolError::JobPanicked`] if the closure panics.
    pub async fn call_async<T: Send + 'static, E: Into<Fault>>(
        &self,
        call: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<T, PoolError> {
        self.call_async_with(CallOptions::new(), call).await
    }

    /// As [`call_async`](Self::call_async), with options for the call.
    ///
    /// # Errors
    ///
    /// As for [`call_async`](Self::call_async).
    pub async fn call_async_with<T: Send + 'static, E: Into<Fault>>(
        &self,
        options: CallOptions,
        call: impl FnOnce(&C) -> Result<T, E> + Send + 'static,
    ) -> Result<T, PoolError> {
        let token = options.cancel.clone().unwrap_or_default();
        let options = options.cancel(&token);
        let unless_done = CancelOnDrop(Some(token));
        let (done, outcome) = oneshot::channel();
        let shared = Arc::clone(self.shared());
        let job = self.jobs().submit_async(options, move |options| {
            let result = make_call(&shared, options, |client, _| call(client));
            // Nobody waits for it any more.
            let _ = done.send(result);
            Ok(())
        });
        let job = job.await?;
        let outcome = outcome.await;
        unless_done.over();
        match outcome {
            Ok(result) => result,
            // It was dropped: the job says whether it was begun.
            Err(_) => match job.wait_timeout(Duration::ZERO) {
                Ok(Err(error)) => Err(error),
                Ok(Ok(())) | Err(_) => Err(PoolError::JobPanicked),
            },
        }
    }
}

/// Cancels a call whose future is dropped.
struct CancelOnDrop(Option<CancelToken>);

impl CancelOnDrop {
    fn over(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(token) = self.0.take() {
            token.cancel();
        }
    }
}
