//! Locks that tasks of tokio wait for.

use std::sync::Arc;

use mach_interface::wire;
use mach_ports::{ReceiveRight, SendOptions, SendRight};
use uuid::Uuid;

use crate::client::PATIENCE;
use crate::client::error::{LockError, granted};
use crate::client::options::LockOptions;
use crate::client::session::{LockClient, LockGuard, Session};
use crate::client::volumes::{RebootGuard, VolumeClient, VolumeGuard, unlocked, waited, words};
use crate::resource::Resource;
use crate::state::{Snapshot, Wait};
use crate::wire::{LocksAsyncClient, LocksClient, VolumeLocksAsyncClient};

/// The id of [`LockSession::release`](crate::wire::LockSession::release), and its arguments.
const RELEASE: i32 = 71_101;
type Release = (u64, i32);

/// A request whose future may be dropped: it is taken back then.
struct Pending<'a> {
    session: &'a Session,
    token: u64,
    answered: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if self.answered {
            return;
        }
        // Nobody waits for the answer, so nobody asks for one.
        let Ok((message, _)) = wire::request::<Release>(RELEASE, (self.token, 0)) else {
            return;
        };
        let options = SendOptions::new().timeout(PATIENCE);
        if let Err(error) = message.send(self.session.right(), &options) {
            tracing::debug!(%error, "a request for a lock was not taken back");
        }
    }
}

/// As the calls for threads, for tasks of tokio: no thread waits. A call whose future is dropped leaves no lock, and no place in a
/// queue. Runtimes need I/O and timers (`enable_all`).
///
/// A guard that is dropped waits for the service's answer, on the task's thread; `unlock_async` does not.
///
/// ```
/// use lock_service::{LockClient, LockOptions, LockService, Resource};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let service = LockService::builder().start()?;
/// let client = LockClient::open_async(service.right()).await?;
/// let cache = Resource::named("the cache").ok_or("no name")?;
/// let guard = client.lock_async(&cache, &LockOptions::new()).await?;
/// guard.unlock_async(0).await?;
/// # Ok(())
/// # })
/// # }
/// ```
impl LockClient {
    /// As [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_async(service: SendRight) -> Result<Self, LockError> {
        let port = ReceiveRight::new()?;
        let calls = LocksAsyncClient::new(service.try_clone()?).with_timeout(PATIENCE);
        let answer = calls.open(&port).await?;
        Self::of(
            LocksClient::new(service).with_timeout(PATIENCE),
            port,
            answer,
        )
    }

    /// As [`lock`](Self::lock).
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock).
    pub async fn lock_async(
        &self,
        resource: &Resource,
        options: &LockOptions,
    ) -> Result<LockGuard, LockError> {
        let (kind, bytes) = resource.to_wire();
        let (shared, wait_ms, lease_ms) = options.to_wire();
        let mut pending = Pending {
            session: &self.0,
            token: self.0.new_token(),
            answered: false,
        };
        let calls = self.0.tasks.clone().with_timeout(options.patience());
        let token = pending.token;
        let answer = calls
            .acquire(token, kind, bytes, shared, wait_ms, lease_ms)
            .await?;
        pending.answered = true;
        self.guard(token, answer)
    }

    /// As [`snapshot`](Self::snapshot).
    ///
    /// # Errors
    ///
    /// As [`snapshot`](Self::snapshot).
    pub async fn snapshot_async(&self) -> Result<Snapshot, LockError> {
        let calls = LocksAsyncClient::new(self.service().try_clone()?).with_timeout(PATIENCE);
        Self::snapshot_of(calls.snapshot().await)
    }
}

impl LockGuard {
    /// As [`unlock`](Self::unlock). If the future is dropped before it has ended, the lock may be held until its client ends.
    ///
    /// # Errors
    ///
    /// As [`unlock`](Self::unlock).
    pub async fn unlock_async(mut self, exit_status: i32) -> Result<(), LockError> {
        let session = Arc::clone(&self.session);
        let calls = session.tasks.clone().with_timeout(PATIENCE);
        let answer = calls.release(self.token, exit_status).await;
        self.held = false;
        match granted(answer?) {
            Err(LockError::Unknown) => Err(LockError::NotHeld),
            other => other,
        }
    }
}

impl VolumeClient {
    fn tasks(&self, wait: Wait) -> Result<(VolumeLocksAsyncClient, i32), LockError> {
        let (word, patience) = words(wait);
        let calls = VolumeLocksAsyncClient::new(self.0.try_clone()?);
        Ok((calls.with_timeout(patience), word))
    }

    /// As [`lock`](Self::lock), for a task.
    ///
    /// # Errors
    ///
    /// As [`lock`](Self::lock).
    pub async fn lock_async(&self, volume: Uuid, wait: Wait) -> Result<VolumeGuard, LockError> {
        let port = ReceiveRight::new()?;
        let (calls, word) = self.tasks(wait)?;
        let asked = calls
            .lock_volume(Some(&port), volume.into_bytes(), word)
            .await;
        self.guard(volume, port, asked.map_err(|error| waited(error, wait))?)
    }

    /// As [`lock_reboot`](Self::lock_reboot), for a task.
    ///
    /// # Errors
    ///
    /// As [`lock_reboot`](Self::lock_reboot).
    pub async fn lock_reboot_async(&self, wait: Wait) -> Result<RebootGuard, LockError> {
        let port = ReceiveRight::new()?;
        let (calls, word) = self.tasks(wait)?;
        let asked = calls.lock_reboot(Some(&port), word).await;
        RebootGuard::of(port, asked.map_err(|error| waited(error, wait))?)
    }
}

impl VolumeGuard {
    /// As [`unlock`](Self::unlock). If the future is dropped before it has ended, that may count as this client's death.
    ///
    /// # Errors
    ///
    /// As [`unlock`](Self::unlock).
    pub async fn unlock_async(mut self, exit_status: i32) -> Result<(), LockError> {
        let Some(port) = self.port.take() else {
            return Ok(());
        };
        let (calls, _) = self.client.tasks(Wait::Try)?;
        let volume = self.volume.into_bytes();
        unlocked(calls.unlock_volume(Some(&port), volume, exit_status).await)
    }
}
