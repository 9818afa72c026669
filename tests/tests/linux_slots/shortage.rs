//! Rights that need a link when there is no descriptor left.

use mach_ports::ffi::kern_return::{KERN_RESOURCE_SHORTAGE, KERN_SUCCESS};
use mach_ports::ffi::message::*;
use mach_ports::ffi::notify::{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_SEND_ONCE};
use mach_ports::ffi::port::*;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rendezvous_tests::letter::{Buffer, Letter, receive};
use rendezvous_tests::raw::{Given, deallocate, made, request_notification, status, type_of};
use rendezvous_tests::second::Line;

use super::sides::*;
use super::stopping::{go_on, stop, until_stopped};

/// Does something while the process can have no further descriptor.
fn without_descriptors<T>(body: impl FnOnce() -> T) -> T {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("a limit");
    setrlimit(Resource::RLIMIT_NOFILE, 3, hard).expect("a lower limit");
    let done = body();
    setrlimit(Resource::RLIMIT_NOFILE, soft, hard).expect("the limit it had");
    done
}

fn ask_for_dead_name(right: mach_port_name_t, told: mach_port_name_t) -> Given<mach_port_name_t> {
    let once = MACH_MSG_TYPE_MAKE_SEND_ONCE;
    request_notification(right, MACH_NOTIFY_DEAD_NAME, 0, told, once)
}

fn send_in_vain(letter: &Letter) -> Buffer {
    let mut buffer = letter.buffer(letter.size());
    let code = buffer.mach_msg(MACH_SEND_MSG, letter.size(), 0, MACH_PORT_NULL, 0);
    assert_eq!(code, MACH_SEND_NO_BUFFER);
    buffer
}

/// The requester: asks at the other side's port.
fn ask_all(line: &Line, replies: mach_port_name_t, count: usize) -> mach_port_name_t {
    let (serving, _) = line.next().only_port();
    ask_at(serving, replies, 100);
    assert_eq!(receive(replies).id(), 100);
    for id in 0..count {
        ask_at(serving, replies, id as i32);
    }
    serving
}

fn asked_all(line: &Line, count: usize) -> (mach_port_name_t, Vec<mach_port_name_t>) {
    let serving = made::port();
    line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
    reply(receive(serving).remote(), 100);
    let rights = (0..count).map(|_| receive(serving).remote()).collect();
    (serving, rights)
}

#[test]
fn a_right_that_gets_no_link_stays_what_it_is() {
    apart(
        "shortage::a_right_that_gets_no_link_stays_what_it_is",
        |line, _| {
            let replies = made::port();
            ask_all(&line, replies, 3);
            line.wait();
            assert_eq!(status(replies).unwrap().sorights, 3);
            line.go();
            assert_eq!(heard(replies, 3), [0, 1, 2]);
            assert_eq!(status(replies).unwrap().sorights, 0);
        },
        |line| {
            let (serving, rights) = asked_all(&line, 3);
            let told = made::port();
            let (forwarded, port) = without_descriptors(|| {
                // To be told of its port's death.
                assert_eq!(
                    ask_for_dead_name(rights[0], told),
                    Err(KERN_RESOURCE_SHORTAGE)
                );
                // To go on to another task, or with the port that it came to.
                let letter = line.letter().port(rights[1], MACH_MSG_TYPE_MOVE_SEND_ONCE);
                let (forwarded, _) = send_in_vain(&letter).only_port();
                let letter = line.letter().port(serving, MACH_MSG_TYPE_MOVE_RECEIVE);
                (forwarded, send_in_vain(&letter).only_port().0)
            });
            line.go();
            line.wait();
            assert_eq!(type_of(port), Ok(MACH_PORT_TYPE_RECEIVE));
            for (id, right) in [rights[0], forwarded, rights[2]].into_iter().enumerate() {
                assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_SEND_ONCE));
                reply(right, id as i32);
            }
            assert_eq!(heard(told, 1), [MACH_NOTIFY_SEND_ONCE]);
        },
    );
}

