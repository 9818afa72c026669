//! Descriptors that take for ever to be closed: a connection that lingers over what its other side never reads, as what is
//! too much in a packet, as an end of a link, inside a carrier, unread in a queue, as a file. Whoever drops them goes on.
//!
//! The liar's side of the connection reads nothing until the victim has gone on: no time is measured.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use mach_ports::ffi::message::{
    MACH_MSG_IPC_SPACE, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND,
    MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_RCV_BODY_ERROR, MACH_RCV_TIMED_OUT,
};
use nix::sys::socket::{SockType, setsockopt, sockopt};
use rendezvous_tests::forked::forked;
use rendezvous_tests::holding::{as_many, descriptors, limit_descriptors};
use rendezvous_tests::letter::{Letter, SOON, drain, receive, receive_with};
use rendezvous_tests::raw::{deallocate, made};
use rendezvous_tests::second::{
    alone, check_in, look_up, serve, service_name, tell_name, told_name, two,
};

use super::fuse;
use super::packet::{
    ADD_LINK, BULK, Bytes, CARRIER, MESSAGE, RIGHT_NULL, RIGHT_ONCE, RIGHT_RECEIVE, RIGHT_SEND,
    carrying, message, packet, right,
};
use super::socket::{self, link_to, pair};

const SEND: u8 = 17;
const ONCE: u8 = 18;
const RECEIVE: u8 = 16;
const RIGHT_SEMAPHORE: u32 = 5;
const RIGHT_MEMORY: u32 = 6;
const RIGHT_FILE: u32 = 7;

/// What a liar does by a link with what lingers, in words and as it is done.
type Deed = (&'static str, fn(&OwnedFd, &OwnedFd));

/// What holds up whoever closes it, and what lets go of it.
type HeldUp = fn() -> Result<(OwnedFd, Box<dyn std::any::Any>), String>;

/// A connection that lingers; a file of which the liar serves the file system.
const KINDS: [HeldUp; 2] = [
    || {
        let (held, other) = lingering();
        Ok((held, Box::new(other)))
    },
    || {
        let (held, served) = fuse::file()?;
        Ok((held, Box::new(served)))
    },
];

/// The kinds that are to be had here, as both sides find.
fn kinds() -> Vec<HeldUp> {
    let had = |kind: &HeldUp| match kind() {
        Ok((held, other)) => {
            drop(other);
            drop(held);
            true
        }
        Err(why) => {
            eprintln!("without a file system of the liar's own: {why}");
            false
        }
    };
    KINDS.into_iter().filter(had).collect()
}

/// A connection that whoever closes it last waits for, and its other side.
fn lingering() -> (OwnedFd, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    // Little is enough, and there may be many.
    setsockopt(&listener, sockopt::RcvBuf, &2048).expect("a socket");
    let stream = TcpStream::connect(listener.local_addr().expect("a port")).expect("a way");
    setsockopt(&stream, sockopt::SndBuf, &4096).expect("a socket");
    let (other, _) = listener.accept().expect("a connection");
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 10_000,
    };
    setsockopt(&stream, sockopt::Linger, &linger).expect("a socket");
    stream.set_nonblocking(true).expect("a socket");
    while std::io::Write::write(&mut &stream, &[0; 65_536]).is_ok() {}
    (stream.into(), other)
}

/// Each deed, with what is of each kind.
fn each_kind(deeds: fn() -> Vec<Deed>) -> impl Iterator<Item = (HeldUp, Deed)> {
    let each = move |kind| deeds().into_iter().map(move |deed| (kind, deed));
    kinds().into_iter().flat_map(each)
}

/// Closes this side's descriptor, which may be the last, where the victim was quick.
fn let_go(held: OwnedFd) {
    std::thread::spawn(move || drop(held));
}

fn plain(id: i32) -> Vec<u8> {
    let payload = message(id, 0, 0, 0, 0).then(right(RIGHT_NULL, [0; 4]));
    packet(MESSAGE, 0, 0, payload)
}

/// A message with one right of a kind.
fn one(disposition: u8, kind: u32) -> Vec<u8> {
    packet(MESSAGE, 0, 1, carrying(1, disposition, right(kind, [0; 4])))
}

