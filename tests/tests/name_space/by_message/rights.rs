//! Calls that carry rights, and what becomes of the reply.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::*;
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{drain, poll, receive, receive_with};
use rendezvous_tests::notice::all;
use rendezvous_tests::raw::{deallocate, made, mod_refs, refs, set_limit, status, type_of};

use super::{BOTH, DONE, call, reply, request, simple};

/// A notification request as a message; the right of an earlier one.
fn notification(name: u32, id: i32, sync: u32, notify: u32) -> Result<u32, kern_return_t> {
    let letter = request(3213, &[name, id as u32, sync]);
    let reply = reply(letter.port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE));
    if reply.is_complex() {
        assert_eq!((reply.size(), reply.only_port().1), (40, 18));
        Ok(reply.only_port().0)
    } else {
        assert_eq!(reply.size(), 36);
        Err(reply.u32_at(32) as i32)
    }
}

#[test]
fn fact_66_inserting_and_extracting() {
    let (port, absent) = (made::port(), made::absent());
    // The right of the message has no name on its way, and gets the one that it is to have.
    let letter = request(3214, &[port]).port(port, MACH_MSG_TYPE_MAKE_SEND);
    assert_eq!(call(letter), DONE);
    assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(1));
    let letter = request(3214, &[absent]).port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    assert_eq!(call(letter), DONE);
    assert_eq!(type_of(absent), Ok(MACH_PORT_TYPE_SEND_ONCE));
    // What cannot be inserted is destroyed with its request.
    let letter = request(3214, &[absent]).port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    assert_eq!(call(letter), Err(KERN_NAME_EXISTS));
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    let letter = request(3214, &[absent]).port(MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND);
    assert_eq!(call(letter), Err(KERN_INVALID_CAPABILITY));
    for name in [MACH_PORT_NULL, MACH_PORT_DEAD] {
        let letter = request(3214, &[name]).port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(call(letter), Err(KERN_INVALID_VALUE));
        assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    }
    assert_eq!(deallocate(absent), KERN_SUCCESS);
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);

    for (disposition, arrives) in [
        (MACH_MSG_TYPE_MAKE_SEND, 17),
        (MACH_MSG_TYPE_COPY_SEND, 17),
        (MACH_MSG_TYPE_MAKE_SEND_ONCE, 18),
    ] {
        let reply = reply(request(3215, &[port, disposition]));
        assert_eq!(reply.size(), 40);
        let (name, shown) = reply.only_port();
        assert_eq!(shown, arrives);
        assert_eq!(name == port, arrives == 17);
        assert_eq!(deallocate(name), KERN_SUCCESS);
    }
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    // The receive right comes in the reply, and the name with it.
    let reply = reply(request(3215, &[port, MACH_MSG_TYPE_MOVE_RECEIVE]));
    assert_eq!(reply.only_port(), (port, 16));
    assert_eq!(type_of(port), Ok(BOTH));
}

#[test]
fn fact_66_extracting_the_port_that_the_reply_would_come_to() {
    let port = made::port();
    request(3215, &[port, MACH_MSG_TYPE_MOVE_RECEIVE])
        .reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    // It would be in its own queue: it is gone, with the reply.
    assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
}

#[test]
fn fact_66_asking_for_notifications() {
    let (port, notify) = (made::port_with_send(), made::port());
    let (first, second) = (MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS);
    assert_eq!(notification(port, first, 0, notify), Ok(MACH_PORT_NULL));
    assert_eq!(type_of(port).unwrap() & MACH_PORT_TYPE_DNREQUEST, 1 << 31);
    let former = notification(port, first, 0, notify).unwrap();
    assert_eq!(type_of(former), Ok(MACH_PORT_TYPE_SEND_ONCE));
    assert_eq!(deallocate(former), KERN_SUCCESS);
    assert_eq!(drain(notify), [MACH_NOTIFY_SEND_ONCE]);
    assert_eq!(notification(port, second, 0, notify), Ok(MACH_PORT_NULL));
    assert_eq!(status(port).unwrap().nsrequest, 1);
    // A request that fails destroys its right.
    let code = notification(port, 1, 0, notify);
    assert_eq!(code, Err(KERN_INVALID_VALUE));
    assert_eq!(drain(notify), [MACH_NOTIFY_SEND_ONCE]);
    // The one that fires counts one reference more, whoever asks.
    let receive_right = MACH_PORT_RIGHT_RECEIVE;
    assert_eq!(mod_refs(port, receive_right, -1), KERN_SUCCESS);
    let dead = simple(3207, &[port, MACH_PORT_RIGHT_DEAD_NAME]);
    assert_eq!(dead, Ok(vec![2]));
    let told = all(notify);
    assert!(told.contains(&(MACH_NOTIFY_DEAD_NAME, port)), "{told:?}");
}

#[test]
fn fact_66_nobody_wants_the_reply() {
    let port = made::port();
    // The call is made all the same; a right that would have come in the reply is not lost in silence.
    request(3210, &[port, 9]).send();
    assert_eq!(status(port).unwrap().mscount, 9);
    request(3215, &[port, MACH_MSG_TYPE_MAKE_SEND_ONCE]).send();
    assert_eq!(drain(port), [MACH_NOTIFY_SEND_ONCE]);
    // Through a send right the reply comes as through any other.
    request(3201, &[port])
        .reply(port, MACH_MSG_TYPE_MAKE_SEND)
        .send();
    assert_eq!(receive(port).u32_at(36), MACH_PORT_TYPE_RECEIVE);
    assert!(poll(port).is_none());
    // A full queue holds no reply back.
    assert_eq!(set_limit(port, 0), KERN_SUCCESS);
    request(3201, &[port])
        .reply(port, MACH_MSG_TYPE_MAKE_SEND)
        .send();
    assert_eq!(receive(port).id(), 3301);
    made::kill(port);
}

#[test]
fn fact_66_a_reply_is_the_kernels() {
    let port = made::port();
    request(3201, &[port])
        .reply(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .send();
    let audit = MACH_RCV_TRAILER_AUDIT << 24;
    let mail = receive_with(port, audit as i32, 0).unwrap();
    assert_eq!(mail.audit_token()[5], 0);
    made::kill(port);
}
