//! The parts that the other tests share, tried on themselves.

use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND;

use super::{alone, two, two_until_killed};
use crate::letter::{Letter, receive};
use crate::raw::made;

#[test]
fn a_letter_arrives_as_it_was_written() {
    let (port, other) = (made::port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .id(7)
        .port(other, MACH_MSG_TYPE_MAKE_SEND)
        .inline(b"abcdef")
        .send();
    let mail = receive(port);
    assert_eq!((mail.id(), mail.size()), (7, 24 + 4 + 12 + 8));
    assert_eq!(mail.only_port(), (other, 17));
    assert_eq!(mail.inline(), b"abcdef\0\0");
    assert_eq!(mail.trailer_kind(), (0, 8));
    made::kill(port);
    made::kill(other);
}

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
