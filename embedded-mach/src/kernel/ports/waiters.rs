//! Threads that wait for something to happen to a port.

use std::collections::VecDeque;

use super::spin::Spin;
use crate::sys::parker::Parker;
use crate::sys::watch::Watch;

/// Waiting threads, first come first woken.
#[derive(Debug, Default)]
pub(crate) struct Waiters(VecDeque<Parker>);

impl Waiters {
    pub(crate) fn join(&mut self, parker: &Parker) {
        self.0.push_back(parker.clone());
    }

    /// Whether the thread was still in the list: it has not been woken then.
    pub(crate) fn leave(&mut self, parker: &Parker) -> bool {
        let before = self.0.len();
        self.0.retain(|p| !p.is(parker));
        self.0.len() < before
    }

    /// Wakes the thread that has waited longest. It leaves the list itself, so that a wake that comes while it is
    /// giving up reaches the next one through whoever looks at the queue last.
    pub(crate) fn wake_one(&mut self) {
        if let Some(parker) = self.0.pop_front() {
            parker.wake();
        }
    }

    pub(crate) fn wake_all(&mut self) {
        for parker in self.0.drain(..) {
            parker.wake();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How threads wait for the messages of a port or set.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    /// Wakes the thread that has the lead. Made when one first has it.
    lead: Option<Parker>,
    led: bool,
    /// How many more receives wait without having looked first.
    unlooked: u8,
    pub(crate) spin: Spin,
}

/// How many receives that look in vain are spared for one that did.
const SPARED_LOOKS: u8 = 15;

impl Waiting {
    /// Gives a thread the lead, unless another has it: one thread waits on the watch itself, and is told by the end of its
    /// wait what is ready. Others wait until the watch has anything, and must ask then.
    pub(crate) fn take_lead(&mut self, watch: &Watch) -> Option<Parker> {
        if self.led {
            return None;
        }
        if self.lead.is_none() {
            let parker = Parker::new().ok()?;
            watch.add_parker(&parker).ok()?;
            self.lead = Some(parker);
        }
        self.led = self.lead.is_some();
        self.lead.clone()
    }

    /// Takes the lead back. `woken`: the thread has been, whatever else ended its wait.
    pub(crate) fn end_lead(&mut self, woken: bool) {
        self.led = false;
        if woken && let Some(parker) = &self.lead {
            parker.forget_wake();
        }
    }

    /// Whether a receiver should wait at once: where receivers look in vain the look is spared, most of the time.
    pub(crate) fn spares_a_look(&mut self) -> bool {
        let spared = self.unlooked > 0;
        self.unlooked = self.unlooked.saturating_sub(1);
        spared
    }

    /// Notes what a look that was not spared has shown.
    pub(crate) fn looked(&mut self, found: bool) {
        self.unlooked = if found { 0 } else { SPARED_LOOKS };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thread_has_the_lead_and_a_late_wake_is_not_the_next_ones() {
        let watch = Watch::new().unwrap();
        let mut waiting = Waiting::default();
        let lead = waiting.take_lead(&watch).unwrap();
        assert!(waiting.take_lead(&watch).is_none());
        lead.wake();
        waiting.end_lead(true);
        assert!(waiting.take_lead(&watch).is_some());
        assert_eq!(watch.ready().count(), 0);
    }

    #[test]
    fn looks_are_spared_only_where_they_are_in_vain() {
        let mut waiting = Waiting::default();
        assert!(!waiting.spares_a_look());
        waiting.looked(false);
        let spared = std::iter::repeat_with(|| waiting.spares_a_look());
        assert_eq!(
            spared.take_while(|spared| *spared).count(),
            usize::from(SPARED_LOOKS)
        );
        waiting.looked(true);
        assert!(!waiting.spares_a_look());
    }
}
