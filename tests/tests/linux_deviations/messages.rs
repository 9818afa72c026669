//! Messages where Linux differs: see the deviations of the embedded Mach.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_NO_SENDERS, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::holding::holding;
use rendezvous_tests::letter::{Buffer, Letter, Region, SOON, drain, receive, receive_with};
use rendezvous_tests::notice::request;
use rendezvous_tests::raw::{deallocate, destroy, made, set_limit, status, type_of};
use rendezvous_tests::second::two;

const AUDIT: mach_msg_option_t = 3 << 24;

fn to(port: mach_port_name_t) -> Letter {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
}

/// Sends messages with `body` until the queue is full; how many there was room for.
fn fill(port: mach_port_name_t, body: &[u8]) -> usize {
    let mut sent = 0;
    while to(port).inline(body).try_send() == MACH_MSG_SUCCESS {
        sent += 1;
    }
    sent
}

#[test]
fn fact_32_a_sender_in_another_task_is_held_back_by_bytes_as_well() {
    two(
        "fact_32_a_sender_in_another_task_is_held_back_by_bytes_as_well",
        |line, _| {
            let mail = line.next();
            let (port, _) = mail.only_port();
            let small = fill(port, &[]);
            assert!((50..1024).contains(&small), "{small}");
            line.go();
            line.wait();
            let large = fill(port, &[0; 2048]);
            assert!((10..small).contains(&large), "{large}");
            line.go();
            line.wait();
        },
        |line| {
            let port = made::port();
            assert_eq!(set_limit(port, MACH_PORT_QLIMIT_MAX), KERN_SUCCESS);
            line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
            line.wait();
            // At most one message of each sender elsewhere is counted.
            assert_eq!(status(port).unwrap().msgcount, 1);
            assert!(drain(port).len() > 20);
            line.go();
            line.wait();
            line.go();
        },
    );
}

#[test]
fn fact_40_an_audit_token_has_no_session_and_no_version() {
    let port = made::port_with_send();
    to(port).send();
    let token = receive_with(port, AUDIT, 0).unwrap().audit_token();
    // The audit user is the real one.
    assert_eq!(token[0], token[3]);
    assert_eq!(token[6..], [0, 0]);
}

#[test]
fn fact_40_messages_in_a_queue_that_moved_carry_the_token_of_who_moved_it() {
    two(
        "fact_40_messages_in_a_queue_that_moved_carry_the_token_of_who_moved_it",
        |line, _| {
            let port = made::port_with_send();
            to(port).id(1).send();
            line.letter()
                .port(port, MACH_MSG_TYPE_MOVE_RECEIVE)
                .inline(&std::process::id().to_ne_bytes())
                .send();
            line.wait();
        },
        |line| {
            let mail = line.next();
            let (port, _) = mail.only_port();
            let mover = u32::from_ne_bytes(mail.inline().try_into().unwrap());
            let token = receive_with(port, AUDIT, 0).unwrap().audit_token();
            assert_eq!(token[5], mover);
            line.go();
        },
    );
}

