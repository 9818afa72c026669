//! Packets that break a rule.

use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use mach_ports::ffi::message::MACH_RCV_TIMED_OUT;
use mach_ports::ffi::port::MACH_PORT_NULL;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{Shutdown, SockType, shutdown};
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::letter::{SOON, poll as poll_port, receive, receive_with};
use rendezvous_tests::raw;
use rendezvous_tests::second::{alone, check_in, service_name, tell_name, told_name, two};

use super::packet::{
    ADD_LINK, BULK, Bytes, CARRIER, MESSAGE, RIGHT_MEMORY, RIGHT_NULL, RIGHT_ONCE, RIGHT_RECEIVE,
    RIGHT_SEND, body_of, carrying, item, message, packet, right, with_length,
};
use super::socket::{self, link_to, pair};

const SEND: u8 = 17;
const ONCE: u8 = 18;
const RECEIVE: u8 = 16;

/// A packet with its descriptors, and what is wrong with it.
struct Wrong {
    why: &'static str,
    bytes: Vec<u8>,
    descriptors: Vec<OwnedFd>,
}

fn wrong(why: &'static str, bytes: Vec<u8>, descriptors: Vec<OwnedFd>) -> Wrong {
    Wrong {
        why,
        bytes,
        descriptors,
    }
}

fn end() -> OwnedFd {
    pair(SockType::SeqPacket).1
}

fn null() -> Bytes {
    right(RIGHT_NULL, [0; 4])
}

/// A simple message without anything.
fn plain() -> Bytes {
    message(1, 0, 0, 0, 0).then(null())
}

fn carrying_send() -> Bytes {
    carrying(1, SEND, right(RIGHT_SEND, [1; 4]))
}

fn memory(sized: u64) -> OwnedFd {
    let fd = memfd_create(c"lie", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING);
    let fd = fd.expect("a memfd");
    nix::unistd::ftruncate(&fd, sized as i64).expect("its size");
    fd
}

fn pipe() -> OwnedFd {
    nix::unistd::pipe().expect("a pipe").0
}

fn file() -> OwnedFd {
    std::fs::File::open("/dev/null").expect("a file").into()
}

fn tcp() -> OwnedFd {
    std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a socket")
        .into()
}

fn epoll() -> OwnedFd {
    let flags = nix::sys::epoll::EpollCreateFlags::EPOLL_CLOEXEC;
    nix::sys::epoll::Epoll::new(flags).expect("an epoll").0
}

