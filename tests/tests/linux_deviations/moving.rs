//! Receive rights that move where Linux differs: see the deviations of the embedded Mach.

use std::os::unix::net::UnixStream;
use std::time::Instant;

use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_RECEIVE,
};
use mach_ports::ffi::port::{MACH_PORT_TYPE_DEAD_NAME, mach_port_name_t};
use rendezvous_tests::letter::{DEADLINE, Letter};
use rendezvous_tests::raw::{made, type_of};
use rendezvous_tests::second::two;

/// Moves a receive right by a send right.
fn moving(port: mach_port_name_t, to: mach_port_name_t) -> Letter {
    Letter::to(to, MACH_MSG_TYPE_COPY_SEND).port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
}

/// Waits until a port of which one has a send right is dead. Linux looks for circles when sockets are closed.
#[track_caller]
fn wait_for_death(port: mach_port_name_t) {
    let deadline = Instant::now() + DEADLINE;
    while type_of(port) != Ok(MACH_PORT_TYPE_DEAD_NAME) {
        assert!(Instant::now() < deadline, "the circle is not found");
        drop(UnixStream::pair().expect("a pair of sockets"));
        std::thread::yield_now();
    }
}

#[test]
fn fact_37_a_circle_over_two_tasks_is_found_in_time() {
    two(
        "fact_37_a_circle_over_two_tasks_is_found_in_time",
        |line, _| {
            let ours = made::port_with_send();
            line.letter().port(ours, MACH_MSG_TYPE_MAKE_SEND).send();
            let (theirs, _) = line.next().only_port();
            moving(ours, theirs).send();
            line.go();
            wait_for_death(ours);
            line.go();
        },
        |line| {
            let theirs = made::port_with_send();
            line.letter().port(theirs, MACH_MSG_TYPE_MAKE_SEND).send();
            let (ours, _) = line.next().only_port();
            line.wait();
            // Each is then in the other's queue. XNU: both are dead at once.
            moving(theirs, ours).send();
            wait_for_death(theirs);
            line.wait();
        },
    );
}
