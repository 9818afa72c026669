//! Tests between two processes.

use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_SEND,
};
use mach_ports::ffi::port::mach_port_name_t;

use super::again::{again, part_in};
use super::directory::{check_in, look_up, service_name};
use super::process::Process;
use crate::letter::{Buffer, Letter, receive};
use crate::raw::made;

/// One side's way to the other: both have a receive right, and a send right to the other's.
#[derive(Debug)]
pub struct Line {
    /// The receive right of this side.
    pub own: mach_port_name_t,
    /// The send right to the other side's.
    pub other: mach_port_name_t,
}

impl Line {
    /// A message to the other side.
    #[must_use]
    pub fn letter(&self) -> Letter {
        Letter::to(self.other, MACH_MSG_TYPE_COPY_SEND)
    }

    /// Tells the other side to go on.
    pub fn go(&self) {
        self.letter().send();
    }

    /// The next message from the other side.
    #[track_caller]
    #[must_use]
    pub fn next(&self) -> Buffer {
        receive(self.own)
    }

    /// Waits until the other side says to go on.
    #[track_caller]
    pub fn wait(&self) {
        let _ = self.next();
    }
}

/// The first side's line, once the second side is there; or nothing, when this is the second and has played.
fn meet(test: &str, second: impl FnOnce(Line)) -> Option<(Line, Process)> {
    if let Some(service) = part_in(test).filter(|service| !service.is_empty()) {
        let service = std::ffi::CString::new(service).expect("no zero in it");
        let other = look_up(&service).expect("the first side");
        let own = made::port();
        let line = Line { own, other };
        line.letter().port(own, MACH_MSG_TYPE_MAKE_SEND).send();
        second(line);
        return None;
    }
    let service = service_name();
    let own = check_in(&service).expect("a service");
    let part = format!("{test} {}", service.to_str().expect("ASCII"));
    let process = Process::start(&mut again(test, &part));
    let (other, _) = receive(own).only_port();
    Some((Line { own, other }, process))
}

/// Runs a test between two processes, each with its part. The first also gets the second, to stop it.
///
/// The first is the process that this is called in; inside [`alone`](super::alone), one with nobody else's names and descriptors.
///
/// # Panics
/// If either part fails, or the test takes too long.
pub fn two(test: &str, first: impl FnOnce(Line, &mut Process), second: impl FnOnce(Line)) {
    if let Some((line, mut process)) = meet(test, second) {
        first(line, &mut process);
        let status = process.wait();
        assert!(status.success(), "{test}, the second side: {status}");
    }
}

/// Runs a test between three processes: the first has a line to each of the others, and gives them a line to each other,
/// which is their second.
///
/// # Panics
/// If a part fails, or the test takes too long.
pub fn three(
    test: &str,
    first: impl FnOnce(Line, Line),
    second: impl FnOnce(Line, Line),
    third: impl FnOnce(Line, Line),
) {
    let part = std::cell::Cell::new(Some((second, third)));
    let other = |line: Line| {
        let is_second = line.next().id() == 2;
        let to_other = made::port();
        line.letter().port(to_other, MACH_MSG_TYPE_MAKE_SEND).send();
        let (other, _) = line.next().only_port();
        let between = Line {
            own: to_other,
            other,
        };
        let (second, third) = part.take().expect("called once");
        if is_second {
            second(line, between);
        } else {
            third(line, between);
        }
    };
    let Some((to_second, second_process)) = meet(test, other) else {
        return;
    };
    let Some((to_third, third_process)) = meet(test, other) else {
        return;
    };
    to_second.letter().id(2).send();
    to_third.letter().id(3).send();
    let (second_port, _) = to_second.next().only_port();
    let (third_port, _) = to_third.next().only_port();
    to_second
        .letter()
        .port(third_port, MACH_MSG_TYPE_MOVE_SEND)
        .send();
    to_third
        .letter()
        .port(second_port, MACH_MSG_TYPE_MOVE_SEND)
        .send();
    first(to_second, to_third);
    for (process, which) in [(second_process, "second"), (third_process, "third")] {
        let status = process.wait();
        assert!(status.success(), "{test}, the {which} side: {status}");
    }
}

/// As [`two`], for a test that needs no good end of its second side: it is killed, if the test has not done so.
///
/// # Panics
/// If the first part fails.
pub fn two_until_killed(
    test: &str,
    first: impl FnOnce(Line, &mut Process),
    second: impl FnOnce(Line),
) {
    if let Some((line, mut process)) = meet(test, second) {
        first(line, &mut process);
        process.kill();
    }
}
