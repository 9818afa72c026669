//! Processes that are watched, and work when they are told to.

use std::time::{Duration, Instant};

use image_monitor::{ImageMonitor, MonitorOptions};

use crate::harness::{Batch, Contender, Peer};
use crate::{Result, raw, sys};

/// Monitors that answer at once.
pub(super) fn monitors(count: usize) -> Result<Vec<ImageMonitor>> {
    let options = || MonitorOptions::new().allow_unwatched(true);
    let monitors = (0..count).map(|_| ImageMonitor::with_options(options(), drop));
    Ok(monitors.collect::<std::result::Result<_, _>>()?)
}

/// A contender whose process has a role, and so many monitors, and does in each turn something so many times.
pub(super) fn contender(role: &str, name: &str, count: usize, times: u32) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let monitors = monitors(count)?;
    let peer = Peer::start(role, |launcher| {
        for monitor in &monitors {
            launcher.image_monitor(monitor);
        }
        raw::give(launcher, theirs);
    })?;
    Ok(Contender::new(name, [peer], move || {
        // They live as long as the contender.
        let _ = &monitors;
        raw::send_all(&socket, &[0])?;
        let mut taken = [0; size_of::<u64>()];
        raw::receive(&socket, &mut taken)?;
        Ok(Batch {
            each: Duration::from_nanos(u64::from_ne_bytes(taken)) / times,
            operations: times as usize,
            fairness: None,
        })
    }))
}

/// What such a process does: it says how long all of a turn took.
pub(super) fn work(times: u32, mut once: impl FnMut() -> Result<()>) -> Result<()> {
    image_agent::start()?;
    let socket = raw::inherited();
    loop {
        raw::receive(&socket, &mut [0])?;
        let begun = Instant::now();
        for _ in 0..times {
            once()?;
        }
        let taken = begun.elapsed();
        raw::send_all(&socket, &u64::try_from(taken.as_nanos())?.to_ne_bytes())?;
    }
}
