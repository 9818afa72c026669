//! The calls of `mach/mach_port.h` on a child's names, by its task port as the first argument.

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::MACH_NOTIFY_DEAD_NAME;
use mach_ports::ffi::port::*;
use mach_ports::{Name, ReceiveRight};
use rendezvous_tests::events::next;
use rendezvous_tests::raw::{self, Given, made, on};
use task_port::NameNotification;

use crate::task_port::lending;

// What mach2 does not name.
const MIG_BAD_ID: kern_return_t = -303;

/// A name that is free in a task, by its port.
fn free(task: Name) -> Name {
    on(task, || {
        let name = raw::allocate(MACH_PORT_RIGHT_DEAD_NAME).unwrap();
        assert_eq!(raw::refs(name, MACH_PORT_RIGHT_DEAD_NAME), Ok(1));
        assert_eq!(
            raw::mod_refs(name, MACH_PORT_RIGHT_DEAD_NAME, -1),
            KERN_SUCCESS
        );
        assert_eq!(raw::type_of(name), Err(KERN_INVALID_NAME));
        name
    })
}

#[test]
fn a_name_is_watched_there_until_the_child_dies() {
    let (child, lent) = lending();
    let task = lent.calls().right().name();
    let port = made::port();
    let notify = ReceiveRight::new().unwrap();
    let name = free(task);
    let ask = || {
        let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
        raw::request_notification(name, MACH_NOTIFY_DEAD_NAME, 0, notify.name(), once)
    };
    on(task, || {
        assert_eq!(ask(), Err(KERN_INVALID_NAME));
        assert_eq!(
            raw::insert_right(name, port, MACH_MSG_TYPE_MAKE_SEND),
            KERN_SUCCESS
        );
        assert_eq!(raw::type_of(name), Ok(MACH_PORT_TYPE_SEND));
    });
    // The request that failed has lost its right.
    assert_eq!(
        next(&notify).notification(),
        Some(mach_ports::Notification::SendOnce)
    );
    assert_eq!(raw::srights(port), Ok(1));
    on(task, || {
        assert_eq!(ask(), Ok(MACH_PORT_NULL));
        let both = MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_DNREQUEST;
        assert_eq!(raw::type_of(name), Ok(both));
        assert!(raw::names().unwrap().contains(&(name, both)));
        // The right of the first request comes home.
        let previous = ask().unwrap();
        assert_eq!(
            on(raw::task(), || raw::type_of(previous)),
            Ok(MACH_PORT_TYPE_SEND_ONCE)
        );
        assert_eq!(on(raw::task(), || raw::deallocate(previous)), KERN_SUCCESS);
    });
    assert_eq!(
        next(&notify).notification(),
        Some(mach_ports::Notification::SendOnce)
    );
    child.child.kill().unwrap();
    let told = NameNotification::read(&next(&notify));
    assert_eq!(told, Some(NameNotification::PortDeleted { name }));
    child.end();
    assert_eq!(on(task, raw::names), Err(MACH_SEND_INVALID_DEST));
    made::kill(port);
}

