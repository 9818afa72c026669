//! What is logged of peers that misbehave: a few lines each, and how many more there would have been.
//!
//! A line costs more than the packet that it is about. Links are for the asking, so what is counted is the process.

use std::collections::HashMap;
use std::fmt::Display;
use std::time::{Duration, Instant};

use crate::kernel::Kernel;

/// What becomes of a link whose other side breaks a rule.
pub(crate) const CLOSED: &str = "closed the link of a peer that broke the protocol";
/// What it is to have no descriptors left.
pub(crate) const LOST: &str = "descriptors of a message were lost";

/// What becomes of a link that another one brought.
pub(crate) const REFUSED: &str = "a link was not taken";

/// What becomes of a name that a receive right brought.
pub(crate) const NO_NAME: &str = "the name of a receive right that came is lost";
/// The process of what cannot be said to be a certain one's.
pub(crate) const NOBODY: i32 = -1;

/// What becomes of a client of a bootstrap name.
pub(crate) const TURNED_AWAY: &str = "a client could not be taken up";

/// How many lines in a row a process can cause.
const BURST: u32 = 5;
/// How many all of them together can.
const BURST_OF_ALL: u32 = 50;
/// After what time there may be one more.
const PAUSE: Duration = Duration::from_secs(1);
/// How many processes are told apart. Those beyond are as one.
const MOST_PROCESSES: usize = 64;
/// All that are not told apart.
const MANY: i32 = i32::MIN;

/// What may be logged of one process.
#[derive(Debug)]
struct Allowance {
    lines: u32,
    most: u32,
    since: Instant,
    left_out: u64,
}

impl Allowance {
    fn new(most: u32, now: Instant) -> Self {
        Self {
            lines: most,
            most,
            since: now,
            left_out: 0,
        }
    }

    /// Whether one more line may be logged now.
    fn has_some(&mut self, now: Instant) -> bool {
        let pauses = now.saturating_duration_since(self.since).as_secs() / PAUSE.as_secs();
        let more = u32::try_from(pauses).unwrap_or(u32::MAX);
        if more > 0 {
            self.since = now;
            self.lines = self.lines.saturating_add(more).min(self.most);
        }
        self.lines > 0
    }

    fn is_idle(&self) -> bool {
        self.lines == self.most && self.left_out == 0
    }
}

/// What may be logged of other tasks.
#[derive(Debug, Default)]
pub(crate) struct Complaints {
    each: HashMap<i32, Allowance>,
    all: Option<Allowance>,
}

impl Complaints {
    /// Whether a line about a process may be logged: if so, how many before it were left out.
    fn admit(&mut self, pid: i32, now: Instant) -> Option<u64> {
        let all = self
            .all
            .get_or_insert_with(|| Allowance::new(BURST_OF_ALL, now));
        let any = all.has_some(now);
        let is_new = !self.each.contains_key(&pid);
        if is_new && self.each.len() >= MOST_PROCESSES {
            let busy = |process: &mut Allowance| !process.has_some(now) || !process.is_idle();
            self.each.retain(|_, process| busy(process));
        }
        let is_one_of_many = is_new && self.each.len() >= MOST_PROCESSES;
        let own = self.each.entry(if is_one_of_many { MANY } else { pid });
        let own = own.or_insert_with(|| Allowance::new(BURST, now));
        if own.has_some(now) && any {
            own.lines -= 1;
            all.lines -= 1;
            Some(std::mem::take(&mut own.left_out))
        } else {
            own.left_out += 1;
            None
        }
    }

    /// A process of which lines were left out that nothing more is heard of, and how many.
    fn forgotten(&mut self, but: i32, now: Instant) -> Option<(i32, u64)> {
        let all = self.all.as_mut()?;
        if !all.has_some(now) {
            return None;
        }
        let others = self.each.iter_mut().filter(|(pid, _)| **pid != but);
        for (pid, process) in others {
            if process.left_out > 0 && process.has_some(now) {
                process.lines -= 1;
                all.lines -= 1;
                return Some((*pid, std::mem::take(&mut process.left_out)));
            }
        }
        None
    }
}

impl Kernel {
    /// Logs what a process has done, unless much has been logged of it already.
    pub(crate) fn complain(&mut self, pid: i32, what: &str, why: &dyn Display) {
        let now = Instant::now();
        if let Some(left_out) = self.complaints.admit(pid, now) {
            tracing::warn!(pid, left_out, "{what}: {why}");
        }
        if let Some((pid, left_out)) = self.complaints.forgotten(pid, now) {
            tracing::warn!(pid, left_out, "more of the same");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_few_lines_and_a_sum() {
        let (mut complaints, start) = (Complaints::default(), Instant::now());
        let told = (0..100_000).filter_map(|_| complaints.admit(1, start));
        assert_eq!(told.collect::<Vec<_>>(), [0; BURST as usize]);
        let later = start + PAUSE;
        assert_eq!(complaints.admit(1, later), Some(100_000 - u64::from(BURST)));
        assert_eq!(complaints.admit(1, later), None);
    }

    #[test]
    fn one_process_does_not_take_the_lines_of_another() {
        let (mut complaints, start) = (Complaints::default(), Instant::now());
        let _ = (0..1000).filter_map(|_| complaints.admit(1, start)).count();
        assert_eq!(complaints.admit(2, start), Some(0));
        // What was left out of the first is told, though it is silent by now.
        assert_eq!(complaints.forgotten(2, start), None);
        let left_out = 1000 - u64::from(BURST);
        assert_eq!(complaints.forgotten(2, start + PAUSE), Some((1, left_out)));
        assert_eq!(complaints.forgotten(2, start + PAUSE), None);
    }

    #[test]
    fn many_processes_have_a_limit_together() {
        let (mut complaints, start) = (Complaints::default(), Instant::now());
        let told = (1..10_000).filter_map(|pid| complaints.admit(pid, start));
        assert_eq!(told.count(), BURST_OF_ALL as usize);
        assert!(complaints.each.len() <= MOST_PROCESSES + 1);
        let later = start + 100 * PAUSE;
        assert!(complaints.admit(20_000, later).is_some());
    }

    /// Counts what is logged.
    #[derive(Default)]
    struct Lines(std::sync::Arc<std::sync::atomic::AtomicUsize>);

    impl tracing::Subscriber for Lines {
        fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
            tracing::span::Id::from_u64(1)
        }
        fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
        fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
        fn event(&self, _: &tracing::Event<'_>) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        fn enter(&self, _: &tracing::span::Id) {}
        fn exit(&self, _: &tracing::span::Id) {}
    }

    #[test]
    fn whoever_breaks_the_protocol_by_ever_new_links_is_seldom_logged() {
        use std::os::fd::AsFd;
        let lines = Lines::default();
        let count = std::sync::Arc::clone(&lines.0);
        let mut kernel = Kernel::new();
        let name = kernel.allocate(crate::headers::port::MACH_PORT_RIGHT_RECEIVE, None);
        let port = kernel.receive_right(name.unwrap()).unwrap();
        tracing::subscriber::with_default(lines, || {
            for id in 0..1000 {
                let (receiving, sending) = crate::sys::socket::link_pair().unwrap();
                crate::sys::packet::send(sending.as_fd(), [b"nonsense", b""], &[]).unwrap();
                let link = kernel.add_link(port, receiving, id, false).unwrap();
                kernel.read_link(link);
                assert!(!kernel.links.contains_key(link));
            }
        });
        let count = count.load(std::sync::atomic::Ordering::Relaxed);
        // Another second may pass meanwhile, and another.
        assert!((1..100).contains(&count), "{count}");
    }
}