/// A message with a receive right of one link.
fn port() -> Vec<u8> {
    let carried = right(RIGHT_RECEIVE, [0; 4])
        .then(Bytes::default().u32(5).u32(1).u32(0).u32(0))
        .then(Bytes::default().u64(77).u32(0))
        .then(right(RIGHT_NULL, [0; 4]))
        .then(right(RIGHT_NULL, [0; 4]));
    packet(MESSAGE, 0, 1, carrying(1, RECEIVE, carried))
}

/// A socket that has a packet with a descriptor in its queue, and nobody at its other side.
fn full_of(held: &OwnedFd) -> OwnedFd {
    let (end, other) = pair(SockType::SeqPacket);
    socket::send(&other, b"x", &[held]);
    end
}

/// What a liar sends by a link of its own, where the packet is refused.
fn refused() -> Vec<Deed> {
    vec![
        ("too many descriptors", |link, held| {
            socket::send(link, &plain(1), &[held])
        }),
        ("no packet at all", |link, held| {
            socket::send(link, b"nothing", &[held])
        }),
        ("as the end of a link", |link, held| {
            socket::send(
                link,
                &packet(ADD_LINK, 0, 1, Bytes::default().u64(5).u32(0)),
                &[held],
            );
        }),
        ("as a send right", |link, held| {
            socket::send(link, &one(SEND, RIGHT_SEND), &[held])
        }),
        ("as a send-once right", |link, held| {
            socket::send(link, &one(ONCE, RIGHT_ONCE), &[held]);
        }),
        ("as a link of a port", |link, held| {
            socket::send(link, &port(), &[held])
        }),
        ("as memory", |link, held| {
            socket::send(link, &one(SEND, RIGHT_MEMORY), &[held])
        }),
        ("as what a long packet is in", |link, held| {
            socket::send(
                link,
                &super::packet::with_length(MESSAGE, BULK, 64, 0, Bytes::default()),
                &[held],
            );
        }),
        ("as a carrier", |link, held| {
            socket::send(
                link,
                &packet(MESSAGE, CARRIER, 1, Bytes::default()),
                &[held],
            );
        }),
        ("inside a carrier", |link, held| {
            socket::send(
                link,
                &packet(MESSAGE, CARRIER, 1, Bytes::default()),
                &[&full_of(held)],
            );
        }),
        ("inside a carrier, too many", |link, held| {
            let (end, other) = pair(SockType::SeqPacket);
            socket::send(&other, b"x", &[held, held]);
            socket::send(
                link,
                &packet(MESSAGE, CARRIER, 1, Bytes::default()),
                &[&end],
            );
        }),
        ("left inside a carrier", |link, held| {
            let (end, other) = pair(SockType::SeqPacket);
            socket::send(&other, b"x", &[&pair(SockType::SeqPacket).0]);
            socket::send(&other, b"x", &[held]);
            socket::send(
                link,
                &packet(MESSAGE, CARRIER, 1, Bytes::default()),
                &[&end],
            );
        }),
        ("in the queue of a socket that is too many", |link, held| {
            socket::send(link, &plain(1), &[&full_of(held)]);
        }),
        ("behind a packet that is refused", |link, held| {
            socket::send(link, b"nothing", &[]);
            // The victim may have ended the link already.
            let rights = [held.as_raw_fd()];
            let rights = [nix::sys::socket::ControlMessage::ScmRights(&rights)];
            let bytes = [std::io::IoSlice::new(b"x")];
            let flags = nix::sys::socket::MsgFlags::MSG_NOSIGNAL;
            let _ = nix::sys::socket::sendmsg::<()>(link.as_raw_fd(), &bytes, &rights, flags, None);
        }),
    ]
}

/// What a liar sends that arrives as a message, whose right the victim then gives up.
fn taken() -> Vec<Deed> {
    vec![
        ("a file", |link, held| {
            socket::send(link, &one(SEND, RIGHT_FILE), &[held])
        }),
        ("what is no semaphore", |link, held| {
            socket::send(link, &one(SEND, RIGHT_SEMAPHORE), &[held]);
        }),
        ("in the queue of a send right", |link, held| {
            socket::send(link, &one(SEND, RIGHT_SEND), &[&full_of(held)]);
        }),
        ("in the queue of a send-once right", |link, held| {
            socket::send(link, &one(ONCE, RIGHT_ONCE), &[&full_of(held)]);
        }),
    ]
}

