//! The daemon's side of what `volwatch` asks.

use std::ffi::CString;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use lock_service::ServiceHandle;
use lock_service::state::{CheckOutcome, Unmount, Why};
use mach_interface::{Deferred, DeferredReply};
use mach_ports::{AuditToken, ReturnCode};
use parking_lot::Mutex;

use crate::VolumeId;
use crate::daemon::report::report;
use crate::status::Status;
use crate::sys;
use crate::table::Table;
use crate::wire::{NO_ACCESS, NONE, Outcome, Watcher, WatcherServer};

pub(super) type ControlServer = WatcherServer<Control>;

#[derive(Clone)]
pub(super) struct Control {
    table: Arc<Mutex<Table>>,
    /// Set before the first request can come.
    locks: Arc<OnceLock<ServiceHandle>>,
    user: u32,
}

impl Control {
    pub(super) const fn new(
        table: Arc<Mutex<Table>>,
        locks: Arc<OnceLock<ServiceHandle>>,
        user: u32,
    ) -> Self {
        Self { table, locks, user }
    }

    fn locks(&self, caller: &AuditToken) -> Result<&ServiceHandle, ReturnCode> {
        if caller.euid() == self.user {
            self.locks.get().ok_or(NO_ACCESS)
        } else {
            tracing::warn!(
                pid = caller.pid(),
                user = caller.euid(),
                "another user asks"
            );
            Err(NO_ACCESS)
        }
    }

    fn is_in_trouble(&self, id: VolumeId) -> bool {
        let table = self.table.lock();
        let volume = table.volumes.get(&id);
        volume.is_some_and(|volume| volume.trouble.is_some())
    }

    fn outcome(&self, id: VolumeId, checked: CheckOutcome) -> (Outcome, i32) {
        match checked {
            CheckOutcome::Unknown => (Outcome::Unknown, 0),
            CheckOutcome::ShuttingDown => (Outcome::ShuttingDown, 0),
            CheckOutcome::Locked(pid) | CheckOutcome::Running(pid) => (Outcome::Busy, pid),
            CheckOutcome::GivenUp => (Outcome::GivenUp, 0),
            CheckOutcome::Clean if self.is_in_trouble(id) => (Outcome::Trouble, 0),
            CheckOutcome::Clean | CheckOutcome::Looking => (Outcome::Done, 0),
            CheckOutcome::Launched(pid) => (Outcome::Launched, pid),
            CheckOutcome::Failed => (Outcome::Failed, 0),
        }
    }

    fn unmount_now(&self, locks: &ServiceHandle, id: VolumeId) -> (Outcome, i32, u32, i32) {
        let (root, has_helper) = {
            let table = self.table.lock();
            let Some(volume) = table.volumes.get(&id) else {
                return (Outcome::Unknown, 0, 0, 0);
            };
            if !volume.found.mounted {
                return (Outcome::NotMounted, 0, 0, 0);
            }
            (volume.found.root.clone(), table.settings.helper.is_some())
        };
        match locks.unmount(id) {
            Unmount::Unknown => return (Outcome::Unknown, 0, 0, 0),
            Unmount::Denied { pid, tries_left } => {
                tracing::info!(%id, pid, tries_left, has_helper, "an unmount was denied");
                return (Outcome::Busy, pid, tries_left, 0);
            }
            Unmount::Allowed => {}
        }
        match unmount_patiently(&root) {
            Ok(()) => (Outcome::Done, 0, 0, 0),
            Err(error) => (Outcome::Failed, 0, 0, error.raw_os_error().unwrap_or(0)),
        }
    }
}

/// A look of the daemon's own may keep it busy for a moment.
fn unmount_patiently(root: &Path) -> io::Result<()> {
    for _ in 0..50 {
        match sys::unmount(root) {
            Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                thread::sleep(Duration::from_millis(20));
            }
            unmounted => return unmounted,
        }
    }
    sys::unmount(root)
}

impl Watcher for Control {
    fn find(&self, caller: AuditToken, name: CString) -> Result<[u8; 16], ReturnCode> {
        self.locks(&caller)?;
        let name = name.to_str().unwrap_or_default();
        let found = self.table.lock().named(name);
        Ok(found.map_or(NONE, VolumeId::into_bytes))
    }

    fn status(&self, caller: AuditToken) -> Result<Status, ReturnCode> {
        // Not with the table locked: the lock service comes first.
        let locks = self.locks(&caller)?.snapshot();
        Ok(report(&self.table.lock(), &locks))
    }

    fn rebuild(
        &self,
        caller: AuditToken,
        reply: DeferredReply<(u32, i32)>,
        uuid: [u8; 16],
        forced: bool,
    ) -> Deferred {
        let locks = match self.locks(&caller) {
            Ok(locks) => locks,
            Err(code) => {
                reply.fail(code);
                return Deferred;
            }
        };
        let why = if forced { Why::Forced } else { Why::Changed };
        let id = VolumeId::from_bytes(uuid);
        let control = self.clone();
        // The look may take its time.
        locks.begin_check(id, why, move |checked| {
            let (outcome, pid) = control.outcome(id, checked);
            reply.reply((outcome.number(), pid));
        });
        Deferred
    }

    fn unmount(
        &self,
        caller: AuditToken,
        reply: DeferredReply<(u32, i32, u32, i32)>,
        uuid: [u8; 16],
    ) -> Deferred {
        let locks = match self.locks(&caller) {
            Ok(locks) => locks.clone(),
            Err(code) => {
                reply.fail(code);
                return Deferred;
            }
        };
        let control = self.clone();
        let unmount = move || {
            let id = VolumeId::from_bytes(uuid);
            let (outcome, pid, tries_left, errno) = control.unmount_now(&locks, id);
            reply.reply((outcome.number(), pid, tries_left, errno));
        };
        // What has been written may have to reach the disk first.
        let thread = thread::Builder::new().name("unmount".to_owned());
        if let Err(error) = thread.spawn(unmount) {
            tracing::error!(%error, "nothing can be unmounted"); // the reply is dropped, which is told
        }
        Deferred
    }
}
