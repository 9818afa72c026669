//! Fetching the ports as a task of tokio.

use crate::client::INSTANCE;
use crate::connect::{Waits, search};
use crate::{ConnectError, ConnectOptions, RendezvousClient};

impl RendezvousClient {
    /// [`connect`](Self::connect), for a task: no thread waits for the server. Looking up the server's name is a call
    /// to the system that is made on the task's own thread.
    ///
    /// A collection is claimed once. If the future is dropped after the server was asked, the ports may have been on
    /// their way: they are released, and the parent's `Registration` tells.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    ///
    /// # Panics
    /// Outside a tokio runtime, or in one without I/O and timers (`enable_all`).
    pub async fn connect_async(options: &ConnectOptions) -> Result<Self, ConnectError> {
        let answer = search(options, Waits::Task).await?;
        Ok(Self::new(answer, options))
    }

    /// [`instance`](Self::instance), for a task. Use one of the two: a process that fetches its ports in both ways at
    /// once has them in the one that came first.
    ///
    /// A task of its own fetches them, so no ports are lost where the caller gives up: a later call has them.
    ///
    /// # Errors
    /// [`ConnectError`] of the first call.
    ///
    /// # Panics
    /// As [`connect_async`](Self::connect_async).
    pub async fn instance_async() -> Result<&'static Self, &'static ConnectError> {
        Self::instance_async_with(&ConnectOptions::new()).await
    }

    /// As [`instance_async`](Self::instance_async), with these options if this is the first call.
    ///
    /// # Errors
    /// [`ConnectError`] of the first call.
    ///
    /// # Panics
    /// As [`connect_async`](Self::connect_async).
    pub async fn instance_async_with(
        options: &ConnectOptions,
    ) -> Result<&'static Self, &'static ConnectError> {
        static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        if let Some(instance) = INSTANCE.get() {
            return instance.as_ref();
        }
        let options = options.clone();
        let fetching = tokio::spawn(async move {
            let _turn = TURN.lock().await;
            if INSTANCE.get().is_none() {
                let fetched = Self::connect_async(&options).await;
                // Unless a thread was faster.
                let _ = INSTANCE.set(fetched);
            }
        });
        if let Err(ended) = fetching.await
            && let Ok(panic) = ended.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
        match INSTANCE.get() {
            Some(instance) => instance.as_ref(),
            // The runtime shuts down.
            None => std::future::pending().await,
        }
    }
}
