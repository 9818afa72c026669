//! Shutdowns that are begun by others than `volwatch`: logind delays them until nothing is half done.

use std::io::{self, PipeReader, PipeWriter, pipe};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lock_service::{RebootGuard, VolumeClient, Wait};
use mach_ports::SendRight;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;

use crate::sys::{Logind, Said};
use crate::table::Table;

/// A helper may well need as long.
const ENOUGH: Duration = Duration::from_secs(30);

/// How long after the system's bus was not there it is looked for again.
const AGAIN: Duration = Duration::from_secs(10);

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
        held: None,
        trouble: String::new(),
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
    /// While a shutdown goes on: until it is called off or another logind is there, and also if the bus is the first to go.
    held: Option<RebootGuard>,
    /// Why shutdowns are not delayed; it is said once.
    trouble: String,
}

impl Delaying {
    fn run(mut self, stop: &PipeReader) {
        while let Err(error) = self.follow(stop) {
            self.tell(&error);
            if !waits(stop, AGAIN) {
                return;
            }
        }
    }

    /// Follows whoever is logind, until `stop` ends. Returns at once on systems that have none.
    ///
    /// # Errors
    ///
    /// The bus is not there, or gone.
    fn follow(&mut self, stop: &PipeReader) -> io::Result<()> {
        let Some(mut logind) = Logind::connect()? else {
            return Ok(());
        };
        loop {
            match self.delay(&mut logind, stop) {
                Ok(None) => return Ok(()),
                Ok(Some(Said::Appeared)) => continue,
                Ok(_) => self.show(None),
                Err(error) if error.kind() == io::ErrorKind::NotConnected => return Err(error),
                // It is not there, or does not let this user.
                Err(error) => self.tell(&error),
            }
            loop {
                match logind.wait(stop.as_fd())? {
                    None => return Ok(()),
                    Some(Said::Appeared) => break,
                    Some(_) => {}
                }
            }
        }
    }

    /// Has a logind delay shutdowns, until it is gone or another one is there; `None` once `stop` ends.
    fn delay(&mut self, logind: &mut Logind, stop: &PipeReader) -> io::Result<Option<Said>> {
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
            self.held = None;
            self.trouble.clear();
            self.show(Some(Delay {
                longest,
                held: true,
            }));
            match logind.wait(stop.as_fd())? {
                Some(Said::Begins) => {}
                Some(Said::CalledOff) => continue,
                said => return Ok(said),
            }
            tracing::info!("a shutdown begins");
            match self.locks.lock_reboot(Wait::For(longest)) {
                Ok(lock) => self.held = Some(lock),
                Err(error) => tracing::warn!(%error, "the shutdown finds volumes at work"),
            }
            drop(inhibitor);
            self.show(Some(Delay {
                longest,
                held: false,
            }));
            loop {
                match logind.wait(stop.as_fd())? {
                    Some(Said::CalledOff) => break,
                    // It may well be stopped before this daemon is.
                    Some(Said::Begins | Said::Gone) => {}
                    said => return Ok(said),
                }
            }
        }
    }

    fn tell(&mut self, error: &io::Error) {
        self.show(None);
        let text = error.to_string();
        if error.kind() == io::ErrorKind::NotFound {
            tracing::debug!("there is no system's bus");
        } else if text != self.trouble {
            tracing::warn!(%error, "shutdowns are not delayed: use `volwatch shutdown-lock`");
        }
        self.trouble = text;
    }

    fn show(&self, delay: Option<Delay>) {
        self.table.lock().delay = delay;
    }
}

/// Whether `stop` does not end within that time.
fn waits(stop: &PipeReader, time: Duration) -> bool {
    let time = PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX);
    let mut ends = [PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
    // An interruption is the end of a pause, too.
    poll(&mut ends, time).is_err() || ends[0].any() != Some(true)
}
