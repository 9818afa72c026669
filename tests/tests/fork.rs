//! A forked task: it has nothing of its parent's, and can begin. Mach fact 19.
//!
//! An executable of its own: two of these tests fork where they are, and a forked child has copies of whatever the
//! threads of other tests hold at that moment, for as long as it lives.

use std::io::{Read, Write};

use mach_ports::ffi::extra::{mach_reply_port, pid_for_task};
use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS};
use mach_ports::ffi::port::*;
use rendezvous_tests::forked::forked;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{
    allocate_name, deallocate, destroy, insert_right, made, names, refs, request_notification,
    status, task, type_of,
};
use rendezvous_tests::second::{alone, check_in, look_up, service_name, two};

#[test]
fn fact_19_a_forked_child_has_none_of_its_parents_names() {
    alone(
        "fact_19_a_forked_child_has_none_of_its_parents_names",
        || {
            // Chosen high: low numbers may name something new in the child.
            let (port, set) = (0x0001_c203, 0x0001_c303);
            assert_eq!(allocate_name(MACH_PORT_RIGHT_RECEIVE, port), KERN_SUCCESS);
            assert_eq!(allocate_name(MACH_PORT_RIGHT_PORT_SET, set), KERN_SUCCESS);
            assert_eq!(
                insert_right(port, port, MACH_MSG_TYPE_MAKE_SEND),
                KERN_SUCCESS
            );
            forked(|| {
                for name in [port, set] {
                    assert_eq!(type_of(name), Err(KERN_INVALID_NAME));
                    assert_eq!(deallocate(name), KERN_INVALID_NAME);
                }
                let listed = names().expect("the names");
                assert!(!listed.iter().any(|&(name, _)| [port, set].contains(&name)));
                assert_eq!(
                    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).try_send(),
                    MACH_SEND_INVALID_DEST
                );
            })
            .wait();
            // The parent has all of them still.
            assert_eq!(
                type_of(port),
                Ok(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
            );
            assert_eq!(type_of(set), Ok(MACH_PORT_TYPE_PORT_SET));
        },
    );
}

