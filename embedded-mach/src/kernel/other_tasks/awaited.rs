//! What others hold up that is about to come: ends that a port has brought, and reads of links that are under way.
//!
//! If the port left now it would be lost. So it is waited for, much longer than a busy machine takes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::kernel::ports::ids::{LinkKey, PortKey};

const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 60 } else { 2 });

fn may_come(since: Instant) -> bool {
    since.elapsed() < PATIENCE
}

/// Ends of one port.
#[derive(Debug)]
struct Ends {
    count: u32,
    since: Instant,
    /// What the port is now: one that came home is what this task's rights had led to.
    port: PortKey,
}

/// All that a task waits for.
#[derive(Debug, Default)]
pub(crate) struct Awaited {
    /// By what the ports were when they came.
    ends: HashMap<PortKey, Ends>,
    reads: HashMap<LinkKey, Instant>,
}

impl Awaited {
    /// An end is still to come of a port that has just arrived.
    pub(crate) fn add_end(&mut self, port: PortKey) {
        let ends = self.ends.entry(port).or_insert_with(|| Ends {
            count: 0,
            since: Instant::now(),
            port,
        });
        ends.count = ends.count.saturating_add(1);
    }

    /// A port that has just arrived turned out to be another one.
    pub(crate) fn is_now(&mut self, arrived: PortKey, port: PortKey) {
        if let Some(ends) = self.ends.get_mut(&arrived) {
            ends.port = port;
        }
    }

    /// An end has come, or will not, of a port as it arrived: what that is now.
    pub(crate) fn end_is_here(&mut self, arrived: PortKey) -> PortKey {
        let Some(ends) = self.ends.get_mut(&arrived) else {
            return arrived;
        };
        let port = ends.port;
        ends.count = ends.count.saturating_sub(1);
        if ends.count == 0 {
            self.ends.remove(&arrived);
        }
        port
    }

    /// Whether a port may still get an end.
    pub(crate) fn has_ends_of(&self, port: PortKey) -> bool {
        self.ends.values().any(|ends| ends.port == port)
    }

    pub(super) fn add_read(&mut self, link: LinkKey) {
        self.reads.insert(link, Instant::now());
    }

    pub(super) fn read_is_over(&mut self, link: LinkKey) {
        self.reads.remove(&link);
    }

    /// Whether there is anything that a port, with these links, had better wait for.
    pub(super) fn concerns(&self, port: PortKey, links: &[LinkKey]) -> bool {
        let mut ends = self.ends.values().filter(|ends| ends.port == port);
        let mut reads = links.iter().filter_map(|link| self.reads.get(link));
        ends.any(|ends| may_come(ends.since)) || reads.any(|&since| may_come(since))
    }
}
