//! Links of which one direction, or the other side, has ended: they are ready for ever, and nobody must be woken by them.

use std::collections::BTreeMap;
use std::thread;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{deallocate, insert_member, made, request_notification, type_of};

use super::sides::*;

/// How often each other thread of this process that is asleep has gone to sleep and been taken off a processor; `None`
/// while one is not asleep.
fn asleep() -> Option<BTreeMap<String, Vec<String>>> {
    // SAFETY: only asks.
    let own = unsafe { libc::gettid() }.to_string();
    let mut all = BTreeMap::new();
    for thread in std::fs::read_dir("/proc/self/task").expect("the threads") {
        let thread = thread.expect("a thread");
        let name = thread.file_name().into_string().expect("a number");
        let Ok(status) = std::fs::read_to_string(thread.path().join("status")) else {
            continue;
        };
        if name == own {
            continue;
        }
        if !status.lines().any(|line| line.starts_with("State:\tS")) {
            return None;
        }
        let switches = status.lines().filter(|line| line.contains("ctxt_switches"));
        all.insert(name, switches.map(str::to_owned).collect());
    }
    Some(all)
}

/// Waits until no other thread wakes up any more while this one does a lot.
fn until_all_sleep() {
    let port = made::port_with_send();
    let busy = || {
        for id in 0..2000 {
            Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(id).send();
            assert_eq!(receive(port).id(), id);
        }
    };
    let since = std::time::Instant::now();
    loop {
        let before = asleep();
        busy();
        if before.is_some() && asleep() == before {
            return;
        }
        assert!(
            since.elapsed() < 3 * rendezvous_tests::letter::DEADLINE,
            "somebody is busy"
        );
    }
}

/// A thread that receives from a port, or from a set with it, until a message tells it to end.
fn receiver(port: mach_port_name_t, through_set: bool) -> thread::JoinHandle<Vec<i32>> {
    let from = if through_set {
        let set = made::set();
        assert_eq!(insert_member(port, set), KERN_SUCCESS);
        set
    } else {
        port
    };
    thread::spawn(move || {
        let mut heard = Vec::new();
        loop {
            let mut buffer = rendezvous_tests::letter::Buffer::new(4096);
            assert_eq!(buffer.mach_msg(MACH_RCV_MSG, 0, 4096, from, 0), 0);
            if buffer.id() == LAST {
                heard.sort_unstable();
                return heard;
            }
            heard.push(buffer.id());
        }
    })
}

const LAST: i32 = -1;

fn end(port: mach_port_name_t, receiver: thread::JoinHandle<Vec<i32>>) -> Vec<i32> {
    reply(made::send_once(port), LAST);
    receiver.join().expect("a receiver")
}

#[test]
fn the_other_side_is_gone() {
    apart_until_killed(
        "idle::the_other_side_is_gone",
        |line, process| {
            let (serving, first) = begin(&line);
            let (second, told) = (made::port(), made::port());
            for port in [first, second] {
                ask_at(serving, port, 0);
                ask_at(serving, port, 0);
            }
            let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
            let asked = request_notification(serving, MACH_NOTIFY_DEAD_NAME, 0, told, once);
            assert_eq!(asked, Ok(MACH_PORT_NULL));
            // The threads keep the ports' watches, which may have others, too.
            let receivers = [receiver(first, false), receiver(second, true)];
            line.wait();
            process.kill();
            assert_eq!(receive(told).id(), MACH_NOTIFY_DEAD_NAME);
            until_all_sleep();
            for (port, receiver) in [first, second].into_iter().zip(receivers) {
                assert_eq!(end(port, receiver), [MACH_NOTIFY_SEND_ONCE; 2]);
            }
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..4).map(|_| receive(serving).remote()).collect();
            line.go();
            thread::park();
            drop(rights);
        },
    );
}

#[test]
fn the_way_back_was_given_up() {
    apart(
        "idle::the_way_back_was_given_up",
        |line, _| {
            let (serving, moving) = begin(&line);
            let (staying, dying) = (made::port(), made::port());
            for (id, port) in [moving, staying, staying, dying].into_iter().enumerate() {
                ask_at(serving, port, id as i32);
            }
            let receivers = [receiver(staying, true), receiver(line.own, false)];
            line.go();
            made::kill(dying);
            // With the port that moves the link's other slots become links: nothing comes back by it any more.
            line.letter()
                .port(moving, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            until_all_sleep();
            line.go();
            // The sending end is still there.
            assert_eq!(type_of(serving), Ok(MACH_PORT_TYPE_SEND));
            let [replies, own] = receivers;
            let own = end(line.own, own);
            assert!(own.is_empty() || own == [50]);
            assert_eq!(deallocate(serving), KERN_SUCCESS);
            if own.is_empty() {
                line.wait();
            }
            assert_eq!(end(staying, replies), [1, 2]);
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..4).map(|_| receive(serving).remote()).collect();
            line.wait();
            let waiting = receiver(serving, false);
            let (moved, _) = line.next().only_port();
            for (id, &right) in (0..3).zip(&rights) {
                reply(right, id);
            }
            assert_eq!(type_of(rights[3]), Ok(MACH_PORT_TYPE_DEAD_NAME));
            assert_eq!(heard(moved, 1), [0]);
            until_all_sleep();
            line.wait();
            line.letter().id(50).send();
            until_all_sleep();
            assert_eq!(end(serving, waiting), [0; 0]);
        },
    );
}

#[test]
fn the_last_send_right_was_given_up() {
    apart(
        "idle::the_last_send_right_was_given_up",
        |line, _| {
            let (serving, replies) = begin(&line);
            let dying = made::port();
            ask_at(serving, replies, 0);
            ask_at(serving, dying, 1);
            line.go();
            assert_eq!(deallocate(serving), KERN_SUCCESS);
            made::kill(dying);
            let receiver = receiver(replies, true);
            line.wait();
            until_all_sleep();
            line.go();
            line.wait();
            until_all_sleep();
            assert_eq!(end(replies, receiver), [0]);
        },
        |line| {
            let serving = begun(&line);
            let rights: Vec<_> = (0..2).map(|_| receive(serving).remote()).collect();
            line.wait();
            let waiting = receiver(serving, true);
            while type_of(rights[1]) == Ok(MACH_PORT_TYPE_SEND_ONCE) {
                thread::yield_now();
            }
            until_all_sleep();
            line.go();
            line.wait();
            reply(rights[0], 0);
            until_all_sleep();
            line.go();
            assert_eq!(end(serving, waiting), [0; 0]);
        },
    );
}
