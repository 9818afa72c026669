//! Asking a daemon.

use std::ffi::CString;
use std::time::Duration;
use std::{env, io, thread};

use lock_service::{LockClient, LockError, VolumeClient};
use mach_interface::CallError;
use mach_ports::bootstrap::{self, BootstrapCause, BootstrapError};
use mach_ports::{Notification, ReceiveOptions, ReceiveRight, ReceivedMessage, SendRight};
use rendezvous_client::RendezvousClient;

use crate::VolumeId;
use crate::settings::SERVICE;
use crate::status::Status;
use crate::wire::{LOCKS_KEY, NO_ACCESS, Outcome, WatcherClient};

/// How long the daemon may take for an answer. It looks at files for some.
const PATIENCE: Duration = Duration::from_secs(60);
/// The variable that says what the daemon is called.
pub const SERVICE_VARIABLE: &str = "VOLWATCH_SERVICE";

/// Why a daemon did not do what it was asked.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No daemon has that name.
    #[error("no daemon of this user runs as {0:?}")]
    NoDaemon(String),
    /// The daemon cannot be looked for.
    #[error("the daemon cannot be found")]
    Name(#[source] BootstrapError),
    /// The daemon is another user's.
    #[error("the daemon is another user's: run as that one")]
    NotPermitted,
    /// The daemon watches no such volume.
    #[error("no volume is called {0:?}")]
    Unknown(String),
    /// The daemon has died or does not answer.
    #[error("the daemon does not answer")]
    Call(#[source] CallError),
    /// There is no lock.
    #[error(transparent)]
    Lock(#[from] LockError),
}

mach_ports::debug_with_causes!(ClientError);

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Failed(NO_ACCESS) => Self::NotPermitted,
            error => Self::Call(error),
        }
    }
}

/// What a daemon said to an unmount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unmounted {
    /// What came of it.
    pub outcome: Outcome,
    /// The process at work on the volume.
    pub pid: i32,
    /// How often it is still denied while the volume cannot be rebuilt.
    pub tries_left: u32,
    /// Why the system refused.
    pub errno: i32,
}

/// A way to a daemon.
#[derive(Debug, Clone)]
pub struct Client {
    right: SendRight,
    is_helper: bool,
}

impl Client {
    /// Finds the daemon: by the port that it gave this process, if it has launched it; or else by the name `service`, that in the
    /// environment's `VOLWATCH_SERVICE`, or the usual one.
    ///
    /// # Errors
    ///
    /// [`ClientError::NoDaemon`], [`ClientError::Name`].
    pub fn find(service: Option<&str>) -> Result<Self, ClientError> {
        let given = env::var(SERVICE_VARIABLE).ok();
        if service.is_none()
            && given.is_some()
            && let Ok(client) = RendezvousClient::instance()
            && let Ok(Some(right)) = client.take_send(LOCKS_KEY)
        {
            return Ok(Self {
                right,
                is_helper: true,
            });
        }
        let service = service.or(given.as_deref()).unwrap_or(SERVICE);
        let right = bootstrap::look_up(service).map_err(|error| match error.cause {
            BootstrapCause::UnknownService => ClientError::NoDaemon(service.to_owned()),
            _ => ClientError::Name(error),
        })?;
        Ok(Self {
            right,
            is_helper: false,
        })
    }

    /// Whether the daemon has launched this process to rebuild a volume.
    #[must_use]
    pub const fn is_helper(&self) -> bool {
        self.is_helper
    }

    fn calls(&self) -> WatcherClient {
        WatcherClient::new(self.right.clone()).with_timeout(PATIENCE)
    }

    /// The way to its locks.
    ///
    /// # Errors
    ///
    /// The daemon is another user's, or gone.
    pub fn locks(&self) -> Result<LockClient, ClientError> {
        Ok(LockClient::open(self.right.clone())?)
    }

    /// The way to its locks on volumes, and to the shutdown lock.
    #[must_use]
    pub fn volumes(&self) -> VolumeClient {
        VolumeClient::new(self.right.clone())
    }

    /// Has `then` called once the daemon is gone, and all locks with it: on a thread of its own, or here, if it is already.
    ///
    /// # Errors
    ///
    /// This process is short of ports or threads.
    pub fn when_gone(&self, then: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let news = ReceiveRight::new().map_err(io::Error::other)?;
        let told = news.make_send_once().map_err(io::Error::other)?;
        let right = self.right.clone();
        if right.request_dead_name(told).is_err() {
            then();
            return Ok(());
        }
        let wait = move || {
            let _kept = right; // the news are of this reference
            let dead_name = |news: &ReceivedMessage| {
                matches!(news.notification(), Some(Notification::DeadName { .. }))
            };
            if news
                .receive(&ReceiveOptions::new())
                .as_ref()
                .is_ok_and(dead_name)
            {
                then();
            }
        };
        let thread = thread::Builder::new().name("daemon".to_owned());
        thread.spawn(wait).map(drop)
    }

    /// The id of the volume that is called so, by its name, its root or its id.
    ///
    /// # Errors
    ///
    /// [`ClientError::Unknown`], or the daemon is another user's or gone.
    pub fn volume(&self, name: &str) -> Result<VolumeId, ClientError> {
        let unknown = || ClientError::Unknown(name.to_owned());
        let text = CString::new(name).map_err(|_| unknown())?;
        let id = VolumeId::from_bytes(self.calls().find(&text)?);
        if id.is_nil() { Err(unknown()) } else { Ok(id) }
    }

    /// Everything that there is to be seen.
    ///
    /// # Errors
    ///
    /// The daemon is another user's or gone.
    pub fn status(&self) -> Result<Status, ClientError> {
        Ok(self.calls().status()?)
    }

    /// Has a volume looked at now, and rebuilt if it is stale; in any case if `forced`. What came of it, and the process at work.
    ///
    /// # Errors
    ///
    /// The daemon is another user's or gone.
    pub fn rebuild(&self, volume: VolumeId, forced: bool) -> Result<(Outcome, i32), ClientError> {
        let (outcome, pid) = self.calls().rebuild(volume.into_bytes(), forced)?;
        Ok((Outcome::new(outcome).unwrap_or(Outcome::Failed), pid))
    }

    /// Has a volume unmounted, unless somebody is at work on it.
    ///
    /// # Errors
    ///
    /// The daemon is another user's or gone.
    pub fn unmount(&self, volume: VolumeId) -> Result<Unmounted, ClientError> {
        let calls = WatcherClient::new(self.right.clone()); // the disk may take its time
        let (outcome, pid, tries_left, errno) = calls.unmount(volume.into_bytes())?;
        Ok(Unmounted {
            outcome: Outcome::new(outcome).unwrap_or(Outcome::Failed),
            pid,
            tries_left,
            errno,
        })
    }
}
