//! What other processes make this task hold, and how much of it that may be.
//!
//! Who a process is the kernel below says, with each packet and each connection. It is charged the descriptors of its
//! messages until they are received, and its links for as long as they last; what the files say that its messages are in
//! is charged, too, before anything of them is read. A [`Charge`] ends when what it is for does; a descriptor whose closing
//! is held up counts until it is closed.
//!
//! Nobody knows how many descriptors a task has open, except by the number of one that has just come: that is the lowest
//! that was free. So what may come depends on how many are left above it: a process may have as many as it leaves free.

use std::collections::HashMap;
use std::os::fd::RawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::kernel::Kernel;
use crate::sys::{limits, unclosed};

/// As many descriptors of one message may come as there are in a packet, if what is set aside is not touched.
const ONE_MESSAGE: u32 = 253;
/// With so few a process counts as a small one, who may have some of what is set aside.
const FEW: u32 = 4;
/// How many bytes a process may say that its unreceived messages have.
const MOST_BYTES: u64 = 64 << 30;

/// How many descriptors are set aside: half for processes that have next to none, half for the task's own needs.
fn set_aside(limit: u32) -> u32 {
    (limit / 16).clamp(8, 128)
}

/// Whether a process that has `held` descriptors here may have `more`, with which `free` are left of `limit`.
fn is_fair(held: u32, more: u32, free: u32, limit: u32) -> bool {
    let aside = set_aside(limit);
    let all = held.saturating_add(more);
    let fair = all <= free || (held == 0 && more <= ONE_MESSAGE);
    (fair && free >= aside) || (all <= FEW && free >= aside / 2)
}

/// What a process makes this task hold.
#[derive(Debug, Default)]
struct Account {
    descriptors: AtomicU32,
    bytes: AtomicU64,
}

/// A part of that.
#[derive(Debug)]
pub(crate) struct Charge {
    account: Arc<Account>,
    pub(crate) pid: i32,
    descriptors: u32,
    bytes: u64,
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account
            .descriptors
            .fetch_sub(self.descriptors, Relaxed);
        self.account.bytes.fetch_sub(self.bytes, Relaxed);
    }
}

/// What all processes make this task hold.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    each: HashMap<i32, Arc<Account>>,
    /// How many there are when those are looked for that have nothing any more.
    sweep_at: usize,
    /// How many descriptors have ever been charged.
    pub(crate) ever: u64,
}

impl Budget {
    fn account(&mut self, pid: i32) -> &Arc<Account> {
        if self.each.len() >= self.sweep_at {
            self.each
                .retain(|_, account| Arc::strong_count(account) > 1);
            self.sweep_at = 2 * self.each.len() + 64;
        }
        self.each.entry(pid).or_default()
    }

    /// Charges a process with descriptors that have come, the highest of which is `highest`, and some that `follow`;
    /// `None` if they are too many.
    fn charge(
        &mut self,
        pid: i32,
        come: u32,
        follow: u32,
        highest: RawFd,
        limit: u32,
    ) -> Option<Charge> {
        let used = u32::try_from(highest).ok()?.saturating_add(1);
        let free = limit.saturating_sub(used).checked_sub(follow)?;
        let account = self.account(pid);
        let (held, more) = (
            account.descriptors.load(Relaxed),
            come.saturating_add(follow),
        );
        let held = held.saturating_add(unclosed::of(pid));
        let charge = is_fair(held, more, free, limit).then(|| Charge::new(account, pid, more))?;
        self.ever += u64::from(more);
        Some(charge)
    }
}

impl Budget {
    /// What a process is charged with is another's from now on.
    pub(crate) fn recharge(&mut self, charge: &mut Charge, pid: i32) {
        *charge = Charge::new(self.account(pid), pid, charge.descriptors);
    }
}

impl Charge {
    fn new(account: &Arc<Account>, pid: i32, descriptors: u32) -> Self {
        account.descriptors.fetch_add(descriptors, Relaxed);
        Self {
            account: Arc::clone(account),
            pid,
            descriptors,
            bytes: 0,
        }
    }

    /// Adds bytes that may have to be found room for; `false` if the process has said too many.
    pub(crate) fn add_bytes(&mut self, bytes: u64) -> bool {
        let before = self.account.bytes.load(Relaxed);
        let fits = before == 0 || before.saturating_add(bytes) <= MOST_BYTES;
        if fits {
            self.account.bytes.fetch_add(bytes, Relaxed);
            self.bytes += bytes;
        }
        fits
    }
}

/// Descriptors that have come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Come {
    /// How many there are.
    pub(crate) count: usize,
    /// How many more are in the queue of one of them.
    pub(crate) follow: usize,
    /// The highest number that one has.
    pub(crate) highest: RawFd,
    /// What the files among them say to have at most.
    pub(crate) bytes: u64,
}

impl Kernel {
    /// Charges a process with what it has sent. `None` if that is too much.
    pub(crate) fn charge(&mut self, pid: i32, come: Come) -> Option<Charge> {
        let [count, follow] = [come.count, come.follow].map(u32::try_from);
        let (count, follow) = (count.ok()?, follow.ok()?);
        let limit = limits::now();
        let mut charge = self
            .budget
            .charge(pid, count, follow, come.highest, limit)?;
        charge.add_bytes(come.bytes).then_some(charge)
    }

