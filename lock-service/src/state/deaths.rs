//! Locks whose holder ended badly, until the next one is told.

use std::collections::{HashMap, VecDeque};

use crate::resource::Resource;
use crate::state::Previous;

/// As many are remembered; the oldest is forgotten first.
const MOST: usize = 1 << 16;

#[derive(Debug, Default)]
pub(super) struct Deaths {
    of: HashMap<Resource, (u64, Previous)>,
    /// In order. One that is not in the map with this number was told.
    order: VecDeque<(u64, Resource)>,
    next: u64,
}

impl Deaths {
    /// The holder's end, unless it was a good one. What came before is of no interest then.
    pub(super) fn note(&mut self, resource: &Resource, how: Previous) {
        if how == Previous::Unlocked {
            return;
        }
        self.next += 1;
        self.of.insert(resource.clone(), (self.next, how));
        self.order.push_back((self.next, resource.clone()));
        while self.of.len() > MOST || self.order.len() > 2 * MOST {
            let Some((number, resource)) = self.order.pop_front() else {
                break;
            };
            if self.of.get(&resource).is_some_and(|kept| kept.0 == number) {
                self.of.remove(&resource);
            }
        }
    }

    pub(super) fn of(&self, resource: &Resource) -> Previous {
        self.of.get(resource).map(|kept| kept.1).unwrap_or_default()
    }

    pub(super) fn told(&mut self, resource: &Resource) {
        self.of.remove(resource);
        if self.of.is_empty() {
            self.order.clear();
        }
    }
}
