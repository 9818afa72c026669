//! Second processes, tried on themselves.

use super::{alone, two, two_until_killed};

#[test]
fn a_test_runs_in_a_process_of_its_own() {
    let here = std::env::var("RENDEZVOUS_TEST_PART").is_ok();
    alone("a_test_runs_in_a_process_of_its_own", || {
        assert!(here, "the body runs in the second process only");
    });
}

#[test]
#[should_panic(expected = "in its own process")]
fn a_failure_in_a_process_of_its_own_is_one_here() {
    let test = "a_failure_in_a_process_of_its_own_is_one_here";
    alone(test, || std::process::exit(3));
}

#[test]
#[should_panic(expected = "is not the test that this thread runs")]
fn a_test_that_goes_by_another_name_fails() {
    // Its second process would run no test, and end well.
    alone("a_test_that_has_another_name", || ());
}

#[test]
fn two_sides_talk() {
    two(
        "two_sides_talk",
        |line, process| {
            line.letter().id(process.id() as i32).send();
            assert_eq!(line.next().id(), 1);
        },
        |line| {
            assert_eq!(line.next().id(), std::process::id() as i32);
            line.letter().id(1).send();
        },
    );
}

#[test]
fn a_side_that_waits_can_be_killed() {
    two_until_killed(
        "a_side_that_waits_can_be_killed",
        |line, process| {
            line.wait();
            process.kill();
        },
        |line| {
            line.go();
            line.wait();
        },
    );
}