/// Bytes that are wrong by themselves.
fn wrong_bytes() -> Vec<Wrong> {
    let port = |qlimit: u32, links: u32, messages: u32, services: u32| {
        let port = Bytes::default()
            .u32(qlimit)
            .u32(links)
            .u32(messages)
            .u32(services);
        carrying(1, RECEIVE, right(RIGHT_RECEIVE, [0; 4]).then(port))
    };
    let mut magic = packet(MESSAGE, 0, 0, plain());
    magic[0] ^= 1;
    let mut deep = null();
    for _ in 0..40 {
        // A receive right in the queue of a receive right, and so on.
        let port = Bytes::default()
            .u32(5)
            .u32(0)
            .u32(1)
            .u32(0)
            .then(null())
            .then(null());
        let inner = carrying(
            1,
            RECEIVE,
            right(RIGHT_RECEIVE, [0; 4]).then(port).then(deep),
        );
        deep = inner;
    }
    vec![
        wrong("one byte", vec![0], vec![]),
        wrong("magic", magic, vec![]),
        wrong("kind", packet(99, 0, 0, plain()), vec![]),
        wrong(
            "shorter than it says",
            with_length(MESSAGE, 0, 9999, 0, plain()),
            vec![],
        ),
        wrong(
            "longer than it says",
            with_length(MESSAGE, 0, 4, 0, plain()),
            vec![],
        ),
        wrong(
            "no message",
            packet(MESSAGE, 0, 0, Bytes::default()),
            vec![],
        ),
        wrong(
            "something left over",
            packet(MESSAGE, 0, 0, plain().u32(0)),
            vec![],
        ),
        wrong(
            "body too long",
            packet(MESSAGE, 0, 0, message(1, 0, 0, 1 << 30, 0).then(null())),
            vec![],
        ),
        wrong(
            "odd body",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 0, 0, 3, 0).then(null()).u8(0).u16(0),
            ),
            vec![],
        ),
        wrong(
            "items of a simple message",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 0, 0, 0, 1)
                    .then(null())
                    .then(item(0, 0, 0, 0))
                    .then(null()),
            ),
            vec![],
        ),
        wrong(
            "more items than bytes",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 1, 0, 16, u32::MAX).then(null()).then(body_of(1)),
            ),
            vec![],
        ),
        wrong(
            "a count that differs",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 1, 0, 28, 1)
                    .then(null())
                    .then(body_of(2))
                    .then(item(0, SEND, 0, 0))
                    .then(null()),
            ),
            vec![],
        ),
        wrong(
            "kind of item",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 1, 0, 16, 1)
                    .then(null())
                    .then(body_of(1))
                    .then(item(77, SEND, 0, 0))
                    .then(null()),
            ),
            vec![],
        ),
        wrong(
            "kind of right",
            packet(MESSAGE, 0, 0, carrying(1, SEND, right(88, [0; 4]))),
            vec![],
        ),
        wrong(
            "disposition",
            packet(MESSAGE, 0, 0, carrying(1, 99, null())),
            vec![],
        ),
        wrong(
            "reply disposition",
            packet(MESSAGE, 0, 0, message(1, 0, 99, 0, 0).then(null())),
            vec![],
        ),
        wrong(
            "an array longer than the packet",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 1, 0, 20, 1)
                    .then(null())
                    .then(body_of(1).u32(0))
                    .then(item(2, SEND, 0, u32::MAX)),
            ),
            vec![],
        ),
        wrong(
            "memory longer than the packet",
            packet(
                MESSAGE,
                0,
                0,
                message(1, 1, 0, 20, 1)
                    .then(null())
                    .then(body_of(1).u32(0))
                    .then(item(1, 0, 0, u32::MAX)),
            ),
            vec![],
        ),
        wrong(
            "queue limit",
            packet(
                MESSAGE,
                0,
                0,
                port(1 << 20, 0, 0, 0).then(null()).then(null()),
            ),
            vec![],
        ),
        wrong(
            "more links than bytes",
            packet(MESSAGE, 0, 0, port(5, u32::MAX, 0, 0)),
            vec![],
        ),
        wrong(
            "more messages than bytes",
            packet(
                MESSAGE,
                0,
                0,
                port(5, 0, u32::MAX, 0).then(null()).then(null()),
            ),
            vec![],
        ),
        wrong(
            "more names than bytes",
            packet(
                MESSAGE,
                0,
                0,
                port(5, 0, 0, u32::MAX).then(null()).then(null()),
            ),
            vec![],
        ),
        wrong(
            "a request that is no send-once right",
            packet(
                MESSAGE,
                0,
                1,
                port(5, 0, 0, 0)
                    .then(right(RIGHT_SEND, [1; 4]))
                    .then(null()),
            ),
            vec![end()],
        ),
        wrong(
            "receive rights too deep",
            packet(MESSAGE, 0, 0, deep),
            vec![],
        ),
    ]
}

/// Descriptors that are not what they are said to be, or not as many.
fn wrong_descriptors() -> Vec<Wrong> {
    let send = || packet(MESSAGE, 0, 1, carrying_send());
    let sealed = |count| {
        let head = message(1, 1, 0, 20, 1).then(null()).then(body_of(1).u32(0));
        packet(MESSAGE, 0, 1, head.then(item(1, 0, 4, count)))
    };
    let entry = carrying(1, SEND, right(RIGHT_MEMORY, [0, 4096, 0, 0]));
    let (carrier, into) = pair(SockType::SeqPacket);
    socket::send(&into, &[0], &[&carrier]);
    let (starved, _) = pair(SockType::SeqPacket);
    vec![
        wrong(
            "no descriptor",
            packet(MESSAGE, 0, 0, carrying_send()),
            vec![],
        ),
        wrong(
            "fewer than it says",
            packet(MESSAGE, 0, 2, carrying_send()),
            vec![end()],
        ),
        wrong("more than it says", send(), vec![end(), end()]),
        wrong(
            "more than it speaks of",
            packet(MESSAGE, 0, 2, carrying_send()),
            vec![end(), end()],
        ),
        wrong(
            "descriptors of a plain message",
            packet(MESSAGE, 0, 1, plain()),
            vec![end()],
        ),
        wrong("a pipe as a send right", send(), vec![pipe()]),
        wrong("a file as a send right", send(), vec![file()]),
        wrong("a TCP socket as a send right", send(), vec![tcp()]),
        wrong("an epoll as a send right", send(), vec![epoll()]),
        wrong(
            "a stream as a send right",
            send(),
            vec![pair(SockType::Stream).0],
        ),
        wrong(
            "datagrams as a send right",
            send(),
            vec![pair(SockType::Datagram).0],
        ),
        wrong("a memfd as a send right", send(), vec![memory(4096)]),
        wrong(
            "a pipe as a send-once right",
            packet(MESSAGE, 0, 1, carrying(1, ONCE, right(RIGHT_ONCE, [0; 4]))),
            vec![pipe()],
        ),
        wrong(
            "a file as a further link",
            packet(ADD_LINK, 0, 1, Bytes::default().u64(1).u32(0)),
            vec![file()],
        ),
        wrong(
            "memory that is not sealed",
            sealed(4096),
            vec![memory(4096)],
        ),
        wrong(
            "memory that can shrink",
            packet(MESSAGE, 0, 1, entry),
            vec![memory(4096)],
        ),
        wrong("a pipe as memory", sealed(4096), vec![pipe()]),
        wrong(
            "bulk that is not sealed",
            with_length(MESSAGE, BULK, 4096, 0, Bytes::default()),
            vec![memory(4096)],
        ),
        wrong(
            "bulk that is a file",
            with_length(MESSAGE, BULK, 4096, 0, Bytes::default()),
            vec![file()],
        ),
        wrong(
            "no bulk",
            with_length(MESSAGE, BULK, 4096, 0, Bytes::default()),
            vec![],
        ),
        wrong(
            "a carrier that carries itself",
            packet(MESSAGE, CARRIER, 300, carrying_send()),
            vec![carrier],
        ),
        wrong(
            "a carrier with nothing in it",
            packet(MESSAGE, CARRIER, 300, carrying_send()),
            vec![starved],
        ),
        wrong(
            "a carrier that is a pipe",
            packet(MESSAGE, CARRIER, 300, carrying_send()),
            vec![pipe()],
        ),
        wrong(
            "no carrier",
            packet(MESSAGE, CARRIER, 1, carrying_send()),
            vec![],
        ),
    ]
}

