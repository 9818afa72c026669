//! What the daemon's thread is told.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::Sender;

use crate::VolumeId;
use crate::daemon::scan::Changes;
use crate::settings::Settings;
use crate::watch::{Noticed, WatchError, Watching};

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// Something was mounted or unmounted.
    Mounts,
    /// It is known which volumes have come and gone.
    Scanned(io::Result<Changes>),
    /// A volume is watched, or cannot be.
    Watching {
        id: VolumeId,
        root: PathBuf,
        watching: Result<Watching, WatchError>,
    },
    /// Files of a volume have changed.
    Noticed(Noticed),
    /// A volume is new, or its description is.
    Rewatch(VolumeId),
    /// A volume that was to be looked at while it was locked is locked no more.
    Released(VolumeId),
    /// A helper has exited.
    HelperExited { id: VolumeId, pid: i32 },
    /// A helper was launched: it has a deadline.
    HelperLaunched,
    /// The stamps of a volume have been written.
    Written,
    /// There is another configuration.
    Reload(Box<Settings>),
    /// The daemon is to end.
    Stop,
}

/// What tells a daemon to do something, from any thread.
#[derive(Debug, Clone)]
pub struct DaemonHandle(pub(super) Sender<Event>);

impl DaemonHandle {
    /// Has the daemon end in order: helpers are told to end, and then all that wait for locks learn that it is gone.
    pub fn stop(&self) {
        let _ = self.0.send(Event::Stop); // or it has ended
    }

    /// Gives the daemon another configuration. Its name and start-up delay stay what they were.
    pub fn reload(&self, settings: Settings) {
        let _ = self.0.send(Event::Reload(Box::new(settings)));
    }
}
