//! Mach facts 56 and 57: no-senders requests.

use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, drain, poll, receive};
use rendezvous_tests::notice::{NONE, Notice, all, ask, next};
use rendezvous_tests::raw::{
    deallocate, destroy, insert_member, insert_right, made, mod_refs, request_notification,
    set_mscount, status, type_of,
};
use rendezvous_tests::second::{two, two_until_killed};

/// What tells of no senders after so many were made.
fn none(count: u32) -> Notice {
    (MACH_NOTIFY_NO_SENDERS, count)
}

/// Sends a message that takes the port's own send right along, or one made for it.
fn post(port: mach_port_name_t, disposition: mach_msg_type_name_t, id: i32) {
    Letter::to(port, disposition).id(id).send();
}

#[test]
fn fact_56_never_any_sender() {
    let (port, notify) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    assert_eq!(all(notify), [none(0)]);
    // It does not stand, then.
    assert_eq!(status(port).unwrap().nsrequest, 0);
    made::send(port);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), NONE);
}

#[test]
fn fact_56_the_first_sender_comes_and_goes() {
    let (port, notify) = (made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
    assert_eq!(status(port).unwrap().nsrequest, 1);
    made::send(port);
    assert_eq!(all(notify), NONE);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), [none(1)]);
    assert_eq!(status(port).unwrap().nsrequest, 0);
}

#[test]
fn fact_56_the_sync_value_counts_when_it_is_asked_only() {
    let (port, notify) = (made::port_with_send(), made::port());
    // There are senders: stands, and one sync is as good as another.
    ask(port, MACH_NOTIFY_NO_SENDERS, 1000, notify);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), [none(1)]);
    // There are none, but as many were made as are known of, or more.
    for sync in [0, 1] {
        ask(port, MACH_NOTIFY_NO_SENDERS, sync, notify);
        assert_eq!(all(notify), [none(1)]);
    }
    // One more was made than the kernel has seen: it waits.
    ask(port, MACH_NOTIFY_NO_SENDERS, 2, notify);
    assert_eq!(all(notify), NONE);
    made::send(port);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), [none(2)]);
    // The count is what it was set to.
    assert_eq!(set_mscount(port, 40), KERN_SUCCESS);
    ask(port, MACH_NOTIFY_NO_SENDERS, 40, notify);
    assert_eq!(all(notify), [none(40)]);
}

#[test]
fn fact_56_user_references_are_one_sender() {
    let (port, notify) = (made::port_with_send(), made::port());
    made::send(port);
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), NONE);
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 7), KERN_SUCCESS);
    assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, -8), KERN_SUCCESS);
    assert_eq!(all(notify), [none(2)]);
}

#[test]
fn fact_56_send_once_rights_are_no_senders() {
    let (port, notify) = (made::port(), made::port());
    let once = made::send_once(port);
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    assert_eq!(all(notify), [none(0)]);
    assert_eq!(deallocate(once), KERN_SUCCESS);
}