/// Waits until the other side has closed a link.
fn wait_until_closed(link: &OwnedFd, why: &str) {
    let mut fds = [PollFd::new(link.as_fd(), PollFlags::empty())];
    let timeout = PollTimeout::try_from(SOON).expect("a short time");
    let ready = poll(&mut fds, timeout).expect("a poll");
    assert_eq!(ready, 1, "{why}: the link is still open");
}

#[test]
fn what_breaks_a_rule_is_dropped_whole() {
    const TEST: &str = "malformed::what_breaks_a_rule_is_dropped_whole";
    // Alone, so that nobody else's names and descriptors are counted.
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let service = service_name();
                let victim = check_in(&service).expect("a service");
                // Once in vain, and once around with an honest link, so that all that is made at the first wait, or at
                // the first use, is there.
                for port in [victim, line.own] {
                    let waited = receive_with(port, 0, 1).map(|message| message.id());
                    assert_eq!(waited, Err(MACH_RCV_TIMED_OUT));
                }
                tell_name(&line, &service);
                assert_eq!(receive(victim).id(), 1);
                let names = raw::names().expect("names").len();
                let open = descriptors();
                line.go();
                loop {
                    line.wait();
                    // The honest link is served, and nothing else has come.
                    let message = receive(victim);
                    assert!(!message.is_complex() && message.remote() == MACH_PORT_NULL);
                    let more = poll_port(victim).map(|message| message.id());
                    assert_eq!(more, None, "after {}", message.id());
                    assert_eq!(
                        raw::names().expect("names").len(),
                        names,
                        "after {}",
                        message.id()
                    );
                    assert_eq!(descriptors(), open, "after {}", message.id());
                    line.go();
                    if message.id() == 0 {
                        break;
                    }
                }
            },
            |line| {
                let service = told_name(&line);
                let honest = link_to(&service);
                let honestly = |id| {
                    let plain = message(id, 0, 0, 0, 0).then(null());
                    socket::send(&honest, &packet(MESSAGE, 0, 0, plain), &[]);
                };
                honestly(1);
                line.wait();
                let next = |id, link: &OwnedFd, why| {
                    honestly(id);
                    line.go();
                    wait_until_closed(link, why);
                    line.wait();
                };
                let all = wrong_bytes().into_iter().chain(wrong_descriptors());
                for (id, wrong) in (2..).zip(all) {
                    let link = link_to(&service);
                    let descriptors: Vec<&OwnedFd> = wrong.descriptors.iter().collect();
                    socket::send(&link, &wrong.bytes, &descriptors);
                    next(id, &link, wrong.why);
                }
                let empty = link_to(&service);
                socket::send(&empty, &[], &[]);
                next(1000, &empty, "an empty packet");
                let shut = link_to(&service);
                shutdown(shut.as_raw_fd(), Shutdown::Both).expect("a shutdown");
                next(1001, &shut, "a shutdown");
                honestly(0);
                line.go();
                line.wait();
            },
        )
    });
}
