//! Sequences of calls, kept ones and random ones, in two tasks that send each other rights: both do what the model says.

use proptest::test_runner::TestCaseError;
use rendezvous_tests::model::call::Call;
use rendezvous_tests::model::drawn::{LIMIT, runner};
use rendezvous_tests::model::kept::IN_TWO_TASKS;
use rendezvous_tests::model::player::Player;
use rendezvous_tests::model::remote::{make, obey};
use rendezvous_tests::model::step::steps;
use rendezvous_tests::second::{Line, alone_for, two};

/// Alone: whoever else takes names in the first task would be seen.
#[test]
fn two_tasks_are_as_the_model_says() {
    let test = "two_tasks_are_as_the_model_says";
    alone_for(test, LIMIT, || {
        two(test, |line, _| compare(&line), |line| obey(&line));
    });
}

fn compare(line: &Line) {
    let player = || Player::new(2, |task, call: &Call| make(line, task, call));
    for kept in IN_TWO_TASKS {
        let mut player = player();
        let played = player.replay(kept);
        player.finish(played).unwrap_or_else(|why| panic!("{why}"));
    }
    let result = runner(600).run(&steps(50), |draws| {
        let mut player = player();
        let played = player.introduce().and_then(|()| player.follow(&draws));
        player.finish(played).map_err(TestCaseError::fail)
    });
    line.go();
    result.unwrap_or_else(|error| panic!("{error}"));
}
