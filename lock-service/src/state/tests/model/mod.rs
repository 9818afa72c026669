//! Random sequences, compared with a model that is too simple to be wrong in the same way.

mod compare;
mod expected;
mod steps;

use proptest::prelude::*;

use steps::{Run, Step, step};

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 100 } else { 20_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Never two holders, order kept, nobody waits for what is free, counters right, and nothing kept of those who are gone.
    #[test]
    fn a_machine_does_what_the_model_says(steps in proptest::collection::vec(step(), 1..120)) {
        let mut run = Run::new();
        for step in &steps {
            run.take(step);
            run.compare(step);
        }
        // Once all have died nobody waits, and nothing is left.
        for client in run.clients() {
            run.take(&Step::Die(client));
            run.compare(&Step::Die(client));
        }
        run.is_empty();
    }
}
