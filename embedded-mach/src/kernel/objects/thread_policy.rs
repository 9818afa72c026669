//! What was asked for threads by `thread_policy_set`: kept to be told, and of no effect.

use std::collections::HashMap;

use crate::headers::thread_policy::thread_policy_flavor_t;
use crate::sys::threads;

/// The integers of the largest policy.
pub(crate) const LARGEST: usize = 4;

/// A policy's integers; those that it does not have are 0.
pub(crate) type Policy = [i32; LARGEST];

/// What was asked for a thread.
#[derive(Debug)]
struct Asked {
    /// Which of the threads that have had its number.
    began: u64,
    policies: HashMap<thread_policy_flavor_t, Policy>,
}

/// Policies by the numbers of threads.
#[derive(Debug, Default)]
pub(crate) struct ThreadPolicies(HashMap<i32, Asked>);

impl ThreadPolicies {
    pub(crate) fn set(
        &mut self,
        thread: i32,
        began: u64,
        flavor: thread_policy_flavor_t,
        policy: Policy,
    ) {
        let is_new = !self.0.contains_key(&thread);
        if is_new {
            // So that those of threads that have ended do not pile up.
            self.0.retain(|&number, _| threads::look(number).is_some());
        }
        let asked = self.0.entry(thread).or_insert_with(|| Asked {
            began,
            policies: HashMap::new(),
        });
        if asked.began != began {
            asked.began = began;
            asked.policies.clear();
        }
        asked.policies.insert(flavor, policy);
    }

    pub(crate) fn get(
        &self,
        thread: i32,
        began: u64,
        flavor: thread_policy_flavor_t,
    ) -> Option<Policy> {
        let asked = self.0.get(&thread).filter(|asked| asked.began == began)?;
        asked.policies.get(&flavor).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_does_not_get_what_was_asked_for_one_before_it() {
        let mut policies = ThreadPolicies::default();
        policies.set(1, 10, 3, [7, 0, 0, 0]);
        assert_eq!(policies.get(1, 10, 3), Some([7, 0, 0, 0]));
        assert_eq!(
            (policies.get(1, 11, 3), policies.get(1, 10, 4)),
            (None, None)
        );
        policies.set(1, 11, 4, [1, 0, 0, 0]);
        assert_eq!(policies.get(1, 11, 3), None);
        // One that has ended is forgotten when another comes.
        policies.set(2, 1, 3, [0; 4]);
        policies.set(1 << 30, 1, 3, [0; 4]);
        assert!(policies.0.len() <= 3);
    }
}
