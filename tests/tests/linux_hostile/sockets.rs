//! A peer that has a way to a port and does with the socket what it likes: it breaks its own way, and nothing else.

use std::collections::BTreeSet;
use std::io::IoSlice;
use std::os::fd::{AsRawFd, RawFd};

use mach_ports::ffi::kern_return::*;
use mach_ports::ffi::message::*;
use mach_ports::ffi::port::*;
use nix::sys::socket::{ControlMessage, MsgFlags, Shutdown, send, sendmsg, shutdown};
use rendezvous_tests::letter::{Letter, receive};
use rendezvous_tests::raw::{deallocate, destroy, made, status};
use rendezvous_tests::second::{Line, two};

/// The sockets of this process.
fn sockets() -> BTreeSet<RawFd> {
    std::fs::read_dir("/proc/self/fd")
        .expect("the open files")
        .flatten()
        .filter(|file| {
            std::fs::read_link(file.path())
                .is_ok_and(|target| target.to_string_lossy().starts_with("socket:"))
        })
        .filter_map(|file| file.file_name().to_str()?.parse().ok())
        .collect()
}

/// The next right of the line, and the socket that came with it.
fn right_and_socket(line: &Line) -> (mach_port_name_t, RawFd) {
    let before = sockets();
    let (name, _) = line.next().only_port();
    let after = sockets();
    let mut new = after.difference(&before);
    let socket = *new.next().expect("a socket for the right");
    assert_eq!(new.next(), None);
    (name, socket)
}

/// What a peer does with its socket.
type Deed = fn(RawFd);

/// What breaks the rules, whatever follows.
const DEEDS: [(&str, Deed); 8] = [
    ("shut down", |socket| {
        shutdown(socket, Shutdown::Both).expect("a socket");
    }),
    ("no more sending", |socket| {
        shutdown(socket, Shutdown::Write).expect("a socket");
    }),
    ("an empty packet", |socket| say(socket, &[])),
    ("one byte", |socket| say(socket, &[1])),
    ("zeros", |socket| say(socket, &[0; 200])),
    ("all ones", |socket| say(socket, &[0xff; 4000])),
    ("the longest packet", |socket| say(socket, &[7; 40_000])),
    ("descriptors without a message", |socket| {
        let file = std::fs::File::open("/dev/null").expect("a file");
        let files = [file.as_raw_fd(); 30];
        let rights = [ControlMessage::ScmRights(&files)];
        let bytes = [IoSlice::new(b"nothing")];
        sendmsg::<()>(socket, &bytes, &rights, MsgFlags::empty(), None).expect("room");
    }),
];

fn say(socket: RawFd, bytes: &[u8]) {
    send(socket, bytes, MsgFlags::MSG_NOSIGNAL).expect("room");
}

fn works(port: mach_port_name_t) {
    Letter::to(port, MACH_MSG_TYPE_COPY_SEND).id(9).send();
    assert_eq!(receive(port).id(), 9);
}

#[test]
fn a_peer_that_breaks_the_rules_ends_its_own_way_only() {
    two(
        "a_peer_that_breaks_the_rules_ends_its_own_way_only",
        |line, _| {
            for (deed, _) in DEEDS {
                let (port, other) = (made::port_with_send(), made::port());
                line.letter().port(port, MACH_MSG_TYPE_MAKE_SEND).send();
                line.letter()
                    .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .send();
                line.letter().port(other, MACH_MSG_TYPE_MAKE_SEND).send();
                line.wait();
                works(port);
                // The task's own right is the last; the send-once right has said its good-bye.
                assert_eq!(deallocate(port), KERN_SUCCESS);
                let now = status(port).unwrap();
                assert_eq!((now.srights, now.sorights), (0, 1), "{deed}: {now:?}");
                assert_eq!(status(other).unwrap().srights, 1, "{deed}");
                line.go();
                let mail = receive(port);
                assert_eq!(mail.id(), 2, "{deed}");
                assert_eq!(receive(other).id(), 1, "{deed}");
                for name in [port, other] {
                    assert_eq!(destroy(name), KERN_SUCCESS);
                }
            }
        },
        |line| {
            for (_, deed) in DEEDS {
                let (_port, socket) = right_and_socket(&line);
                let (once, _) = line.next().only_port();
                let (other, _) = line.next().only_port();
                deed(socket);
                line.go();
                line.wait();
                Letter::to(other, MACH_MSG_TYPE_MOVE_SEND).id(1).send();
                Letter::to(once, MACH_MSG_TYPE_MOVE_SEND_ONCE).id(2).send();
            }
        },
    );
}

#[test]
fn a_peer_that_breaks_the_rules_ends_its_send_once_right() {
    two(
        "a_peer_that_breaks_the_rules_ends_its_send_once_right",
        |line, _| {
            for (deed, _) in DEEDS {
                let port = made::port_with_send();
                line.letter()
                    .port(port, MACH_MSG_TYPE_MAKE_SEND_ONCE)
                    .send();
                line.wait();
                // As if it had been dropped.
                let mail = receive(port);
                assert_eq!((mail.id(), mail.size()), (71, 24), "{deed}");
                assert_eq!(status(port).unwrap().sorights, 0, "{deed}");
                works(port);
                assert_eq!(destroy(port), KERN_SUCCESS);
            }
        },
        |line| {
            for (_, deed) in DEEDS {
                let (_once, socket) = right_and_socket(&line);
                deed(socket);
                line.go();
            }
        },
    );
}