#[test]
fn fact_19_a_forked_child_begins_afresh() {
    alone("fact_19_a_forked_child_begins_afresh", || {
        let before = [(); 20].map(|()| made::port_with_send());
        let parent = task();
        forked(|| {
            assert_eq!(type_of(task()), Ok(MACH_PORT_TYPE_SEND));
            let mut pid = 0;
            // SAFETY: `pid` can be written.
            assert_eq!(unsafe { pid_for_task(task(), &raw mut pid) }, KERN_SUCCESS);
            assert_eq!(pid, std::process::id() as i32);
            let port = made::port_with_send();
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
                .id(6)
                .port(port, MACH_MSG_TYPE_MAKE_SEND)
                .send();
            let mail = receive(port);
            assert_eq!((mail.id(), mail.only_port().0), (6, port));
            assert_eq!(refs(port, MACH_PORT_RIGHT_SEND), Ok(2));
            // SAFETY: takes nothing.
            let reply = unsafe { mach_reply_port() };
            assert_eq!(type_of(reply), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!(destroy(port), KERN_SUCCESS);
        })
        .wait();
        assert_eq!(task(), parent);
        for port in before {
            assert_eq!(status(port).unwrap().srights, 1);
            assert_eq!(destroy(port), KERN_SUCCESS);
        }
    });
}

#[test]
fn fact_19_a_forked_child_looks_its_parent_up() {
    alone("fact_19_a_forked_child_looks_its_parent_up", || {
        let name = service_name();
        let service = check_in(&name).unwrap();
        let child = forked(|| {
            let parent = look_up(&name).expect("the parent's service");
            let reply = made::port();
            Letter::to(parent, MACH_MSG_TYPE_COPY_SEND)
                .reply(reply, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .id(std::process::id() as i32)
                .send();
            assert_eq!(receive(reply).id(), 2);
        });
        let mail = receive(service);
        assert_eq!(mail.id(), child.id());
        Letter::to(mail.remote(), MACH_MSG_TYPE_MOVE_SEND_ONCE)
            .id(2)
            .send();
        child.wait();
        made::kill(service);
    });
}

#[test]
fn fact_19_a_forked_child_is_notified_of_what_its_parent_does() {
    alone(
        "fact_19_a_forked_child_is_notified_of_what_its_parent_does",
        || {
            let name = service_name();
            let service = check_in(&name).unwrap();
            let notified = |of, by| {
                request_notification(
                    of,
                    MACH_NOTIFY_DEAD_NAME,
                    0,
                    by,
                    MACH_MSG_TYPE_MAKE_SEND_ONCE,
                )
                .expect("a request")
            };
            let child = forked(|| {
                let parent = look_up(&name).expect("the parent's service");
                let notify = made::port();
                assert_eq!(notified(parent, notify), MACH_PORT_NULL);
                Letter::to(parent, MACH_MSG_TYPE_COPY_SEND).send();
                let mail = receive(notify);
                assert_eq!(mail.id(), MACH_NOTIFY_DEAD_NAME);
                assert_eq!(mail.u32_at(32), parent);
            });
            let _ = receive(service);
            made::kill(service);
            child.wait();
        },
    );
}

#[test]
fn fact_19_a_childs_child_begins_afresh_too() {
    alone("fact_19_a_childs_child_begins_afresh_too", || {
        let _parents = made::port_with_send();
        forked(|| {
            let port = 0x0001_c403;
            assert_eq!(allocate_name(MACH_PORT_RIGHT_RECEIVE, port), KERN_SUCCESS);
            forked(|| {
                assert_eq!(type_of(port), Err(KERN_INVALID_NAME));
                let own = made::port();
                Letter::to(own, MACH_MSG_TYPE_MAKE_SEND).id(3).send();
                assert_eq!(receive(own).id(), 3);
            })
            .wait();
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
        })
        .wait();
    });
}

#[test]
fn fact_19_a_forked_child_holds_nothing_back() {
    two(
        "fact_19_a_forked_child_holds_nothing_back",
        |line, _| {
            let (port, given) = (made::port(), line.next().only_port().0);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            let (mut hold, mut release) = std::io::pipe().unwrap();
            let (mut runs, mut started) = std::io::pipe().unwrap();
            // The child stays, without anything of this task's from its first step on.
            let child = forked(move || {
                started.write_all(&[1]).unwrap();
                let _ = hold.read(&mut [0]);
            });
            runs.read_exact(&mut [0]).unwrap();
            made::kill(port);
            assert_eq!(destroy(given), KERN_SUCCESS);
            line.go();
            line.wait();
            release.write_all(&[1]).unwrap();
            child.wait();
        },
        |line| {
            let own = made::port();
            line.letter().port(own, MACH_MSG_TYPE_MAKE_SEND).send();
            let port = line.next().only_port().0;
            line.wait();
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_DEAD_NAME));
            let notify = made::port();
            let kind = MACH_MSG_TYPE_MAKE_SEND_ONCE;
            request_notification(own, MACH_NOTIFY_NO_SENDERS, 0, notify, kind).unwrap();
            assert_eq!(receive(notify).id(), MACH_NOTIFY_NO_SENDERS);
            line.go();
        },
    );
}

#[test]
fn fact_19_messages_reach_the_parent_while_a_child_lives() {
    two(
        "fact_19_messages_reach_the_parent_while_a_child_lives",
        |line, _| {
            let (mut hold, mut release) = std::io::pipe().unwrap();
            let child = forked(move || {
                let _ = hold.read(&mut [0]);
            });
            line.go();
            assert_eq!(line.next().id(), 1);
            release.write_all(&[1]).unwrap();
            child.wait();
            line.go();
            assert_eq!(line.next().id(), 2);
        },
        |line| {
            for id in 1..=2 {
                line.wait();
                line.letter().id(id).send();
            }
        },
    );
}
