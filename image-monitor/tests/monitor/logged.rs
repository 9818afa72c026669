//! What is said by `tracing` of messages that are not answered.

use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::fake::{Fake, recording};

/// Warnings, as fields and their values.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN && metadata.target().starts_with("image_monitor")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0 += &format!("{field}={value:?};");
    }
}

#[test]
fn a_message_of_an_unknown_id_is_logged_with_its_sender_and_not_answered() {
    let warnings = Warnings::default();
    // Monitors work on queues of their own.
    tracing::subscriber::set_global_default(warnings.clone()).unwrap();
    let (monitor, _heard) = recording();
    let mut fake = Fake::start(&[&monitor]).hello();
    assert_eq!(fake.ask("raw 28672 100"), "sent");
    // By then it has read what came before.
    fake.exchange("load 1 65536", 1);
    let pid = format!("pid={};", fake.child.id());
    let warnings = warnings.0.lock().unwrap();
    let of_child: Vec<_> = warnings.iter().filter(|line| line.contains(&pid)).collect();
    assert!(
        matches!(of_child[..], [line] if line.contains("not answered") && line.contains("0x7000")),
        "{of_child:?}"
    );
}