    /// Charges a process with a link.
    pub(crate) fn charge_link(&mut self, pid: i32, end: RawFd) -> Option<Charge> {
        self.charge(
            pid,
            Come {
                count: 1,
                follow: 0,
                highest: end,
                bytes: 0,
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of descriptors of which none is given back, and who has how many.
    struct Table {
        budget: Budget,
        limit: u32,
        open: u32,
        kept: Vec<Charge>,
    }

    impl Table {
        fn new(limit: u32, open: u32) -> Self {
            let (budget, kept) = (Budget::default(), Vec::new());
            Self {
                budget,
                limit,
                open,
                kept,
            }
        }

        fn take(&mut self, pid: i32, count: u32) -> bool {
            let highest = (self.open + count) as RawFd - 1;
            let charge = self.budget.charge(pid, count, 0, highest, self.limit);
            if let Some(charge) = charge {
                self.open += count;
                self.kept.push(charge);
                true
            } else {
                false
            }
        }
    }

    #[test]
    fn a_process_has_half_at_most_and_others_get_what_they_need() {
        for limit in [300, 1024, 4096, 524_288] {
            let mut table = Table::new(limit, 12);
            while table.take(1, 1) {}
            assert!(table.open <= limit / 2 + 12, "{limit}: {}", table.open);
            // A rendezvous, and a few rights at a time.
            assert!(table.take(2, 100.min(limit / 8)), "{limit}");
            for pid in 3..7 {
                assert!(table.take(pid, 2), "{limit}");
            }
        }
    }

    #[test]
    fn however_many_processes_want_all_some_are_left_for_the_task() {
        for limit in [64, 300, 1024, 4096] {
            let mut table = Table::new(limit, 12);
            for pid in 1..2000 {
                while table.take(pid, 1) {}
            }
            assert!(limit - table.open >= set_aside(limit) / 2, "{limit}");
        }
    }

    #[test]
    fn as_many_ports_as_a_collection_has_come_at_any_usual_limit() {
        for limit in [300, 1024, 4096] {
            assert!(Table::new(limit, 20).take(1, 250), "{limit}");
        }
        let mut table = Table::new(4096, 20);
        assert!(table.take(1, 1000));
        table.kept.clear();
        assert!(table.take(1, 1000));
    }

    #[test]
    fn what_follows_counts_before_it_is_there() {
        let mut budget = Budget::default();
        assert!(budget.charge(1, 1, 900, 20, 1024).is_none());
        assert!(budget.charge(1, 1, u32::MAX, 20, 1024).is_none());
        assert!(budget.charge(1, 1, 400, 20, 1024).is_some());
    }

    /// Charges begin while the task is locked, and end wherever what they are for does.
    #[test]
    fn some_descriptors_are_left_in_whatever_order_charges_begin_and_end() {
        const LIMIT: u32 = 64;
        fn processes_come_and_go() {
            let table = Arc::new(shuttle::sync::Mutex::new(Table::new(LIMIT, 12)));
            let process = |pid: i32| {
                let table = Arc::clone(&table);
                move || {
                    for count in [1, 9, 3, 20, 2] {
                        let mut locked = table.lock().unwrap();
                        let charge = locked.take(pid, count).then(|| locked.kept.pop());
                        assert!(LIMIT - locked.open >= set_aside(LIMIT) / 2);
                        drop(locked);
                        shuttle::thread::yield_now();
                        if let Some(mut charge) = charge.flatten() {
                            // Some are another's before they end.
                            if count % 2 == 0 {
                                let mut locked = table.lock().unwrap();
                                locked.budget.recharge(&mut charge, pid % 3 + 1);
                                drop(locked);
                                shuttle::thread::yield_now();
                            }
                            drop(charge);
                            shuttle::thread::yield_now();
                            table.lock().unwrap().open -= count;
                        }
                    }
                }
            };
            let threads = [1, 2, 3].map(|pid| shuttle::thread::spawn(process(pid)));
            threads
                .into_iter()
                .for_each(|thread| thread.join().unwrap());
            let locked = table.lock().unwrap();
            let held = |account: &Arc<Account>| account.descriptors.load(Relaxed);
            assert_eq!(locked.budget.each.values().map(held).sum::<u32>(), 0);
            assert_eq!(locked.open, 12);
        }
        shuttle::check_random(processes_come_and_go, 500);
        shuttle::check_pct(processes_come_and_go, 500, 3);
    }

    #[test]
    fn accounts_end_with_what_they_are_for() {
        let mut kernel = Kernel::new();
        let come = |bytes| Come {
            count: 1,
            follow: 0,
            highest: 20,
            bytes,
        };
        let all = kernel.charge(1, come(MOST_BYTES)).unwrap();
        assert!(kernel.charge(1, come(1)).is_none());
        assert!(kernel.charge(2, come(1)).is_some());
        drop(all);
        assert!(kernel.charge(1, come(1)).is_some());
        for pid in 0..10_000 {
            drop(kernel.charge(pid, come(0)));
        }
        assert!(kernel.budget.each.len() < 200);
    }
}
