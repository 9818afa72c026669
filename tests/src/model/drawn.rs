//! How many sequences are drawn at random, and from which seed.

use std::time::Duration;

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// A test that fails must fail again: the seed is the same each time, unless `PROPTEST_RNG_SEED` has another.
const SEED: u64 = 1;

/// How long a test with the model may take: it makes more calls than others, and shrinks what fails.
pub const LIMIT: Duration = Duration::from_secs(600);

/// What runs a test with so many sequences.
#[must_use]
pub fn runner(cases: u32) -> TestRunner {
    let mut config = Config {
        cases,
        // Milliseconds.
        max_shrink_time: 20_000,
        failure_persistence: None,
        ..Config::default()
    };
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    TestRunner::new(config)
}
