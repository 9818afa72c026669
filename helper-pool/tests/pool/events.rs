//! What is told by `tracing`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::lab::{Fate, pool};

/// Adds up the fields that count, as subscribers do that make metrics of events.
#[derive(Clone, Default)]
struct Counters(Arc<Mutex<BTreeMap<String, u64>>>);

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
            *self.0.0.lock().unwrap().entry(name.to_owned()).or_default() += value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[test]
fn events_count_calls_and_losses() {
    let counters = Counters::default();
    let (pool, _alive) = pool(1);
    // Of this thread's events, which are those of the calls that it makes.
    tracing::subscriber::with_default(counters.clone(), || {
        for value in 0..5 {
            pool.call(|lab| lab.echo(value)).unwrap();
        }
        pool.call(|lab| lab.fail(5)).unwrap_err();
        pool.call(|lab| lab.strike(Fate::Crash as u32)).unwrap_err();
    });
    let counted = counters.0.lock().unwrap();
    let expected = [
        ("helper_pool_calls", 5),
        ("helper_pool_failed", 1),
        ("helper_pool_lost", 1),
    ];
    assert_eq!(
        *counted,
        expected
            .map(|(name, count)| (name.to_owned(), count))
            .into()
    );
    let total = pool.stats().total;
    assert_eq!((total.succeeded, total.failed, total.crashed), (5, 1, 1));
}
