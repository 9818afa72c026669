//! Random sequences of calls in two tasks that send each other rights: both do what the model says.

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_MAKE_SEND, MACH_RCV_MSG, MACH_RCV_TIMEOUT,
};
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rendezvous_tests::letter::{Buffer, SOON};
use rendezvous_tests::model::TaskId;
use rendezvous_tests::model::call::{Call, Outcome};
use rendezvous_tests::model::player::Player;
use rendezvous_tests::model::real;
use rendezvous_tests::model::step::{Step, steps};
use rendezvous_tests::second::{Line, Process, two, two_until_killed};

/// A command or an answer in a message.
fn written(value: &impl serde::Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(value).expect("plain values");
    bytes.resize(bytes.len().next_multiple_of(4), b' ');
    bytes
}

fn read<T: serde::de::DeserializeOwned>(message: &Buffer) -> T {
    serde_json::from_slice(&message.inline()).expect("what was written")
}

/// The other task's next message, however many names it speaks of.
fn next(line: &Line) -> Buffer {
    let mut message = Buffer::new(1 << 13);
    let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
    let code = message.mach_msg(option, 0, message.len(), line.own, SOON);
    assert_eq!(code, MACH_MSG_SUCCESS, "the other task's message");
    message
}

/// Makes a call in this task, or has the other make it.
fn make(line: &Line, task: TaskId, call: &Call) -> Outcome {
    let command = line.letter().inline(&written(call));
    match (task, call) {
        (0, Call::Give { name }) => {
            command.port(*name, MACH_MSG_TYPE_MAKE_SEND).send();
            read(&next(line))
        }
        (0, call) => real::run(call),
        (_, Call::Give { .. }) => {
            command.send();
            Outcome::Name(next(line).only_port().0)
        }
        _ => {
            command.send();
            read(&next(line))
        }
    }
}

/// Makes the calls that the first task asks for.
fn obey(line: &Line) {
    loop {
        let message = next(line);
        if message.inline().is_empty() {
            return;
        }
        let answer = line.letter();
        let answer = match read(&message) {
            Call::Give { .. } if message.is_complex() => {
                answer.inline(&written(&Outcome::Name(message.only_port().0)))
            }
            Call::Give { name } => answer.port(name, MACH_MSG_TYPE_MAKE_SEND),
            call => answer.inline(&written(&real::run(&call))),
        };
        answer.send();
    }
}

fn play(line: &Line, draws: &[Step]) -> Result<(), String> {
    let mut player = Player::new(2, |task, call: &Call| make(line, task, call));
    player.introduce()?;
    for draw in draws {
        player.step(draw.side(), draw)?;
    }
    player.finish()
}

fn play_until_killed(line: &Line, process: &mut Process, draws: &[Step]) -> Result<(), String> {
    let player = Player::new(2, |task, call: &Call| make(line, task, call));
    let mut player = player.until_killed();
    player.introduce()?;
    for draw in draws {
        player.step(draw.side(), draw)?;
    }
    process.kill();
    player.killed()?;
    player.finish()
}

#[test]
fn a_task_that_is_killed_leaves_what_the_model_says() {
    let config = Config {
        cases: 300,
        failure_persistence: None,
        max_shrink_time: 20_000,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&steps(50), |draws| {
        let mut played = Ok(());
        two_until_killed(
            "a_task_that_is_killed_leaves_what_the_model_says",
            |line, process| played = play_until_killed(&line, process, &draws),
            |line| obey(&line),
        );
        played.map_err(TestCaseError::fail)
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn two_tasks_are_as_the_model_says() {
    let compare = |line: Line| {
        let config = Config {
            cases: 600,
            max_shrink_time: 20_000,
            failure_persistence: None,
            ..Config::default()
        };
        let result = TestRunner::new(config).run(&steps(50), |draws| {
            play(&line, &draws).map_err(TestCaseError::fail)
        });
        line.go();
        result.unwrap_or_else(|error| panic!("{error}"));
    };
    two(
        "two_tasks_are_as_the_model_says",
        |line, _| compare(line),
        |line| obey(&line),
    );
}