/// Waits until all that lingered has been closed.
fn closed() {
    let patience = rendezvous_tests::LONG;
    assert!(mach_ports::platform::wait_for_closings(patience));
}

/// What has nothing to do with the liar.
fn works(other: u32) {
    Letter::to(other, MACH_MSG_TYPE_COPY_SEND).id(7).send();
    assert_eq!(drain(other), [7]);
    // A descriptor of the task's own that comes and goes.
    let once = made::port();
    let letter = Letter::to(other, MACH_MSG_TYPE_COPY_SEND).id(8);
    letter.port(once, MACH_MSG_TYPE_MAKE_SEND_ONCE).send();
    let _ = receive(other);
    made::kill(once);
}

#[test]
fn what_lingers_in_a_packet_that_is_refused_keeps_nobody() {
    two(
        "lingering::what_lingers_in_a_packet_that_is_refused_keeps_nobody",
        |line, _| {
            let other = made::port_with_send();
            let victim = serve(&line);
            for (what, _) in kinds().iter().flat_map(|_| refused()) {
                // By another link, behind what is refused.
                assert_eq!(receive(victim).id(), 9, "{what}");
                works(other);
                line.go();
                line.wait();
            }
            closed();
        },
        |line| {
            let service = told_name(&line);
            for (kind, (_, send)) in each_kind(refused) {
                let link = link_to(&service);
                let (held, other) = kind().expect("it is to be had");
                send(&link, &held);
                let_go(held);
                socket::send(&link_to(&service), &plain(9), &[]);
                line.wait();
                // With something unread it is over at once.
                drop(other);
                line.go();
            }
        },
    );
}

#[test]
fn what_lingers_in_a_right_keeps_nobody_who_gives_it_up() {
    two(
        "lingering::what_lingers_in_a_right_keeps_nobody_who_gives_it_up",
        |line, _| {
            let other = made::port_with_send();
            let victim = serve(&line);
            for (what, _) in kinds().iter().flat_map(|_| taken()) {
                let (name, _) = receive(victim).only_port();
                // What is none arrives as a dead name.
                if name != u32::MAX {
                    assert_eq!(deallocate(name), 0, "{what}");
                }
                works(other);
                line.go();
                line.wait();
            }
            closed();
        },
        |line| {
            let service = told_name(&line);
            for (kind, (_, send)) in each_kind(taken) {
                let link = link_to(&service);
                let (held, other) = kind().expect("it is to be had");
                send(&link, &held);
                let_go(held);
                line.wait();
                drop(other);
                line.go();
            }
        },
    );
}

#[test]
fn what_lingers_unread_keeps_nobody_who_ends_its_port() {
    two(
        "lingering::what_lingers_unread_keeps_nobody_who_ends_its_port",
        |line, _| {
            let other = made::port_with_send();
            for _ in 0..3 * kinds().len() {
                let victim = serve(&line);
                line.wait();
                // Those that were never taken up, with what they said.
                made::kill(victim);
                works(other);
                line.go();
                line.wait();
            }
            closed();
        },
        |line| {
            let hows = || vec![0, 1, 2];
            let each = kinds().into_iter();
            for (kind, how) in each.flat_map(|kind| hows().into_iter().map(move |how| (kind, how)))
            {
                let service = told_name(&line);
                let link = link_to(&service);
                let (held, other) = kind().expect("it is to be had");
                match how {
                    0 => socket::send(&link, b"x", &[&held]),
                    1 => socket::send(&link, &plain(1), &[&full_of(&held)]),
                    _ => {
                        socket::send(&link, &plain(1), &[]);
                        socket::send(&link, &one(SEND, RIGHT_FILE), &[&held]);
                    }
                }
                let_go(held);
                line.go();
                line.wait();
                drop(other);
                line.go();
            }
        },
    );
}

