//! Receive rights that move where Linux differs: see the deviations of the embedded Mach.

use std::os::unix::net::UnixStream;
use std::time::Instant;

use mach_ports::ffi::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_RECEIVE, MACH_MSG_TYPE_MOVE_SEND_ONCE,
};
use mach_ports::ffi::port::{MACH_PORT_TYPE_DEAD_NAME, mach_port_name_t};
use rendezvous_tests::letter::{DEADLINE, Letter, receive};
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

/// Nobody but the parent can hold up who reads the links that it made for its child: no other thread has to.
#[test]
fn a_child_reads_its_parents_links_itself() {
    two(
        "a_child_reads_its_parents_links_itself",
        |line, _| {
            let (serving, replies) = (made::port_with_send(), made::port());
            moving(serving, line.other).send();
            for id in 0..20 {
                Letter::to(serving, MACH_MSG_TYPE_COPY_SEND)
                    .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .id(id)
                    .send();
                assert_eq!(receive(replies).id(), id);
            }
        },
        |line| {
            let (port, _) = line.next().only_port();
            for _ in 0..20 {
                let mail = receive(port);
                Letter::to(mail.remote(), MACH_MSG_TYPE_MOVE_SEND_ONCE)
                    .id(mail.id())
                    .send();
            }
            let threads = std::fs::read_dir("/proc/self/task").expect("the threads");
            for thread in threads.flatten() {
                let name = std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
                assert_ne!(name.trim(), "mach-read");
            }
        },
    );
}
