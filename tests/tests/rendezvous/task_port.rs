//! A child's task port for its parent: who has it, what can be done by it, and what ends it.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::time::Duration;

use mach_ports::{Message, OutgoingRight, ReceiveRight, ReturnCode, SendOptions};
use rendezvous_tests::events::next;
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};
use task_port::{AcceptError, NameNotification, Right, TaskError, TaskPort};

pub(crate) fn lending() -> (Peer, TaskPort) {
    let mut child = Peer::start(peer!["-"].task_port(true));
    assert_eq!(child.ask("connect lends"), "connected 0");
    let task = child.child.task_port(LONG).unwrap();
    assert_eq!(task.pid(), child.child.id());
    (child, task)
}

fn code<T: std::fmt::Debug>(result: Result<T, TaskError>) -> ReturnCode {
    match result {
        Err(TaskError::Call(error)) => error.code(),
        other => panic!("{other:?}"),
    }
}

/// What is told to `port` next.
fn told(port: &ReceiveRight) -> NameNotification {
    let message = next(port);
    NameNotification::read(&message).unwrap_or_else(|| panic!("{message:?}"))
}

#[test]
fn names_are_made_used_and_watched_there_until_the_child_dies() {
    let (child, task) = lending();
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    // A name that is free there.
    let name = task.allocate(Right::DeadName).unwrap();
    assert_eq!(task.references(name, Right::DeadName).unwrap(), 1);
    task.mod_refs(name, Right::DeadName, -1).unwrap();
    assert_eq!(code(task.types(name)), ReturnCode::INVALID_NAME);
    // A right of this task's under that name.
    task.insert_right(name, OutgoingRight::MakeSend(&port))
        .unwrap();
    assert!(port.status().unwrap().has_senders);
    let held = task.names().unwrap();
    let held = held.iter().find(|held| held.name == name).unwrap();
    assert!(held.has(Right::Send) && !held.has(Right::DeadName));
    task.request_dead_name(name, notify.make_send_once().unwrap())
        .unwrap();
    child.child.kill().unwrap();
    assert_eq!(told(&notify), NameNotification::PortDeleted { name });
    child.end();
    assert!(matches!(task.names(), Err(TaskError::Gone)));
}

#[test]
fn a_port_that_dies_and_a_name_that_goes_are_told() {
    let (child, task) = lending();
    let (port, notify) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let name = task.allocate(Right::DeadName).unwrap();
    task.mod_refs(name, Right::DeadName, -1).unwrap();
    task.insert_right(name, OutgoingRight::MakeSend(&port))
        .unwrap();
    task.request_dead_name(name, notify.make_send_once().unwrap())
        .unwrap();
    drop(port);
    assert_eq!(told(&notify), NameNotification::DeadName { name });
    // The notification came with a reference.
    assert_eq!(task.references(name, Right::DeadName).unwrap(), 2);

    let port = ReceiveRight::new().unwrap();
    let name = task.allocate(Right::DeadName).unwrap();
    task.mod_refs(name, Right::DeadName, -1).unwrap();
    task.insert_right(name, OutgoingRight::MakeSend(&port))
        .unwrap();
    task.request_dead_name(name, notify.make_send_once().unwrap())
        .unwrap();
    task.deallocate(name).unwrap();
    assert_eq!(told(&notify), NameNotification::PortDeleted { name });
    child.finish();
}

#[test]
fn a_request_that_is_replaced_ends_and_tells_nothing() {
    let (child, task) = lending();
    let (port, first) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let second = ReceiveRight::new().unwrap();
    let name = task.allocate(Right::DeadName).unwrap();
    task.mod_refs(name, Right::DeadName, -1).unwrap();
    task.insert_right(name, OutgoingRight::MakeSend(&port))
        .unwrap();
    task.request_dead_name(name, first.make_send_once().unwrap())
        .unwrap();
    task.request_dead_name(name, second.make_send_once().unwrap())
        .unwrap();
    let replaced = next(&first).notification();
    assert_eq!(replaced, Some(mach_ports::Notification::SendOnce));
    child.child.kill().unwrap();
    assert_eq!(told(&second), NameNotification::PortDeleted { name });
}

#[test]
fn queues_and_sets_there_are_seen() {
    let (child, task) = lending();
    let name = task.allocate(Right::Receive).unwrap();
    let right = task
        .extract_right(name, mach_ports::Disposition::MakeSend)
        .unwrap()
        .unwrap();
    let mach_ports::AnyRight::Send(right) = right else {
        panic!("no send right");
    };
    for id in 0..3 {
        Message::new(id).send(&right, &SendOptions::new()).unwrap();
    }
    let queue = task.queue(name).unwrap();
    // On Linux those of one sender count when they are read.
    assert!((1..=3).contains(&queue.messages), "{queue:?}");
    assert_eq!((queue.limit, queue.has_senders), (5, true));
    let set = task.allocate(Right::PortSet).unwrap();
    task.calls().move_member(name, set).unwrap();
    assert_eq!(task.members(set).unwrap(), [name]);
    assert_eq!(code(task.queue(set)), ReturnCode::INVALID_RIGHT);
    child.finish();
}

#[test]
fn nobody_has_it_who_was_not_offered_it() {
    // Not asked for.
    let mut child = Peer::start(peer!["-"]);
    assert_eq!(child.ask("connect lends"), "connected 0");
    let error = child.child.task_port(LONG).unwrap_err();
    assert!(matches!(error, AcceptError::NotAsked), "{error:?}");
    child.finish();
    // Not agreed to.
    let mut child = Peer::start(peer!["-"].task_port(true));
    let error = child.child.task_port(Duration::ZERO).unwrap_err();
    assert!(matches!(error, AcceptError::TimedOut), "{error:?}");
    assert_eq!(child.ask("connect"), "connected 0");
    let error = child.child.task_port(LONG).unwrap_err();
    assert!(matches!(error, AcceptError::NotOffered), "{error:?}");
    child.finish();
    // Gone before.
    let child = Peer::start(peer!["exit 0"].task_port(true));
    child.end();
    let error = child.child.task_port(LONG).unwrap_err();
    assert!(matches!(error, AcceptError::NotOffered), "{error:?}");
}

#[test]
fn the_child_takes_it_back() {
    let (mut child, task) = lending();
    assert_eq!(child.ask("revoke"), "revoked true false");
    assert!(matches!(task.names(), Err(TaskError::Gone)));
    assert_eq!(child.ask("keys"), "");
    child.finish();
}
