//! Waiting for names that are being taken over.
//!
//! Which thread reads the message that brings a name is open: another may have received it before that thread has found
//! out whose the name is. Whoever received it may count on the name all the same.

use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};

use super::clerk::LIMIT;
use crate::kernel::task::{self, Locked};

/// Names that came with one receive right.
#[derive(Debug)]
struct Adoption {
    names: Vec<String>,
    over: Mutex<bool>,
    ended: Condvar,
}

impl Adoption {
    fn wait(&self) {
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        // No longer than files are: who sent the name may have sent it to keep others waiting.
        let _ = self.ended.wait_timeout_while(over, LIMIT, |over| !*over);
    }
}

/// A taking over that goes on. It is over when this goes.
#[derive(Debug)]
pub(crate) struct Begun(Arc<Adoption>);

impl Drop for Begun {
    fn drop(&mut self) {
        *self.0.over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.ended.notify_all();
    }
}

/// All takings over of a task that go on.
#[derive(Debug, Default)]
pub(crate) struct Adoptions(Vec<Weak<Adoption>>);

impl Adoptions {
    pub(super) fn begin(&mut self, names: Vec<String>) -> Begun {
        let adoption = Arc::new(Adoption {
            names,
            over: Mutex::new(false),
            ended: Condvar::new(),
        });
        self.0.retain(|other| other.strong_count() > 0);
        self.0.push(Arc::downgrade(&adoption));
        Begun(adoption)
    }

    fn of(&self, name: &str) -> Vec<Arc<Adoption>> {
        let going_on = self.0.iter().filter_map(Weak::upgrade);
        going_on
            .filter(|adoption| adoption.names.iter().any(|other| other == name))
            .collect()
    }
}

/// This task's kernel, locked once it is known of a name whether it is this task's: of what has come so far.
pub(crate) fn settled(name: &str) -> Locked {
    let kernel = task::lock();
    let adoptions = kernel.adoptions.of(name);
    if adoptions.is_empty() {
        return kernel;
    }
    // What this thread has to do itself it does with this.
    drop(kernel);
    for adoption in adoptions {
        adoption.wait();
    }
    task::lock()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Instant;

    use super::*;

    #[test]
    fn who_asks_for_a_name_waits_until_it_is_known_whose_it_is() {
        let name = "embedded-mach.adoption.waits";
        let begun = task::lock().adoptions.begin(vec![name.into()]);
        let known = AtomicBool::new(false);
        drop(settled("embedded-mach.adoption.another"));
        assert_eq!(Arc::strong_count(&begun.0), 1, "nobody waits for others");
        thread::scope(|scope| {
            let asked = scope.spawn(|| {
                drop(settled(name));
                known.load(Ordering::Acquire)
            });
            let deadline = Instant::now() + LIMIT;
            while Arc::strong_count(&begun.0) == 1 && Instant::now() < deadline {
                thread::yield_now();
            }
            known.store(true, Ordering::Release);
            drop(begun);
            assert!(asked.join().expect("it was asked"));
        });
        assert!(task::lock().adoptions.of(name).is_empty());
    }
}
