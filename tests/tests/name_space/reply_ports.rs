//! Mach fact 67: ports that are for replies, and nothing else.
//!
//! macOS raises exceptions for what is refused here; the one for a move ends the process.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::notice::request;
use rendezvous_tests::raw::{
    construct, deallocate, destruct, extract_right, insert_right, made, refs, type_of,
};
use rendezvous_tests::second::alone_against_a_guard;

const REPLY_PORT: u32 = 0x1000;
const PROVISIONAL: u32 = 0x4000;
const WITH_SEND: u32 = 0x10;

/// A port for replies; its name has a send right, too, which only its maker can have put there.
fn reply_port() -> mach_port_name_t {
    construct(REPLY_PORT | WITH_SEND, 0, 0).expect("a port for replies")
}

#[test]
fn fact_67_the_reply_to_a_message() {
    let (server, client) = (made::port(), construct(REPLY_PORT, 0, 0).unwrap());
    Letter::to(server, MACH_MSG_TYPE_MAKE_SEND)
        .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let once = receive(server).remote();
    Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(3).send();
    assert_eq!(drain(client), [3]);
    assert_eq!(destruct(client, 0, 0), KERN_SUCCESS);
}

#[test]
fn fact_67_not_carried_by_a_message() {
    alone_against_a_guard("fact_67_not_carried_by_a_message", || {
        let (to, port) = (made::port(), reply_port());
        let before = holding(port);
        for disposition in [
            MACH_MSG_TYPE_MOVE_SEND,
            MACH_MSG_TYPE_COPY_SEND,
            MACH_MSG_TYPE_MAKE_SEND,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
            MACH_MSG_TYPE_MOVE_RECEIVE,
        ] {
            let letter = Letter::to(to, MACH_MSG_TYPE_MAKE_SEND).port(port, disposition);
            assert_eq!(letter.try_send(), MACH_SEND_INVALID_RIGHT, "{disposition}");
        }
        assert_eq!(holding(port), before);
        assert!(drain(to).is_empty());
    });
}

#[test]
fn fact_67_a_send_once_right_is_used_and_not_passed_on() {
    alone_against_a_guard(
        "fact_67_a_send_once_right_is_used_and_not_passed_on",
        || {
            let (server, client) = (made::port(), reply_port());
            Letter::to(server, MACH_MSG_TYPE_MAKE_SEND)
                .reply(client, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            let once = receive(server).remote();
            let moved = MACH_MSG_TYPE_MOVE_SEND_ONCE;
            let letter = Letter::to(server, MACH_MSG_TYPE_MAKE_SEND).port(once, moved);
            assert_eq!(letter.try_send(), MACH_SEND_INVALID_RIGHT);
            let letter = Letter::to(server, MACH_MSG_TYPE_MAKE_SEND).reply(once, moved);
            assert_eq!(letter.try_send(), MACH_SEND_INVALID_REPLY);
            assert_eq!(extract_right(once, moved), Err(KERN_INVALID_CAPABILITY));
            assert_eq!(type_of(once), Ok(MACH_PORT_TYPE_SEND_ONCE));
            assert_eq!(deallocate(once), KERN_SUCCESS);
            assert_eq!(drain(client), [MACH_NOTIFY_SEND_ONCE]);
        },
    );
}

#[test]
fn fact_67_no_destination_and_no_other_reply_right() {
    alone_against_a_guard("fact_67_no_destination_and_no_other_reply_right", || {
        let (to, port) = (made::port(), reply_port());
        let before = holding(port);
        for disposition in [
            MACH_MSG_TYPE_MOVE_SEND,
            MACH_MSG_TYPE_COPY_SEND,
            MACH_MSG_TYPE_MAKE_SEND,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
        ] {
            let letter = Letter::to(port, disposition);
            assert_eq!(letter.try_send(), MACH_SEND_INVALID_DEST, "{disposition}");
            if disposition != MACH_MSG_TYPE_MAKE_SEND_ONCE {
                let letter = Letter::to(to, MACH_MSG_TYPE_MAKE_SEND).reply(port, disposition);
                assert_eq!(letter.try_send(), MACH_SEND_INVALID_REPLY, "{disposition}");
            }
        }
        assert_eq!(holding(port), before);
    });
}

#[test]
fn fact_67_inserting_and_extracting() {
    alone_against_a_guard("fact_67_inserting_and_extracting", || {
        let (port, free) = (reply_port(), made::absent());
        let before = holding(port);
        for disposition in [
            MACH_MSG_TYPE_COPY_SEND,
            MACH_MSG_TYPE_MAKE_SEND,
            MACH_MSG_TYPE_MAKE_SEND_ONCE,
        ] {
            let code = extract_right(port, disposition);
            assert_eq!(code, Err(KERN_INVALID_CAPABILITY), "{disposition}");
            let code = insert_right(free, port, disposition);
            assert_eq!(code, KERN_INVALID_CAPABILITY, "{disposition}");
        }
        let code = insert_right(port, port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(code, KERN_INVALID_CAPABILITY);
        assert_eq!(holding(port), before);
        // At its own name nobody asks what the port is for.
        for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_COPY_SEND] {
            assert_eq!(insert_right(port, port, disposition), KERN_SUCCESS);
        }
        assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(3));
        // The wrong right comes first.
        let bare = construct(REPLY_PORT, 0, 0).unwrap();
        let code = extract_right(bare, MACH_MSG_TYPE_COPY_SEND);
        assert_eq!(code, Err(KERN_INVALID_RIGHT));
    });
}

#[test]
fn fact_67_notifications() {
    alone_against_a_guard("fact_67_notifications", || {
        let (port, notify) = (reply_port(), made::port());
        for id in [MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_PORT_DESTROYED] {
            assert_eq!(
                request(port, id, 0, notify),
                Err(KERN_INVALID_RIGHT),
                "{id}"
            );
            assert_eq!(drain(notify), [MACH_NOTIFY_SEND_ONCE]);
        }
        let asked = request(port, MACH_NOTIFY_DEAD_NAME, 0, notify);
        assert_eq!(asked, Ok(MACH_PORT_NULL));
        // Nor is it a port that is told of others.
        let other = made::port();
        let asked = request(other, MACH_NOTIFY_NO_SENDERS, 0, port);
        assert_eq!(asked, Err(KERN_INVALID_CAPABILITY));
    });
}

#[test]
fn fact_67_a_provisional_one_is_a_port_like_others() {
    let (to, port) = (made::port(), construct(PROVISIONAL, 0, 0).unwrap());
    for disposition in [MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MOVE_RECEIVE] {
        Letter::to(to, MACH_MSG_TYPE_MAKE_SEND)
            .port(port, disposition)
            .send();
    }
    made::kill(to);
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_67_flags_that_exclude_each_other() {
    for flags in [REPLY_PORT | PROVISIONAL, REPLY_PORT | 0x2000] {
        assert_eq!(construct(flags, 0, 0), Err(KERN_INVALID_ARGUMENT));
    }
}
