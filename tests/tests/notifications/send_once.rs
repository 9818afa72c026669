//! Mach fact 58: send-once notifications, for each send-once right that no message has used.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_SEND_ONCE;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, drain, poll, receive, receive_with};
use rendezvous_tests::raw::{deallocate, destroy, made, mod_refs, status, type_of};
use rendezvous_tests::second::{two, two_until_killed};

#[test]
fn fact_58_an_unused_right_is_dropped() {
    let port = made::port();
    for drop in [deallocate, destroy, |once| {
        mod_refs(once, MACH_PORT_RIGHT_SEND_ONCE, -1)
    }] {
        assert_eq!(drop(made::send_once(port)), KERN_SUCCESS);
        assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    }
    made::kill(port);
}

#[test]
fn fact_58_one_for_each_right() {
    let port = made::port();
    let rights = [(); 7].map(|()| made::send_once(port));
    assert_eq!(status(port).unwrap().sorights, 7);
    for once in rights {
        assert_eq!(deallocate(once), KERN_SUCCESS);
    }
    // A notification comes through the very right, which is used with that.
    assert_eq!(status(port).unwrap().sorights, 7);
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE; 7]);
    assert_eq!(status(port).unwrap().sorights, 0);
    made::kill(port);
}

#[test]
fn fact_58_a_used_right_gives_none() {
    let port = made::port();
    let once = made::send_once(port);
    Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(1).send();
    assert_eq!(drain(port), [1]);
    // Nor when the message is destroyed, if only because there is nobody to be told.
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    made::kill(port);
}

#[test]
fn fact_58_a_queued_message_is_destroyed_with_its_port() {
    let (port, owner) = (made::port(), made::port());
    let moved = made::send_once(owner);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .reply(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .port(moved, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .port(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .reply(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    assert_eq!(poll(owner), None);
    made::kill(port);
    assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE; 4]);
}

#[test]
fn fact_58_ports_in_queues_of_ports() {
    // However deep the message lies that is destroyed.
    let owner = made::port();
    let ports = [(); 8].map(|()| made::port());
    Letter::to(ports[0], MACH_MSG_TYPE_MAKE_SEND)
        .reply(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    for pair in ports.windows(2) {
        Letter::to(pair[1], MACH_MSG_TYPE_MAKE_SEND)
            .port(pair[0], MACH_MSG_TYPE_MOVE_RECEIVE)
            .send();
    }
    made::kill(ports[7]);
    assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE]);
}

#[test]
fn fact_58_a_message_that_was_too_large() {
    let (port, owner) = (made::port(), made::port());
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND)
        .port(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .inline(&[0; 8192])
        .send();
    assert_eq!(receive_with(port, 0, 0), Err(MACH_RCV_TOO_LARGE));
    assert_eq!(drain(owner), [MACH_NOTIFY_SEND_ONCE]);
}

#[test]
fn fact_58_the_notification_follows_the_receive_right() {
    let (port, carrier) = (made::port(), made::port());
    let once = made::send_once(port);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    // While it is under way.
    assert_eq!(deallocate(once), KERN_SUCCESS);
    let (port, _) = receive(carrier).only_port();
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
}

#[test]
fn fact_58_a_right_in_another_task() {
    two(
        "fact_58_a_right_in_another_task",
        |line, _| {
            let port = made::port();
            for _ in 0..3 {
                line.letter()
                    .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .send();
            }
            assert_eq!(receive(port).id(), 1);
            assert_eq!(receive(port).id(), MACH_NOTIFY_SEND_ONCE);
            // The last comes back, and is a right like any other here.
            let (once, disposition) = line.next().only_port();
            assert_eq!(disposition, MACH_MSG_TYPE_PORT_SEND_ONCE);
            assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
            assert_eq!(poll(port), None);
            assert_eq!(deallocate(once), KERN_SUCCESS);
            assert_eq!(receive(port).id(), MACH_NOTIFY_SEND_ONCE);
            assert_eq!(poll(port), None);
        },
        |line| {
            let (once, _) = line.next().only_port();
            Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(1).send();
            assert_eq!(deallocate(line.next().only_port().0), KERN_SUCCESS);
            let (once, _) = line.next().only_port();
            line.letter()
                .port(once, MACH_MSG_TYPE_MOVE_SEND_ONCE)
                .send();
        },
    );
}

#[test]
fn fact_58_the_holder_is_killed() {
    two_until_killed(
        "fact_58_the_holder_is_killed",
        |line, process| {
            let port = made::port();
            line.letter()
                .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.wait();
            // Two more that it never gets to see.
            line.letter()
                .reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(poll(port), None);
            process.kill();
            let ids: Vec<_> = (0..3).map(|_| receive(port).id()).collect();
            assert_eq!(ids, [MACH_NOTIFY_SEND_ONCE; 3]);
            assert_eq!(poll(port), None);
        },
        |line| {
            let _ = line.next();
            line.go();
            std::thread::park_timeout(rendezvous_tests::letter::DEADLINE);
        },
    );
}

#[test]
fn fact_58_a_message_in_another_tasks_queue() {
    two(
        "fact_58_a_message_in_another_tasks_queue",
        |line, _| {
            let owner = made::port();
            let (port, _) = line.next().only_port();
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .reply(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.go();
            assert_eq!(receive(owner).id(), MACH_NOTIFY_SEND_ONCE);
        },
        |line| {
            let port = made::port();
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            made::kill(port);
        },
    );
}

#[test]
fn fact_58_the_receive_right_is_in_another_task() {
    two(
        "fact_58_the_receive_right_is_in_another_task",
        |line, _| {
            let port = made::port();
            let once = made::send_once(port);
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            line.wait();
            assert_eq!(deallocate(once), KERN_SUCCESS);
            line.wait();
        },
        |line| {
            let (port, _) = line.next().only_port();
            line.go();
            assert_eq!(receive(port).id(), MACH_NOTIFY_SEND_ONCE);
            line.go();
        },
    );
}
