//! Mach fact 55: port-destroyed requests, which save a receive right from its holder's end.

use mach_ports::ffi::kern_return::{KERN_INVALID_NAME, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Buffer, Letter, drain, receive};
use rendezvous_tests::notice::{NONE, all, ask, next};
use rendezvous_tests::raw::{
    deallocate, destroy, destruct, insert_member, made, members, refs, request_notification,
    set_seqno, status, type_of,
};
use rendezvous_tests::second::two;

const BOTH: mach_port_type_t = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;

/// A port with two messages in its queue, one reference to its send right, and a request to `notify`.
fn saved(notify: mach_port_name_t) -> mach_port_name_t {
    let port = made::port_with_send();
    for id in [1, 2] {
        Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
    }
    ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify);
    port
}

/// The receive right that comes with a notification.
#[track_caller]
fn rescued(mail: &Buffer) -> mach_port_name_t {
    assert_eq!(mail.id(), MACH_NOTIFY_PORT_DESTROYED);
    let (name, disposition) = mail.only_port();
    assert_eq!(disposition, MACH_MSG_TYPE_PORT_RECEIVE);
    name
}

#[test]
fn fact_55_the_live_right_is_sent_with_its_queue() {
    let notify = made::port();
    let port = saved(notify);
    assert_eq!(status(port).unwrap().pdrequest, 1);
    made::kill(port);
    assert_eq!(rescued(&receive(notify)), port, "where the send right is");
    assert_eq!(type_of(port), Ok(BOTH));
    assert_eq!(drain(port), [1, 2]);
    assert_eq!(status(port).unwrap().pdrequest, 0);
    assert_eq!(destroy(port), KERN_SUCCESS);
    made::kill(notify);
}

#[test]
fn fact_55_it_happens_once() {
    let notify = made::port();
    let port = saved(notify);
    made::kill(port);
    let port = rescued(&receive(notify));
    made::kill(port);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(all(notify), NONE);
    // Until it is asked for again.
    let port = saved(notify);
    made::kill(port);
    let port = rescued(&receive(notify));
    ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, notify);
    made::kill(port);
    assert_eq!(rescued(&receive(notify)), port);
    assert_eq!(drain(port), [1, 2]);
    made::kill(notify);
}

#[test]
fn fact_55_the_destroyers_send_right_stays_one() {
    let (notify, watch) = (made::port(), made::port());
    let port = saved(notify);
    made::send(port);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
    made::kill(port);
    let shown = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST;
    assert_eq!(type_of(port), Ok(shown));
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
    // On its way the port takes messages.
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(3).send();
    assert_eq!(all(watch), NONE);
    assert_eq!(rescued(&receive(notify)), port);
    assert_eq!(drain(port), [1, 2, 3]);
    made::kill(port);
    assert_eq!(all(watch), [(MACH_NOTIFY_DEAD_NAME, port)]);
}