#[test]
fn fact_40_a_notification_of_another_task_carries_its_token() {
    two(
        "fact_40_a_notification_of_another_task_carries_its_token",
        |line, process| {
            // The request moves with the receive right, so that the other task's kernel tells.
            let (port, notify) = (made::port_with_send(), made::port());
            request(port, MACH_NOTIFY_NO_SENDERS, 1, notify).unwrap();
            line.letter().port(port, MACH_MSG_TYPE_MOVE_RECEIVE).send();
            line.wait();
            assert_eq!(deallocate(port), KERN_SUCCESS);
            let mail = receive_with(notify, AUDIT, SOON).unwrap();
            assert_eq!(mail.id(), MACH_NOTIFY_NO_SENDERS);
            assert_eq!(mail.audit_token()[5], process.id());
            // A send-once notification comes from nobody all the same.
            line.letter()
                .port(notify, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            let mail = receive_with(notify, AUDIT, SOON).unwrap();
            assert_eq!(mail.id(), MACH_NOTIFY_SEND_ONCE);
            assert_eq!(mail.audit_token(), [0; 8]);
            line.go();
        },
        |line| {
            let _ = line.next();
            line.go();
            let (once, _) = line.next().only_port();
            assert_eq!(deallocate(once), KERN_SUCCESS);
            line.wait();
        },
    );
}

/// A receive right in whose queue is a receive right, and so on, `depth` of them in all.
fn nested(depth: usize) -> mach_port_name_t {
    (1..depth).fold(made::port(), |inner, _| {
        let outer = made::port();
        Letter::to(outer, MACH_MSG_TYPE_MAKE_SEND)
            .port(inner, MACH_MSG_TYPE_MOVE_RECEIVE)
            .send();
        outer
    })
}

#[test]
fn fact_38_receive_rights_in_queues_that_move_nest_sixteen_deep() {
    two(
        "fact_38_receive_rights_in_queues_that_move_nest_sixteen_deep",
        |line, _| {
            // The right that moves is the first.
            line.letter()
                .port(nested(16), MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            let too_deep = nested(17);
            let (code, back) = line
                .letter()
                .port(too_deep, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send_with(0, 0);
            assert_eq!(code, MACH_SEND_NO_BUFFER);
            // It came back whole.
            let mut port = back.only_port().0;
            for _ in 1..17 {
                let (inner, _) = receive(port).only_port();
                assert_eq!(destroy(port), KERN_SUCCESS);
                port = inner;
            }
            line.go();
        },
        |line| {
            let (mut port, _) = line.next().only_port();
            for _ in 1..16 {
                (port, _) = receive(port).only_port();
            }
            assert!(receive_with(port, 0, 0).is_err());
            line.wait();
        },
    );
}

/// Leaves this process no descriptor to open, while `body` runs. It must be a process of its own.
fn without_descriptors<T>(body: impl FnOnce() -> T) -> T {
    let free = std::fs::File::open("/dev/null").expect("a descriptor");
    let limit = std::os::fd::AsRawFd::as_raw_fd(&free) as libc::rlim_t;
    drop(free);
    // SAFETY: both calls read or write a structure of this frame.
    let set = |limit| unsafe {
        let mut limits: libc::rlimit = std::mem::zeroed();
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limits), 0);
        let before = std::mem::replace(&mut limits.rlim_cur, limit);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limits), 0);
        before
    };
    let before = set(limit);
    let outcome = body();
    set(before);
    outcome
}

#[test]
fn fact_40_rights_are_lost_without_descriptors_and_the_receiver_is_told() {
    two(
        "fact_40_rights_are_lost_without_descriptors_and_the_receiver_is_told",
        |line, _| {
            line.wait();
            let owner = made::port();
            line.letter()
                .id(7)
                .port(owner, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                .send();
            line.go();
            // The right has ended, and its owner hears of it.
            assert_eq!(receive(owner).id(), MACH_NOTIFY_SEND_ONCE);
            line.wait();
        },
        |line| {
            // A first wait makes what a thread needs to wait.
            assert!(receive_with(line.own, 0, 1).is_err());
            let mut buffer = Buffer::new(256);
            let code = without_descriptors(|| {
                line.go();
                let option = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
                buffer.mach_msg(option, 0, 256, line.own, SOON)
            });
            assert_eq!(code, MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE);
            assert_eq!((buffer.id(), buffer.size()), (7, 24));
            // Later messages are as they should be.
            line.wait();
            line.go();
        },
    );
}

#[test]
fn fact_32_a_sender_without_descriptors_keeps_its_rights() {
    two(
        "fact_32_a_sender_without_descriptors_keeps_its_rights",
        |line, _| line.wait(),
        |line| {
            let port = made::port_with_send();
            let before = holding(port);
            let letter = line.letter().port(port, MACH_MSG_TYPE_MOVE_SEND);
            let (code, back) = without_descriptors(|| letter.send_with(0, 0));
            assert_eq!(code, MACH_SEND_NO_BUFFER);
            assert_eq!(back.only_port(), (port, 17));
            assert_eq!(holding(port), before);
            letter.send();
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
        },
    );
}

#[test]
fn fact_29_memory_that_cannot_be_read() {
    let port = made::port_with_send();
    let region = Region {
        address: 8,
        deallocate: 0,
        copy: 0,
        size: 16,
    };
    assert_eq!(to(port).memory(region).try_send(), MACH_SEND_INVALID_MEMORY);
}
