//! Shutdowns that are begun by others than `volwatch`: logind delays them until nothing is half done.

use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lock_service::{VolumeClient, Wait};
use mach_ports::SendRight;
use parking_lot::Mutex;

use crate::sys::Logind;
use crate::table::Table;

/// A helper may well need as long.
const ENOUGH: Duration = Duration::from_secs(30);

/// What is known of the delay, for the status.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    pub(crate) longest: Duration,
    /// Whether the next shutdown is delayed.
    pub(crate) held: bool,
}

/// The thread that asks logind for a delay, until this is dropped.
pub(super) struct Inhibiting {
    stop: Option<PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

/// Begins to delay shutdowns, where somebody can. What fails is logged.
pub(super) fn begin(table: &Arc<Mutex<Table>>, locks: SendRight) -> io::Result<Inhibiting> {
    let (stopped, stop) = pipe()?;
    let delaying = Delaying {
        table: Arc::clone(table),
        locks: VolumeClient::new(locks),
    };
    let thread = thread::Builder::new()
        .name("shutdowns".to_owned())
        .spawn(move || delaying.run(&stopped))?;
    Ok(Inhibiting {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Inhibiting {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // a panic has been printed
        }
    }
}

struct Delaying {
    table: Arc<Mutex<Table>>,
    locks: VolumeClient,
}

impl Delaying {
    fn run(self, stop: &PipeReader) {
        if let Err(error) = self.delay(stop) {
            tracing::warn!(%error, "shutdowns are not delayed: use `volwatch shutdown-lock`");
        }
        self.table.lock().delay = None;
    }

    fn delay(&self, stop: &PipeReader) -> io::Result<()> {
        let Some(mut logind) = Logind::connect()? else {
            return Ok(());
        };
        let longest = logind.longest_delay()?;
        if longest < ENOUGH {
            let longest = humantime::format_duration(longest).to_string();
            tracing::warn!(
                longest,
                "logind delays a shutdown no longer: see InhibitDelayMaxSec"
            );
        }
        loop {
            let inhibitor = logind.inhibit()?;
            self.show(longest, true);
            match logind.wait(stop.as_fd())? {
                None => return Ok(()),
                Some(false) => continue,
                Some(true) => {}
            }
            tracing::info!("a shutdown begins");
            // Held until the shutdown is called off, or is the end of this process.
            let lock = self.locks.lock_reboot(Wait::For(longest));
            if let Err(error) = &lock {
                tracing::warn!(%error, "the shutdown finds volumes at work");
            }
            drop(inhibitor);
            self.show(longest, false);
            while let Some(begins) = logind.wait(stop.as_fd())? {
                if !begins {
                    break;
                }
            }
        }
    }

    fn show(&self, longest: Duration, held: bool) {
        self.table.lock().delay = Some(Delay { longest, held });
    }
}
