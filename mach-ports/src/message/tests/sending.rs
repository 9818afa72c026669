//! Full queues, dead ports, calls.

use std::thread;

use super::{NOW, SOON, is_empty, next, port, soon, was_dropped};
use crate::message::{CallError, Message, OolMemory, ReceiveError, SendError, SendOptions};
use crate::right::{AnyRight, ReceiveRight, RightKind};

/// A port whose queue is full.
fn full() -> (ReceiveRight, crate::SendRight) {
    let (port, right) = port();
    port.set_queue_limit(1).unwrap();
    Message::new(0).send(&right, &soon()).unwrap();
    (port, right)
}

#[test]
fn a_dead_destination_is_told_and_rights_are_released() {
    let (gone, dead) = port();
    drop(gone);
    let kept = ReceiveRight::new().unwrap();
    let message = Message::new(1).move_send_once(kept.make_send_once().unwrap());
    assert!(matches!(
        message.send(&dead, &soon()),
        Err(SendError::DestinationDead)
    ));
    assert!(was_dropped(&kept));
    assert_eq!(dead.references(), Ok(1));
}

#[test]
fn a_send_once_right_to_a_dead_port_is_used_up_all_the_same() {
    let (port, _right) = port();
    let once = port.make_send_once().unwrap();
    let name = once.name();
    drop(port);
    let kept = ReceiveRight::new().unwrap();
    let message = Message::new(1).make_send_once(&kept);
    // A port that died under a send-once right may take the message to its grave and call that success.
    match message.send_once(once, &soon()) {
        Ok(()) => assert!(was_dropped(&kept)),
        Err(error) => assert!(matches!(error, SendError::DestinationDead), "{error}"),
    }
    assert_eq!(crate::census::entry(name).unwrap(), None);
}

#[test]
fn a_full_queue_gives_the_rights_back() {
    let (port, right) = full();
    let (moved, to_moved) = super::port();
    let kept = ReceiveRight::new().unwrap();
    let error = Message::new(1)
        .move_receive(moved)
        .make_send(&kept)
        .out_of_line(b"kept".to_vec())
        .reply_to_make_send_once(&kept)
        .send(&right, &SendOptions::new().timeout(NOW))
        .unwrap_err();
    let SendError::TimedOut(mut message) = error else {
        panic!("{error}")
    };
    let AnyRight::Receive(moved) = message.take_right(0).unwrap() else {
        panic!("another kind")
    };
    assert!(!to_moved.is_dead());
    assert_eq!(moved.name(), to_moved.name());
    assert_eq!(message.take_right(1).unwrap().name(), kept.name());
    assert_eq!(&*message.take_memory(2).unwrap(), b"kept");
    assert_eq!(message.take_reply().unwrap().kind(), RightKind::SendOnce);
    assert_eq!(message.take_destination().unwrap().name(), right.name());
    drop(message);
    assert!(was_dropped(&kept));
    assert_eq!(right.references(), Ok(1));
    assert_eq!(next(&port).id(), 0);
    assert!(is_empty(&port));
}

#[test]
fn a_returned_message_that_is_dropped_releases_all() {
    let (_port, right) = full();
    let kept = ReceiveRight::new().unwrap();
    let error = Message::new(1)
        .make_send_once(&kept)
        .out_of_line(OolMemory::zeroed(10).unwrap())
        .send(&right, &SendOptions::new().timeout(NOW))
        .unwrap_err();
    assert_eq!(
        right.references(),
        Ok(2),
        "the pseudo-receive has added one"
    );
    drop(error);
    assert_eq!(right.references(), Ok(1));
    assert!(was_dropped(&kept));
}

#[test]
fn a_returned_message_can_be_sent_again() {
    let (port, right) = full();
    let kept = ReceiveRight::new().unwrap();
    let error = Message::new(1)
        .make_send_once(&kept)
        .out_of_line(b"again".to_vec())
        .reply_to_make_send_once(&kept)
        .bytes(b"body")
        .send(&right, &SendOptions::new().timeout(NOW))
        .unwrap_err();
    let SendError::TimedOut(message) = error else {
        panic!("{error}")
    };
    assert_eq!(next(&port).id(), 0);
    message.resend(&soon()).unwrap();
    let mut message = next(&port);
    assert_eq!((message.id(), message.body()), (1, &b"body"[..]));
    assert_eq!(&*message.take_memory(1).unwrap(), b"again");
    assert!(message.take_send_once(0).unwrap().is_some());
    assert!(message.take_reply().is_some());
    assert_eq!(right.references(), Ok(1));
}

#[test]
fn a_sender_waits_for_room() {
    let (port, right) = full();
    thread::scope(|scope| {
        let sender = scope.spawn(|| Message::new(1).send(&right, &soon()));
        assert_eq!(next(&port).id(), 0);
        assert_eq!(next(&port).id(), 1);
        sender.join().unwrap().unwrap();
    });
}

#[test]
fn a_send_once_right_passes_a_full_queue() {
    let (port, _right) = full();
    let once = port.make_send_once().unwrap();
    Message::new(1)
        .send_once(once, &SendOptions::new().timeout(NOW))
        .unwrap();
    assert_eq!((next(&port).id(), next(&port).id()), (0, 1));
}

#[test]
fn a_call_brings_the_reply() {
    let (port, right) = port();
    let server = thread::spawn(move || {
        let mut request = next(&port);
        let reply = request.take_reply().unwrap();
        Message::new(request.id() + 100)
            .bytes(request.body())
            .reply_by(reply, &soon())
    });
    let reply = Message::new(1).bytes(b"echo").call(&right, SOON).unwrap();
    assert_eq!((reply.id(), reply.body()), (101, &b"echo"[..]));
    server.join().unwrap().unwrap();
}

#[test]
fn a_dropped_request_ends_the_call() {
    let (port, right) = port();
    let server = thread::spawn(move || drop(next(&port)));
    assert!(matches!(
        Message::new(1).call(&right, SOON),
        Err(CallError::NoReply)
    ));
    server.join().unwrap();
}

#[test]
fn a_call_ends_at_its_deadline() {
    let (port, right) = port();
    let timed_out = Message::new(1).call(&right, NOW).unwrap_err();
    assert!(
        matches!(timed_out, CallError::Receive(ReceiveError::TimedOut)),
        "{timed_out}"
    );
    // The reply port went with the call, so the server is told that nobody waits.
    assert!(next(&port).take_reply().is_none());
}

#[test]
fn a_wait_for_room_that_never_comes_is_no_lost_right() {
    let (port, right) = full();
    drop(
        Message::new(1)
            .send(&right, &SendOptions::new().timeout(NOW))
            .unwrap_err(),
    );
    drop(port);
    assert!(right.is_dead());
    assert_eq!(right.references(), Ok(1));
}