#[test]
fn fact_56_a_queued_message_is_a_sender() {
    let (port, notify) = (made::port_with_send(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    post(port, MACH_MSG_TYPE_COPY_SEND, 1);
    post(port, MACH_MSG_TYPE_MOVE_SEND, 2);
    assert_eq!(receive(port).id(), 1);
    assert_eq!(all(notify), NONE);
    assert_eq!(receive(port).id(), 2);
    assert_eq!(all(notify), [none(1)]);
}

#[test]
fn fact_56_it_comes_after_all_data() {
    // To the port itself, so that the order can be seen.
    let port = made::port_with_send();
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, port);
    post(port, MACH_MSG_TYPE_COPY_SEND, 1);
    post(port, MACH_MSG_TYPE_MAKE_SEND, 2);
    post(port, MACH_MSG_TYPE_MOVE_SEND, 3);
    assert_eq!(drain(port), [1, 2, 3, MACH_NOTIFY_NO_SENDERS]);
    // And through a set.
    let (port, notify, set) = (made::port_with_send(), made::port(), made::set());
    for member in [notify, port] {
        assert_eq!(insert_member(member, set), KERN_SUCCESS);
    }
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    post(port, MACH_MSG_TYPE_COPY_SEND, 1);
    post(port, MACH_MSG_TYPE_MOVE_SEND, 2);
    assert_eq!(drain(set), [1, 2, MACH_NOTIFY_NO_SENDERS]);
}

#[test]
fn fact_56_a_right_in_a_message_is_a_sender() {
    let (port, notify, carrier) = (made::port_with_send(), made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_SEND)
        .send();
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(all(notify), NONE);
    // Received, it is the name's again.
    assert_eq!(receive(carrier).only_port().0, port);
    assert_eq!(all(notify), NONE);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .reply(port, MACH_MSG_TYPE_MOVE_SEND)
        .send();
    made::kill(carrier);
    assert_eq!(all(notify), [none(1)]);
}

#[test]
fn fact_56_a_right_in_the_ports_own_queue_is_a_sender() {
    let (port, notify) = (made::port_with_send(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    Letter::to(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .port(port, MACH_MSG_TYPE_MOVE_SEND)
        .send();
    assert_eq!(all(notify), NONE);
    assert_eq!(receive(port).only_port().0, port);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), [none(1)]);
}

#[test]
fn fact_56_a_port_on_its_way_has_senders_too() {
    let (port, notify, carrier) = (made::port_with_send(), made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(all(notify), NONE);
    // With the move the count has gone back to 0.
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(notify), [none(0)]);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_56_a_sender_in_another_task() {
    two(
        "fact_56_a_sender_in_another_task",
        |line, _| {
            let (port, notify) = (made::port(), made::port());
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
            // One of the references, and a message, and then the last.
            line.wait();
            assert_eq!(all(notify), NONE);
            line.go();
            line.wait();
            assert_eq!(all(notify), NONE, "its message waits");
            assert_eq!(receive(port).id(), 5);
            assert_eq!(next(notify), none(1));
            // Asked when there are none any more.
            ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
            assert_eq!(all(notify), [none(1)]);
            assert_eq!(poll(port), None);
        },
        |line| {
            let (port, _) = line.next().only_port();
            assert_eq!(mod_refs(port, MACH_PORT_RIGHT_SEND, 1), KERN_SUCCESS);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            line.go();
            line.wait();
            post(port, MACH_MSG_TYPE_MOVE_SEND, 5);
            line.go();
        },
    );
}

#[test]
fn fact_56_a_sender_that_sends_its_right_back() {
    two(
        "fact_56_a_sender_that_sends_its_right_back",
        |line, _| {
            let (port, notify) = (made::port(), made::port());
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
            assert_eq!(line.next().only_port(), (port, 17));
            line.wait();
            assert_eq!(all(notify), NONE, "here it is");
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(next(notify), none(1));
        },
        |line| {
            let (port, _) = line.next().only_port();
            line.letter().port(port, MACH_MSG_TYPE_MOVE_SEND).send();
            line.go();
        },
    );
}

#[test]
fn fact_56_all_data_of_a_killed_task_comes_first() {
    two_until_killed(
        "fact_56_all_data_of_a_killed_task_comes_first",
        |line, process| {
            let port = made::port();
            ask(port, MACH_NOTIFY_NO_SENDERS, 1, port);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            process.kill();
            let ids: Vec<_> = (0..4).map(|_| receive(port).id()).collect();
            assert_eq!(ids, [0, 1, 2, MACH_NOTIFY_NO_SENDERS]);
        },
        |line| {
            let (port, _) = line.next().only_port();
            for id in 0..3 {
                post(port, MACH_MSG_TYPE_COPY_SEND, id);
            }
            line.go();
            loop {
                line.wait();
            }
        },
    );
}

#[test]
fn fact_56_senders_in_two_tasks() {
    two(
        "fact_56_senders_in_two_tasks",
        |line, _| {
            let (port, notify) = (made::port_with_send(), made::port());
            ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
            line.letter().port(port, MACH_MSG_TYPE_COPY_SEND).send();
            assert_eq!(deallocate(port), KERN_SUCCESS);
            line.wait();
            assert_eq!(all(notify), NONE);
            // Another, made while the other task's is the only one.
            assert_eq!(
                insert_right(port, port, MACH_MSG_TYPE_MAKE_SEND),
                KERN_SUCCESS
            );
            line.go();
            line.wait();
            assert_eq!(all(notify), NONE);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            assert_eq!(next(notify), none(2));
        },
        |line| {
            let (port, _) = line.next().only_port();
            line.go();
            line.wait();
            assert_eq!(deallocate(port), KERN_SUCCESS);
            line.go();
        },
    );
}

#[test]
fn fact_57_the_receive_right_goes_first() {
    let (port, notify) = (made::port_with_send(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    made::kill(port);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_ONCE, 0)]);
    assert_eq!(deallocate(port), KERN_SUCCESS);
    // Before any sender has come.
    let port = made::port();
    ask(port, MACH_NOTIFY_NO_SENDERS, 1, notify);
    assert_eq!(destroy(port), KERN_SUCCESS);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_ONCE, 0)]);
}

#[test]
fn fact_57_the_receive_right_goes_with_a_message() {
    let (port, notify, carrier) = (made::port_with_send(), made::port(), made::port());
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(all(notify), NONE);
    made::kill(carrier);
    assert_eq!(all(notify), [(MACH_NOTIFY_SEND_ONCE, 0)]);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
}

#[test]
fn fact_57_who_hears_of_a_ports_end_in_which_order() {
    // Its messages go, then who waited for the last sender is told, then who waited for its death.
    let (port, notify) = (made::port_with_send(), made::port());
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, notify);
    let in_queue = made::port();
    ask(in_queue, MACH_NOTIFY_PORT_DESTROYED, 0, notify);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .port(in_queue, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    made::kill(port);
    let mut ids: Vec<_> = all(notify).into_iter().map(|(id, _)| id).collect();
    if cfg!(target_os = "macos") && ids[0] == MACH_NOTIFY_SEND_ONCE {
        // In macOS 11 the messages go second.
        ids.swap(0, 1);
    }
    let expected = [
        MACH_NOTIFY_PORT_DESTROYED,
        MACH_NOTIFY_SEND_ONCE,
        MACH_NOTIFY_DEAD_NAME,
    ];
    assert_eq!(ids, expected);
}

#[test]
fn fact_57_a_request_by_another_task() {
    two(
        "fact_57_a_request_by_another_task",
        |line, _| {
            let notify = made::port();
            line.letter()
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            assert_eq!(next(notify), none(1));
            line.go();
            assert_eq!(next(notify), (MACH_NOTIFY_SEND_ONCE, 0));
        },
        |line| {
            let (mail, port) = (line.next(), made::port());
            let request = |sync, once| {
                let moved = MACH_MSG_TYPE_MOVE_SEND_ONCE;
                request_notification(port, MACH_NOTIFY_NO_SENDERS, sync, once, moved)
            };
            assert_eq!(request(1, mail.u32_at(28)), Ok(MACH_PORT_NULL));
            made::send(port);
            assert_eq!(deallocate(port), KERN_SUCCESS);
            line.wait();
            assert_eq!(request(2, mail.u32_at(40)), Ok(MACH_PORT_NULL));
            made::kill(port);
        },
    );
}