/// Makes the calls and gives what they gave: the same in whatever task.
fn calls() -> Vec<Given<u64>> {
    let code = |code| {
        if code == KERN_SUCCESS {
            Ok(0)
        } else {
            Err(code)
        }
    };
    let word = |given: Given<u32>| given.map(u64::from);
    let port = raw::allocate(MACH_PORT_RIGHT_RECEIVE).unwrap();
    let set = raw::allocate(MACH_PORT_RIGHT_PORT_SET).unwrap();
    let guarded = raw::construct(MPO_QLIMIT | MPO_CONTEXT_AS_GUARD, 3, 7).unwrap();
    let mut given = vec![
        word(raw::allocate(9)),
        word(raw::type_of(port)),
        word(raw::refs(port, MACH_PORT_RIGHT_RECEIVE)),
        word(raw::refs(port, 99)),
        code(raw::mod_refs(port, MACH_PORT_RIGHT_SEND, 1)),
        code(raw::rename(port, set)),
        code(raw::insert_member(port, set)),
        code(raw::insert_member(port, set)),
        raw::members(set).map(|members| u64::from(members == [port])),
        code(raw::extract_member(port, set)),
        code(raw::move_member(port, set)),
        code(raw::set_limit(port, 9)),
        word(raw::limit(port)),
        code(raw::set_seqno(port, 5)),
        code(raw::set_mscount(port, 6)),
        code(raw::set_context(port, 1 << 40 | 2)),
        raw::context(port),
        code(raw::guard(port, 1, false)),
        code(raw::swap_guard(port, 1, 1 << 33)),
        code(raw::assert_guard(port, 1 << 33)),
        code(raw::unguard(port, 1 << 33)),
        code(raw::guard_with_flags(port, 3, MPG_STRICT)),
        code(raw::unguard(port, 3)),
        word(raw::limit(guarded)),
        code(raw::destruct(guarded, 0, 7)),
        word(raw::srights(port)),
        raw::peek(port, 0, 0, 68).map(|_| 0),
        raw::attributes(port, 99, 17).map(|_| 0),
        raw::attributes(port, MACH_PORT_RECEIVE_STATUS, 9).map(|_| 0),
        raw::status(port).map(|status| u64::from(status.seqno + status.mscount)),
        code(raw::destroy(set)),
        code(raw::destroy(port)),
        code(raw::deallocate(port)),
    ];
    given.push(code(raw::allocate_name(MACH_PORT_RIGHT_DEAD_NAME, port)));
    given.push(code(raw::allocate_name(MACH_PORT_RIGHT_DEAD_NAME, port)));
    given.push(code(raw::deallocate(port)));
    given
}

#[test]
fn every_call_gives_there_what_it_gives_here() {
    let (child, lent) = lending();
    let there = on(lent.calls().right().name(), calls);
    let here = calls();
    for (index, (there, here)) in there.iter().zip(&here).enumerate() {
        assert_eq!(there, here, "call {index}");
    }
    assert_eq!(here[5], Err(MIG_BAD_ID));
    child.finish();
}

#[test]
fn rights_go_there_and_come_back() {
    let (mut child, lent) = lending();
    let task = lent.calls().right().name();
    let port = on(task, || raw::allocate(MACH_PORT_RIGHT_RECEIVE)).unwrap();
    let (send, kind) = on(task, || raw::extract_right(port, MACH_MSG_TYPE_MAKE_SEND)).unwrap();
    assert_eq!(
        (raw::type_of(send), kind),
        (Ok(MACH_PORT_TYPE_SEND), MACH_MSG_TYPE_MOVE_SEND)
    );
    rendezvous_tests::letter::Letter::to(send, MACH_MSG_TYPE_COPY_SEND)
        .id(77)
        .send();
    assert_eq!(
        on(task, || raw::peek(port, 0, 0, 68)).map(|peeked| peeked.id),
        Ok(77)
    );
    // The receive right too: it brings its queue.
    let receive = MACH_MSG_TYPE_MOVE_RECEIVE;
    let (here, kind) = on(task, || raw::extract_right(port, receive)).unwrap();
    assert_eq!((here, kind), (send, receive));
    assert_eq!(on(task, || raw::type_of(port)), Err(KERN_INVALID_NAME));
    assert_eq!(rendezvous_tests::letter::receive(here).id(), 77);
    let name = free(task);
    assert_eq!(
        on(task, || raw::insert_right(name, here, receive)),
        KERN_SUCCESS
    );
    assert_eq!(on(task, || raw::type_of(name)), Ok(MACH_PORT_TYPE_RECEIVE));
    // What is refused here leaves everything as it is, and what is refused there is lost on the way.
    let absent = made::absent();
    let sent = on(task, || {
        raw::insert_right(name, absent, MACH_MSG_TYPE_COPY_SEND)
    });
    assert_eq!(sent, MACH_SEND_INVALID_RIGHT);
    assert_eq!(child.ask("revoke"), "revoked true false");
    assert_eq!(on(task, || raw::type_of(name)), Err(MACH_SEND_INVALID_DEST));
    assert_eq!(raw::deallocate(send), KERN_SUCCESS);
    child.finish();
}