#[test]
fn fact_55_whatever_destroys_the_right() {
    let notify = made::port();
    // Both rights of the name go: what comes back has another.
    let port = saved(notify);
    assert_eq!(destroy(port), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    let back = rescued(&receive(notify));
    assert_ne!(back, port);
    assert_eq!(type_of(back), Ok(MACH_PORT_TYPE_RECEIVE));
    assert_eq!(drain(back), [1, 2]);
    made::kill(back);

    let port = saved(notify);
    assert_eq!(destruct(port, -1, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
    made::kill(rescued(&receive(notify)));

    let port = saved(notify);
    assert_eq!(destruct(port, 0, 0), KERN_SUCCESS);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_SEND));
    assert_eq!(rescued(&receive(notify)), port);
    made::kill(notify);
}

#[test]
fn fact_55_a_right_in_a_destroyed_message() {
    let (notify, carrier) = (made::port(), made::port());
    let port = saved(notify);
    Letter::to(carrier, MACH_MSG_TYPE_MAKE_SEND)
        .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    assert_eq!(all(notify), NONE, "a move is no end");
    made::kill(carrier);
    assert_eq!(rescued(&receive(notify)), port);
    assert_eq!(drain(port), [1, 2]);
}

#[test]
fn fact_55_the_right_arrives_as_after_any_move() {
    let (notify, watch, set) = (made::port(), made::port(), made::set());
    let port = saved(notify);
    assert_eq!(insert_member(port, set), KERN_SUCCESS);
    assert_eq!(set_seqno(port, 7), KERN_SUCCESS);
    ask(port, MACH_NOTIFY_NO_SENDERS, 0, watch);
    made::kill(port);
    assert_eq!(members(set), Ok(vec![]));
    assert_eq!(rescued(&receive(notify)), port);
    let now = status(port).unwrap();
    assert_eq!((now.pset, now.seqno, now.mscount), (0, 0, 0));
    // What else was asked of the port still stands.
    assert_eq!((now.nsrequest, now.msgcount), (1, 2));
    assert_eq!(deallocate(port), KERN_SUCCESS);
    assert_eq!(all(watch), NONE, "messages are senders");
    assert_eq!(drain(port), [1, 2]);
    assert_eq!(all(watch), [(MACH_NOTIFY_NO_SENDERS, 0)]);
    made::kill(port);
}

#[test]
fn fact_55_nobody_is_left_to_receive_it() {
    let (notify, watch) = (made::port(), made::port());
    let port = saved(notify);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
    made::kill(notify);
    made::kill(port);
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
    assert_eq!(all(watch), [(MACH_NOTIFY_DEAD_NAME, port)]);
}

#[test]
fn fact_55_nobody_is_left_to_receive_it_nor_what_is_in_its_queue() {
    let (notify, watch) = (made::port(), made::port());
    let port = saved(notify);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .reply(watch, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
    made::kill(notify);
    made::kill(port);
    let mut told = all(watch);
    if cfg!(target_vendor = "apple") {
        // In macOS 11 the notification dies before its port, and the queue after it.
        told.sort_unstable();
    }
    let expected = [(MACH_NOTIFY_SEND_ONCE, 0), (MACH_NOTIFY_DEAD_NAME, port)];
    assert_eq!(told, expected);
}

#[test]
fn fact_55_a_port_that_is_to_be_sent_to_itself_dies() {
    let watch = made::port();
    let port = made::port_with_send();
    ask(port, MACH_NOTIFY_PORT_DESTROYED, 0, port);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
    made::kill(port);
    assert_eq!(next(watch), (MACH_NOTIFY_DEAD_NAME, port));
    assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
}

#[test]
fn fact_55_a_port_that_is_to_be_sent_into_its_own_queue_dies() {
    let (watch, notify) = (made::port(), made::port_with_send());
    let port = saved(notify);
    ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
    ask(notify, MACH_NOTIFY_DEAD_NAME, 0, watch);
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .port(notify, MACH_MSG_TYPE_MOVE_RECEIVE)
        .send();
    made::kill(port);
    let mut told = [next(watch), next(watch)];
    told.sort_unstable();
    let mut expected = [port, notify].map(|name| (MACH_NOTIFY_DEAD_NAME, name));
    expected.sort_unstable();
    assert_eq!(told, expected);
}

#[test]
fn fact_55_a_right_that_another_task_destroys() {
    two(
        "fact_55_a_right_that_another_task_destroys",
        |line, _| {
            let notify = made::port();
            line.letter()
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            let port = rescued(&receive(notify));
            // Here is no send right to give it its old name, but it is the same port.
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!([receive(port).id(), receive(port).id()], [1, 2]);
            line.go();
            assert_eq!(receive(port).id(), 3);
            made::kill(port);
            line.wait();
        },
        |line| {
            let (once, _) = line.next().only_port();
            let port = made::port_with_send();
            for id in [1, 2] {
                Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
            }
            let (id, moved) = (MACH_NOTIFY_PORT_DESTROYED, MACH_MSG_TYPE_MOVE_SEND_ONCE);
            let asked = request_notification(port, id, 0, once, moved);
            assert_eq!(asked, Ok(MACH_PORT_NULL));
            made::kill(port);
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_SEND));
            line.wait();
            let watch = made::port();
            ask(port, MACH_NOTIFY_DEAD_NAME, 0, watch);
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(3).send();
            assert_eq!(next(watch), (MACH_NOTIFY_DEAD_NAME, port));
            line.go();
        },
    );
}
