//! What is told by `tracing`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::lab::{Fate, pool};

/// Adds up the fields that count, as subscribers do that make metrics of events.
#[derive(Clone, Default)]
struct Counters(Arc<Mutex<HashMap<(String, ThreadId), u64>>>);

impl Counters {
    /// A call's events are its thread's, and other tests have theirs.
    fn of_this_thread(&self) -> BTreeMap<String, u64> {
        let own = thread::current().id();
        let counters = self.0.lock().unwrap();
        counters
            .iter()
            .filter(|((_, thread), _)| *thread == own)
            .map(|((name, _), count)| (name.clone(), *count))
            .collect()
    }
}

impl Subscriber for Counters {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("helper_pool")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Adding(self));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Adding<'c>(&'c Counters);

impl Visit for Adding<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if let Some(name) = field.name().strip_prefix("monotonic_counter.") {
            let of_thread = (name.to_owned(), thread::current().id());
            *self.0.0.lock().unwrap().entry(of_thread).or_default() += value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[test]
fn events_count_calls_and_losses() {
    let counters = Counters::default();
    // For all threads: a subscriber for one alone may miss events that others have been the first to pass.
    tracing::subscriber::set_global_default(counters.clone()).unwrap();
    let (pool, _alive) = pool(1);
    for value in 0..5 {
        pool.call(|lab| lab.echo(value)).unwrap();
    }
    pool.call(|lab| lab.fail(5)).unwrap_err();
    pool.call(|lab| lab.strike(Fate::Crash as u32)).unwrap_err();
    let counted = counters.of_this_thread();
    let expected = [
        ("helper_pool_calls", 5),
        ("helper_pool_failed", 1),
        ("helper_pool_lost", 1),
    ];
    assert_eq!(
        counted,
        expected
            .map(|(name, count)| (name.to_owned(), count))
            .into()
    );
    let total = pool.stats().total;
    assert_eq!((total.succeeded, total.failed, total.crashed), (5, 1, 1));
}
