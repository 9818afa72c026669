//! What both sides do in most tests.

use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::{MACH_PORT_QLIMIT_MAX, mach_port_name_t};
use rendezvous_tests::letter::{Buffer, Letter, drain, receive};
use rendezvous_tests::raw::{made, set_limit};
use rendezvous_tests::second::{Line, Process, alone, three, two, two_until_killed};

/// How many slots a link has.
pub(crate) const SLOTS: usize = 32;

/// How many sockets this process has.
pub(crate) fn sockets() -> usize {
    std::fs::read_dir("/proc/self/fd")
        .expect("the open files")
        .flatten()
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
}

/// Sends requests, each with a right to reply to a port, with ids from 0 on.
pub(crate) fn ask(line: &Line, replies: mach_port_name_t, count: usize) {
    for id in 0..count {
        request(line, replies, id as i32);
    }
}

/// Sends a request.
pub(crate) fn request(line: &Line, replies: mach_port_name_t, id: i32) {
    line.letter()
        .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .id(id)
        .send();
}

/// Sends a request to any port.
pub(crate) fn ask_at(port: mach_port_name_t, replies: mach_port_name_t, id: i32) {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND)
        .reply(replies, MACH_MSG_TYPE_MAKE_SEND_ONCE)
        .id(id)
        .send();
}

/// Receives requests: the rights to reply, by id.
pub(crate) fn asked(line: &Line, count: usize) -> Vec<mach_port_name_t> {
    let requests = (0..count).map(|id| {
        let mail = line.next();
        assert_eq!(mail.id(), id as i32);
        mail.remote()
    });
    requests.collect()
}

/// Replies through a right.
pub(crate) fn reply(right: mach_port_name_t, id: i32) {
    Letter::to(right, MACH_MSG_TYPE_MOVE_SEND_ONCE)
        .id(id)
        .send();
}

/// The ids of so many messages, sorted, after which there are no more.
pub(crate) fn heard(replies: mach_port_name_t, count: usize) -> Vec<i32> {
    let mut ids: Vec<_> = (0..count).map(|_| receive(replies).id()).collect();
    assert!(drain(replies).is_empty());
    ids.sort_unstable();
    ids
}

/// As [`receive`], with room for more.
pub(crate) fn receive_large(from: mach_port_name_t) -> Buffer {
    let mut buffer = Buffer::new(64 << 10);
    let len = buffer.len();
    let code = buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, len, from, 10_000);
    assert_eq!(code, MACH_MSG_SUCCESS);
    buffer
}

/// As [`heard`], of longer messages.
pub(crate) fn heard_large(replies: mach_port_name_t, count: usize) -> Vec<i32> {
    let mut ids: Vec<_> = (0..count).map(|_| receive_large(replies).id()).collect();
    assert!(drain(replies).is_empty());
    ids.sort_unstable();
    ids
}

/// The requester's way to a port of the other side's, with a way back, as there is from the first reply on.
pub(crate) fn begin(line: &Line) -> (mach_port_name_t, mach_port_name_t) {
    let (serving, _) = line.next().only_port();
    let replies = made::port();
    ask_at(serving, replies, 100);
    assert_eq!(receive(replies).id(), 100);
    (serving, replies)
}

/// A port whose queue limit holds nobody back.
pub(crate) fn wide() -> mach_port_name_t {
    let port = made::port();
    assert_eq!(set_limit(port, MACH_PORT_QLIMIT_MAX), KERN_SUCCESS);
    port
}

/// The other side's part of it: the port.
pub(crate) fn begun(line: &Line) -> mach_port_name_t {
    let serving = wide();
    line.letter().port(serving, MACH_MSG_TYPE_MAKE_SEND).send();
    reply(receive(serving).remote(), 100);
    serving
}

/// Has the way back be made, as it is with the first reply right, and says how many sockets there are then.
pub(crate) fn warm_up(line: &Line, replies: mach_port_name_t) -> usize {
    request(line, replies, 0);
    assert_eq!(receive(replies).id(), 100);
    sockets()
}

/// The other side's part of it.
pub(crate) fn warmed_up(line: &Line) -> usize {
    reply(asked(line, 1)[0], 100);
    sockets()
}

/// Runs a test between two processes, neither of which has anything else to do: their sockets are counted.
pub(crate) fn apart(test: &str, first: impl FnOnce(Line, &mut Process), second: impl FnOnce(Line)) {
    alone(test, || two(test, first, second));
}

/// As [`apart`], between three processes.
pub(crate) fn apart_three(
    test: &str,
    first: impl FnOnce(Line, Line),
    second: impl FnOnce(Line, Line),
    third: impl FnOnce(Line, Line),
) {
    alone(test, || three(test, first, second, third));
}

/// As [`apart`], for a test whose second side is killed.
pub(crate) fn apart_until_killed(
    test: &str,
    first: impl FnOnce(Line, &mut Process),
    second: impl FnOnce(Line),
) {
    alone(test, || two_until_killed(test, first, second));
}
