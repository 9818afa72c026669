//! Random sequences of calls, in one task: the real calls do what the model says.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rendezvous_tests::model::player::Player;
use rendezvous_tests::model::real;
use rendezvous_tests::model::step::{Step, steps};

fn play(draws: &[Step]) -> Result<(), String> {
    let mut player = Player::new(1, |_, call| real::run(call));
    for draw in draws {
        player.step(0, draw)?;
    }
    player.finish()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_task_is_as_the_model_says(draws in steps(60)) {
        play(&draws).map_err(TestCaseError::fail)?;
    }
}
