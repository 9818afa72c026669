//! A great many calls leave nothing behind: no descriptor, no name, no memory. `RENDEZVOUS_CALLS` says how many.

use std::time::Duration;

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::letter::{Item, Letter, receive};
use rendezvous_tests::raw::{deallocate, destroy, made, mod_refs, names, request_notification};
use rendezvous_tests::second::{Line, alone_for, two};

use super::sides::*;

const FEW: usize = 20_000;
/// How much more memory may be in use afterwards, in KiB: a call that left anything would take more of a million.
const SLACK: usize = 1024;
/// A call in this many is of another kind than the plainest.
const RARE: usize = 16;
const LAST: i32 = -1;

fn calls() -> usize {
    let told = std::env::var("RENDEZVOUS_CALLS").ok();
    told.map_or(FEW, |told| told.parse().expect("a number"))
}

/// What this process holds: descriptors, names, and KiB of memory of its own.
fn held() -> [usize; 3] {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let memory = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let memory = memory.and_then(|line| line.split_whitespace().next()?.parse().ok());
    [
        descriptors(),
        names().expect("the names").len(),
        memory.expect("a size"),
    ]
}

fn assert_same(before: [usize; 3], after: [usize; 3]) {
    assert_eq!(after[..2], before[..2]);
    assert!(after[2] <= before[2] + SLACK, "{after:?} from {before:?}");
}

/// What the replier does with the right of a request with this id.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Replies,
    GivesUp,
    RepliesWithRight,
    MakesLink,
    LongReply,
}

fn kind(id: usize) -> Kind {
    if !id.is_multiple_of(RARE) {
        return Kind::Replies;
    }
    match id / RARE % 4 {
        0 => Kind::GivesUp,
        1 => Kind::RepliesWithRight,
        2 => Kind::MakesLink,
        _ => Kind::LongReply,
    }
}

fn call(serving: mach_port_name_t, replies: mach_port_name_t, id: usize) {
    ask_at(serving, replies, id as i32);
    let mail = receive_large(replies);
    match kind(id) {
        Kind::GivesUp => assert_eq!(mail.id(), MACH_NOTIFY_SEND_ONCE),
        Kind::RepliesWithRight => assert_eq!(deallocate(mail.only_port().0), KERN_SUCCESS),
        _ => assert_eq!(mail.id(), id as i32),
    }
}

fn serve(serving: mach_port_name_t, own: mach_port_name_t) -> bool {
    let mail = receive(serving);
    if mail.id() == LAST {
        return false;
    }
    let right = mail.remote();
    let answer = Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(mail.id());
    match kind(mail.id() as usize) {
        Kind::Replies => match answer.try_send() {
            MACH_MSG_SUCCESS => {}
            code => {
                // Its port was known to be dead, from the first or since then.
                assert_eq!(code, MACH_SEND_INVALID_DEST);
                assert!(right == MACH_PORT_DEAD || destroy(right) == KERN_SUCCESS);
            }
        },
        Kind::GivesUp => assert_eq!(deallocate(right), KERN_SUCCESS),
        Kind::RepliesWithRight => answer.port(own, MACH_MSG_TYPE_MAKE_SEND).send(),
        Kind::LongReply => answer.inline(&[0; 40_000]).send(),
        Kind::MakesLink => {
            let told = made::port();
            let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
            let asked = request_notification(right, MACH_NOTIFY_DEAD_NAME, 0, told, once);
            assert_eq!(asked, Ok(MACH_PORT_NULL));
            answer.send();
            // The request ended with the right.
            assert!(receive(told).size() > 0);
            made::kill(told);
        }
    }
    true
}

/// Calls with a port for all, a port for each, and a port that dies before it hears.
fn all(line: &Line, serving: mach_port_name_t, replies: mach_port_name_t, count: usize) {
    for id in 1..=count {
        if id % (4 * RARE) == 1 {
            let fresh = made::port();
            call(serving, fresh, id);
            made::kill(fresh);
        } else if id % (4 * RARE) == 2 {
            let dying = made::port();
            ask_at(serving, dying, id as i32);
            made::kill(dying);
        } else {
            call(serving, replies, id);
        }
    }
    // All before this has been answered.
    call(serving, replies, 1);
    line.go();
    line.wait();
}

#[test]
fn many_calls_leave_nothing_behind() {
    let test = "many::many_calls_leave_nothing_behind";
    let limit = Duration::from_secs(60 + calls() as u64 / 500);
    alone_for(test, limit, || {
        two(
            test,
            |line, _| {
                let (serving, replies) = begin(&line);
                all(&line, serving, replies, calls().div_ceil(10));
                let before = held();
                all(&line, serving, replies, calls());
                assert_same(before, held());
                Letter::to(serving, MACH_MSG_TYPE_COPY_SEND).id(LAST).send();
            },
            |line| {
                let serving = begun(&line);
                let mut before = None;
                for count in [calls().div_ceil(10), calls()] {
                    for _ in 0..=count {
                        assert!(serve(serving, line.own));
                    }
                    line.wait();
                    let now = held();
                    assert_same(*before.get_or_insert(now), now);
                    line.go();
                }
                assert!(!serve(serving, line.own));
            },
        );
    });
}

/// A link may bring as many others as are wanted, one after the other.
#[test]
fn a_link_never_has_brought_too_many() {
    const MANY: usize = 5_000;
    const AT_ONCE: usize = 50;
    apart(
        "many::a_link_never_has_brought_too_many",
        |line, _| {
            let (serving, replies) = begin(&line);
            // Links for rights that were slots.
            for id in 0..MANY {
                ask_at(serving, replies, id as i32);
                assert_eq!(receive(replies).id(), id as i32);
            }
            // Links of further rights to the port.
            for _ in 0..MANY / AT_ONCE {
                let copies = (0..AT_ONCE).fold(line.letter(), |letter, _| {
                    letter.port(serving, MACH_MSG_TYPE_COPY_SEND)
                });
                copies.send();
                line.wait();
            }
        },
        |line| {
            let serving = begun(&line);
            for _ in 0..MANY {
                let mail = receive(serving);
                let told = made::port();
                let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
                let asked =
                    request_notification(mail.remote(), MACH_NOTIFY_DEAD_NAME, 0, told, once);
                assert_eq!(asked, Ok(MACH_PORT_NULL));
                reply(mail.remote(), mail.id());
                made::kill(told);
            }
            for _ in 0..MANY / AT_ONCE {
                let mail = receive_large(line.own);
                for item in mail.items() {
                    let Item::Port { name, .. } = item else {
                        unreachable!()
                    };
                    assert_eq!(name, serving);
                    assert_eq!(mod_refs(name, MACH_PORT_RIGHT_SEND, -1), KERN_SUCCESS);
                }
                line.go();
            }
        },
    );
}
