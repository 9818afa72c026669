//! The ends of helpers.

use std::sync::Arc;

use launcher::Child;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::VolumeId;
use crate::daemon::{Daemon, Event};

impl Daemon {
    /// A helper has exited: whatever it holds is free, and if it did not unlock, it has failed.
    pub(super) fn helper_exited(&mut self, id: VolumeId, pid: i32) {
        let helper = self.table.lock().helpers.remove(&pid);
        if let Some(helper) = helper {
            match helper.child.wait() {
                Ok(status) => tracing::info!(%id, pid, %status, "the helper has exited"),
                Err(error) => tracing::warn!(%id, pid, %error, "the helper was lost"),
            }
        }
        self.locks.handle().helper_exited(id, pid);
        let mut table = self.table.lock();
        if table.take_again(id) {
            table.tell(Event::Released(id));
        }
    }
}

/// Signals a helper and what it has started. Only where helpers are reaped as well, so that the id is still its own.
pub(super) fn signal(child: &Arc<Child>, signal: Signal) {
    let pid = child.id();
    if let Err(error) = killpg(Pid::from_raw(pid), signal) {
        tracing::warn!(pid, %error, "the helper cannot be signalled");
    }
}
