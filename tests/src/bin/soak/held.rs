//! What the parent has.

use std::fmt;
use std::time::{Duration, Instant};

use mach_ports::census;
use rendezvous_tests::LONG;

use crate::Outcome;

/// Names, descriptors and memory.
#[derive(Debug)]
pub(crate) struct Held {
    names: usize,
    descriptors: usize,
    /// Resident, in KiB; 0 where the system does not say.
    memory: u64,
}

/// More memory than allocators keep.
const TOO_MUCH: u64 = 64 << 10;

impl Held {
    pub(crate) fn now() -> Outcome<Self> {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let memory = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        Ok(Self {
            names: census::names()?.len(),
            descriptors: std::fs::read_dir("/dev/fd")?.count(),
            memory: memory.unwrap_or(0),
        })
    }

    /// Waits until the process holds no more than this: other threads may have to let go of something.
    pub(crate) fn must_be_all(&self) -> Outcome<()> {
        let deadline = Instant::now() + LONG;
        loop {
            let now = Self::now()?;
            if now.names == self.names
                && now.descriptors <= self.descriptors
                && now.memory <= self.memory + TOO_MUCH
            {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("before: {self}; now: {now}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            names,
            descriptors,
            memory,
        } = self;
        write!(f, "{names} names, {descriptors} descriptors, {memory} KiB")
    }
}