#[test]
fn rights_that_get_no_link_when_their_port_dies_die_with_it() {
    apart(
        "shortage::rights_that_get_no_link_when_their_port_dies_die_with_it",
        |line, _| {
            let replies = made::port();
            ask_all(&line, replies, 3);
            assert_eq!(heard(replies, 3), [MACH_NOTIFY_SEND_ONCE; 3]);
            assert_eq!(status(replies).unwrap().sorights, 0);
            line.go();
        },
        |line| {
            let (serving, rights) = asked_all(&line, 3);
            without_descriptors(|| made::kill(serving));
            line.wait();
            for right in rights {
                assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
            }
        },
    );
}

#[test]
fn a_link_that_finds_no_descriptor_at_the_requester_is_the_rights_end() {
    apart(
        "shortage::a_link_that_finds_no_descriptor_at_the_requester_is_the_rights_end",
        |line, _| {
            let (replies, other) = (made::port(), made::port());
            let serving = ask_all(&line, replies, 3);
            ask_at(serving, other, 3);
            line.wait();
            without_descriptors(|| {
                assert_eq!(receive(replies).id(), MACH_NOTIFY_SEND_ONCE);
            });
            line.go();
            assert_eq!(heard(replies, 2), [1, 2]);
            assert_eq!(receive(other).id(), 3);
            assert_eq!(status(replies).unwrap().sorights, 0);
            assert_eq!(type_of(serving), Ok(MACH_PORT_TYPE_SEND));
            line.go();
        },
        |line| {
            let (_serving, rights) = asked_all(&line, 4);
            let told = made::port();
            assert_eq!(ask_for_dead_name(rights[0], told), Ok(MACH_PORT_NULL));
            line.go();
            line.wait();
            assert_eq!(receive(told).id(), MACH_NOTIFY_DEAD_NAME);
            assert_eq!(type_of(rights[0]), Ok(MACH_PORT_TYPE_DEAD_NAME));
            for (id, &right) in rights.iter().enumerate().skip(1) {
                reply(right, id as i32);
            }
            line.wait();
        },
    );
}

#[test]
fn a_port_that_gets_no_links_for_its_rights_does_not_move() {
    apart(
        "shortage::a_port_that_gets_no_links_for_its_rights_does_not_move",
        |line, _| {
            let replies = made::port();
            ask_all(&line, replies, 3);
            line.wait();
            let letter = line.letter().port(replies, MACH_MSG_TYPE_MOVE_RECEIVE);
            let (replies, _) = without_descriptors(|| send_in_vain(&letter).only_port());
            line.go();
            assert_eq!(type_of(replies), Ok(MACH_PORT_TYPE_RECEIVE));
            assert_eq!(heard(replies, 3), [0, 1, 2]);
        },
        |line| {
            let (_serving, rights) = asked_all(&line, 3);
            line.go();
            line.wait();
            for (id, &right) in rights.iter().enumerate() {
                reply(right, id as i32);
            }
        },
    );
}

#[test]
fn links_that_find_no_descriptors_at_the_replier_are_the_rights_end() {
    apart(
        "shortage::links_that_find_no_descriptors_at_the_replier_are_the_rights_end",
        |line, process| {
            let (replies, replier) = (
                made::port(),
                nix::unistd::Pid::from_raw(process.id() as i32),
            );
            ask_all(&line, replies, 3);
            until_stopped(replier);
            line.letter()
                .port(replies, MACH_MSG_TYPE_MOVE_RECEIVE)
                .send();
            go_on(replier);
            line.wait();
        },
        |line| {
            let (_serving, rights) = asked_all(&line, 3);
            without_descriptors(|| {
                stop();
                for &right in &rights {
                    assert_eq!(type_of(right), Ok(MACH_PORT_TYPE_DEAD_NAME));
                    assert_eq!(deallocate(right), KERN_SUCCESS);
                }
            });
            let (port, _) = line.next().only_port();
            assert_eq!(heard(port, 3), [MACH_NOTIFY_SEND_ONCE; 3]);
            assert_eq!(status(port).unwrap().sorights, 0);
            line.go();
        },
    );
}
