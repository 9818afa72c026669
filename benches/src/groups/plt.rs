//! Calls of another library's function, in a process that is watched and in one that is not.

use std::time::{Duration, Instant};

use crate::groups::images::monitors;
use crate::harness::peer::Role;
use crate::harness::{Batch, Contender, Peer};
use crate::{Result, raw, sys};

const CALLS: &str = "plt";

/// How many calls there are in one turn.
const TIMES: u32 = 100_000;

pub(super) fn contenders() -> Result<Vec<Contender>> {
    [("not watched", 0), ("one monitor", 1)]
        .map(|(name, count)| calling(name, count))
        .into_iter()
        .collect()
}

fn calling(name: &str, count: usize) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let monitors = monitors(count)?;
    let peer = Peer::start(CALLS, |launcher| {
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
        let all = Duration::from_nanos(u64::from_ne_bytes(taken));
        Ok(Batch {
            each: all / TIMES,
            operations: TIMES as usize,
            fairness: None,
        })
    }))
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == CALLS).then(call)
}

/// Calls when it is told to, and says how long it took.
fn call() -> Result<()> {
    image_agent::start()?;
    let socket = raw::inherited();
    loop {
        raw::receive(&socket, &mut [0])?;
        let begun = Instant::now();
        for _ in 0..TIMES {
            sys::call_by_plt();
        }
        let taken = begun.elapsed();
        raw::send_all(&socket, &u64::try_from(taken.as_nanos())?.to_ne_bytes())?;
    }
}