/// What finds no number is closed by the kernel below, in the very read that brings it.
#[test]
fn what_lingers_and_finds_no_number_keeps_nobody() {
    const TEST: &str = "lingering::what_lingers_and_finds_no_number_keeps_nobody";
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let other = made::port_with_send();
                limit_descriptors(descriptors() as u64 + 100);
                // It is seen with the kernel's next tick.
                std::thread::sleep(Duration::from_millis(20));
                let victim = serve(&line);
                for _ in 0..2 {
                    // The link is there before there is no number left for it.
                    assert_eq!(receive(victim).id(), 1);
                    works(other);
                    let full = fill_table();
                    line.go();
                    line.wait();
                    let next = |timeout| receive_with(victim, 0, timeout).map(|mail| mail.id());
                    assert_eq!(next(100), Err(MACH_RCV_TIMED_OUT));
                    Letter::to(other, MACH_MSG_TYPE_COPY_SEND).id(7).send();
                    assert_eq!(drain(other), [7]);
                    line.go();
                    line.wait();
                    // It is closed now, and what it came with is there.
                    assert_eq!(next(SOON), Err(MACH_RCV_BODY_ERROR | MACH_MSG_IPC_SPACE));
                    drop(full);
                    works(other);
                    line.go();
                }
                closed();
            },
            |line| {
                let service = told_name(&line);
                for _ in 0..2 {
                    let link = link_to(&service);
                    socket::send(&link, &plain(1), &[]);
                    line.wait();
                    let (held, other) = lingering();
                    socket::send(&link, &one(SEND, RIGHT_FILE), &[&held]);
                    // The one in the packet is the last.
                    drop(held);
                    line.go();
                    line.wait();
                    drop(other);
                    line.go();
                    line.wait();
                }
            },
        )
    });
}

/// Opens as many descriptors as there may be.
fn fill_table() -> Vec<OwnedFd> {
    let null: OwnedFd = File::open("/dev/null").expect("it is there").into();
    let copies = std::iter::repeat_with(|| null.try_clone());
    let mut full: Vec<_> = copies.map_while(Result::ok).collect();
    full.push(null);
    full
}

/// How many descriptors linger in the end, each of which the liar has, its other side, and what waits for the victim; and how
/// many the victim may have.
fn many() -> usize {
    as_many(960, 3) / EACH * EACH
}
const FEW: u64 = 300;
/// How many come in a packet: more than there are threads that close.
const EACH: usize = 24;

#[test]
fn however_many_linger_others_are_served() {
    const TEST: &str = "lingering::however_many_linger_others_are_served";
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let service = service_name();
                let victim = check_in(&service).expect("a service");
                tell_name(&line, &service);
                line.wait();
                limit_descriptors(FEW);
                // What is wrong is read on the way to what is not there.
                for _ in 0..many() / EACH {
                    let _ = receive_with(victim, 0, 0);
                }
                let open = descriptors();
                assert!((open as u64) < FEW, "{open}");
                let honest = forked(|| {
                    let service = look_up(&service).expect("the service");
                    let ports = [(); 3].map(|()| made::port());
                    let letter = Letter::to(service, MACH_MSG_TYPE_COPY_SEND).id(1000);
                    let with = |letter: Letter, port| letter.port(port, MACH_MSG_TYPE_MAKE_SEND);
                    ports.into_iter().fold(letter, with).send();
                });
                honest.wait();
                // Of some only an id is left.
                let mail = std::iter::repeat_with(|| receive_with(victim, 0, SOON))
                    .take(many())
                    .flatten()
                    .find(|mail| mail.id() == 1000)
                    .expect("an honest message");
                assert_eq!(mail.items().len(), 3);
                line.go();
                line.wait();
                closed();
                let left = descriptors();
                assert!(left < 100, "{left}");
            },
            |line| {
                let service = told_name(&line);
                let mut others = Vec::new();
                for _ in 0..many() / EACH {
                    let link = link_to(&service);
                    let (held, sides): (Vec<_>, Vec<_>) = (0..EACH).map(|_| lingering()).unzip();
                    socket::send(&link, &plain(1), &held.iter().collect::<Vec<_>>());
                    others.extend(sides);
                    // The victim has not read them, so that these are not the last ones.
                    drop(held);
                }
                line.go();
                line.wait();
                drop(others);
                line.go();
            },
        )
    });
}
