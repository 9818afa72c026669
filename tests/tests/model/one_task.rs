//! Sequences of calls, kept ones and random ones, in one task: the real calls do what the model says.

use proptest::test_runner::TestCaseError;
use rendezvous_tests::model::call::Call;
use rendezvous_tests::model::drawn::{LIMIT, runner};
use rendezvous_tests::model::kept::IN_ONE_TASK;
use rendezvous_tests::model::player::Player;
use rendezvous_tests::model::real;
use rendezvous_tests::model::step::steps;
use rendezvous_tests::second::alone_for;

/// Alone: whoever else takes names in this process would be seen.
#[test]
fn one_task_is_as_the_model_says() {
    alone_for("one_task_is_as_the_model_says", LIMIT, compare);
}

fn compare() {
    let player = || Player::new(1, |_, call: &Call| real::run(call));
    for kept in IN_ONE_TASK {
        let mut player = player();
        let played = player.replay(kept);
        player.finish(played).unwrap_or_else(|why| panic!("{why}"));
    }
    let result = runner(10_000).run(&steps(60), |draws| {
        let mut player = player();
        let played = player.follow(&draws);
        player.finish(played).map_err(TestCaseError::fail)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
