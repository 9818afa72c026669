//! What becomes of a command whose lock is gone, because its daemon is.
//!
//! Who runs a command learns it at once, and decides. A helper ends: the next daemon knows nothing of it, and may launch another
//! one for the same volume.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::getpgrp;

use crate::client::Client;
use crate::settings::GRACE;

/// Says once that the daemon is gone.
#[derive(Debug, Clone, Default)]
pub(super) struct Gone(Arc<AtomicBool>);

/// Tells when the daemon is gone, while this process holds a lock.
pub(super) fn watch(client: &Client) -> Gone {
    let gone = Gone::default();
    let (told, is_helper) = (gone.clone(), client.is_helper());
    let watched = client.when_gone(move || {
        told.tell();
        if is_helper {
            end();
        }
    });
    if let Err(error) = watched {
        eprintln!("volwatch: the daemon's end will not be noticed: {error}");
    }
    gone
}

impl Gone {
    pub(super) fn tell(&self) {
        if !self.0.swap(true, Ordering::AcqRel) {
            eprintln!(
                "volwatch: the daemon is gone, and the lock with it: others may have it by now"
            );
        }
    }
}

/// Ends this helper with all that it has started, as the daemon would. Each helper leads a process group.
fn end() {
    let group = getpgrp();
    if group != nix::unistd::getpid() {
        return; // it is others', too
    }
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        // This process passes the first one on to its command, and ends when that does.
        if let Err(error) = killpg(group, signal) {
            eprintln!("volwatch: the helper cannot be ended: {error}");
        }
        thread::sleep(GRACE);
    }
}
