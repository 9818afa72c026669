//! Random sequences of calls in two tasks, of which one is killed: the other is left with what the model says.

use proptest::test_runner::TestCaseError;
use rendezvous_tests::model::call::Call;
use rendezvous_tests::model::drawn::{LIMIT, runner};
use rendezvous_tests::model::player::Player;
use rendezvous_tests::model::remote::{make, obey};
use rendezvous_tests::model::step::{Step, steps};
use rendezvous_tests::raw::made;
use rendezvous_tests::second::{Line, Process, alone_for, two_until_killed};

fn play_until_killed(line: &Line, process: &mut Process, draws: &[Step]) -> Result<(), String> {
    let player = Player::new(2, |task, call: &Call| make(line, task, call));
    let mut player = player.until_killed();
    let played = player.introduce().and_then(|()| player.follow(draws));
    if played.is_err() {
        return player.finish(played);
    }
    process.kill();
    let played = player.killed();
    player.finish(played)
}

/// Alone: whoever else takes names in the task that is left would be seen.
#[test]
fn a_task_that_is_killed_leaves_what_the_model_says() {
    let test = "a_task_that_is_killed_leaves_what_the_model_says";
    alone_for(test, LIMIT, || {
        let result = runner(300).run(&steps(50), |draws| {
            let mut played = Ok(());
            two_until_killed(
                test,
                |line, process| {
                    played = play_until_killed(&line, process, &draws);
                    // Of hundreds of cases.
                    made::kill(line.own);
                },
                |line| obey(&line),
            );
            played.map_err(TestCaseError::fail)
        });
        result.unwrap_or_else(|error| panic!("{error}"));
    });
}
