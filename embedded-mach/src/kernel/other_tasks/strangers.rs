//! Calls on strangers' descriptors, each of which takes as long as the test likes: nothing else waits for it.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};

use crate::headers::message::{
    MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_RECEIVE,
    MACH_MSGH_BITS_COMPLEX, MACH_RCV_TIMED_OUT, MACH_RCV_TIMEOUT, MACH_SEND_MSG,
    MACH_SEND_TIMED_OUT, MACH_SEND_TIMEOUT,
};
use crate::headers::notify::MACH_NOTIFY_SEND_ONCE;
use crate::headers::port::{MACH_PORT_RIGHT_RECEIVE, mach_port_name_t};
use crate::kernel::Kernel;
use crate::kernel::messages::kmsg::Sender;
use crate::kernel::messages::receive::{ReceiveRequest, Received, receive};
use crate::kernel::messages::send::send;
use crate::kernel::other_tasks::budget::{Charge, Come};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::task;
use crate::sys::foreign::Foreign;
use crate::sys::room::tests::PRETENDED;
use crate::sys::{ahead, packet, seam, socket};
use crate::wire::layout::{HEADER, Header};
use crate::wire::tree::{self, Fd, LinkEnd, Object, Packet, Right, SendRight, Slot};
use crate::wire::{parcel, plain, records};

const STRANGER: Sender = Sender {
    pid: i32::MAX - 7,
    uid: 1000,
    gid: 1000,
    version: 0,
};

/// Both ends of a link that a stranger made.
fn link() -> (OwnedFd, OwnedFd) {
    pair(SockType::SeqPacket)
}

fn pair(kind: SockType) -> (OwnedFd, OwnedFd) {
    let ends = socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).unwrap();
    for end in [&ends.0, &ends.1] {
        socket::prepare_receiving(end).unwrap();
    }
    ends
}

fn fd(end: OwnedFd) -> Fd {
    Fd::Owned(Foreign::arrived(end))
}

/// All that one process holds up counts together, and the tests are one process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn port() -> (mach_port_name_t, PortKey) {
    let mut kernel = task::lock();
    let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
    (name, kernel.receive_right(name).unwrap())
}

fn say(to: &impl AsFd, id: i32) {
    let header = Header {
        bits: 0,
        size: 0,
        remote: 1,
        local: 0,
        voucher: 0,
        id,
    };
    plain::send(to.as_fd(), &header, &[], None).unwrap();
}

/// The id of the next message, which comes before the deadline.
fn next(name: mach_port_name_t, timeout: u32) -> Option<i32> {
    match receive(ReceiveRequest {
        name,
        option: MACH_RCV_TIMEOUT,
        buffer: 0,
        limit: 4096,
        timeout,
        waits_since: u64::MAX,
    }) {
        Received::Message { header, .. } => Some(header.id),
        Received::Nothing(MACH_RCV_TIMED_OUT) => None,
        other => panic!("{other:?}"),
    }
}

/// A port that has nothing to do with strangers, and the way to it.
struct Unrelated {
    name: mach_port_name_t,
    way: Foreign,
}

impl Unrelated {
    fn new() -> Self {
        let (name, key) = port();
        let (receiving, way) = socket::link_pair().unwrap();
        task::lock().add_link(key, receiving, 1, false);
        Self { name, way }
    }

    fn is_served(&self) {
        say(&self.way, 5);
        assert_eq!(next(self.name, 60_000), Some(5));
        assert_eq!(next(self.name, 0), None);
    }
}

/// What the task does with a descriptor, or with a link that it comes by, until it gives it up.
type Site = (&'static str, SockType, fn(&mut Kernel, OwnedFd));

fn given_up(kernel: &mut Kernel, right: Right) {
    let right = kernel.import_right(right, STRANGER);
    kernel.release(right);
}

fn read(kernel: &mut Kernel, send: impl FnOnce(&OwnedFd)) {
    let (theirs, ours) = link();
    let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
    let key = kernel.receive_right(name).unwrap();
    kernel.add_link(key, Foreign::arrived(ours), 3, false);
    send(&theirs);
    drop(theirs);
    kernel.pump_all(key);
    kernel.pump_all(key);
    kernel.destroy_receive(key);
}

const SITES: [Site; 14] = [
    ("too many for a packet", SockType::Stream, |kernel, held| {
        read(kernel, |by| {
            packet::send(by.as_fd(), [b"junk", &[]], &[held.as_fd()]).unwrap()
        });
    }),
    ("unread", SockType::SeqPacket, |kernel, held| {
        read(kernel, |by| {
            let file = Packet::AddLink(LinkEnd {
                fd: fd(held),
                link: 1,
                once: true,
                said: 0,
                back: None,
            });
            parcel::send(by.as_fd(), &file).unwrap();
        });
    }),
    ("no end of a link", SockType::Stream, |kernel, held| {
        read(kernel, |by| {
            let end = Packet::AddLink(LinkEnd {
                fd: fd(held),
                link: 1,
                once: false,
                said: 0,
                back: None,
            });
            parcel::send(by.as_fd(), &end).unwrap();
        });
    }),
    ("an end of a link", SockType::SeqPacket, |kernel, held| {
        let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
        let key = kernel.receive_right(name).unwrap();
        let link = kernel.add_link(key, Foreign::arrived(held), 9, false);
        kernel.end_link(link.unwrap());
        kernel.destroy_receive(key);
    }),
    ("a send right", SockType::SeqPacket, |kernel, held| {
        let (fd, number, link, via, root) = (fd(held), 1, 2, 3, 4);
        given_up(
            kernel,
            Right::Send(SendRight {
                fd,
                number,
                link,
                via,
                root,
                limit: 5,
            }),
        );
    }),
    ("a send-once right", SockType::SeqPacket, |kernel, held| {
        given_up(kernel, Right::Once(fd(held)))
    }),
    ("a file", SockType::Stream, |kernel, held| {
        given_up(kernel, Right::Object(Object::File(fd(held))))
    }),
    ("no semaphore", SockType::Stream, |kernel, held| {
        given_up(kernel, Right::Object(Object::Semaphore(fd(held))));
    }),
    ("no memory", SockType::Stream, |kernel, held| {
        let (fd, offset, size, writable) = (fd(held), 0, 1, true);
        given_up(
            kernel,
            Right::Object(Object::Memory {
                fd,
                offset,
                size,
                writable,
            }),
        );
    }),
    ("a link of a port", SockType::SeqPacket, |kernel, held| {
        given_up(
            kernel,
            Right::Receive(Box::new(tree::Port {
                qlimit: 5,
                links: vec![LinkEnd {
                    fd: fd(held),
                    link: 1,
                    once: false,
                    said: 0,
                    back: None,
                }],
                messages: Vec::new(),
                no_senders: Right::Null,
                port_destroyed: Right::Null,
                services: Vec::new(),
            })),
        );
    }),
    (
        "in a queue of an end of this task's",
        SockType::Stream,
        |kernel, held| {
            let (receiving, sending) = socket::link_pair().unwrap();
            packet::send(sending.as_fd(), [b"x", &[]], &[held.as_fd()]).unwrap();
            let held = receiving.as_fd().try_clone_to_owned().unwrap();
            drop((receiving, sending));
            given_up(kernel, Right::Once(fd(held)));
        },
    ),
    (
        "what replaces a slot that is over",
        SockType::SeqPacket,
        |kernel, held| {
            let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
            let key = kernel.receive_right(name).unwrap();
            let (receiving, _sending) = socket::link_pair().unwrap();
            let link = kernel.add_link(key, receiving, 9, false).unwrap();
            let slot = Slot {
                index: 1,
                generation: 1,
            };
            kernel.take_replacements(link, vec![(slot, fd(held))]);
            kernel.destroy_receive(key);
        },
    ),
    (
        "no socket of a name",
        SockType::SeqPacket,
        |kernel, held| {
            given_up(
                kernel,
                Right::Receive(Box::new(tree::Port {
                    qlimit: 5,
                    links: Vec::new(),
                    messages: Vec::new(),
                    no_senders: Right::Null,
                    port_destroyed: Right::Null,
                    services: vec![(fd(held), "a.name.that.nobody.has".to_owned())],
                })),
            );
        },
    ),
    (
        "a client that is turned away",
        SockType::SeqPacket,
        |kernel, held| {
            let name = kernel.allocate(MACH_PORT_RIGHT_RECEIVE, None).unwrap();
            let key = kernel.receive_right(name).unwrap();
            let all = all_that_one_may_have(kernel, kernel.pid);
            kernel.add_clients(key, vec![(Foreign::arrived(held), 0)]);
            assert_eq!(kernel.local(key).unwrap().links.len(), 0);
            drop(all);
            kernel.destroy_receive(key);
        },
    ),
];

/// Charges a process with as much as it may have.
fn all_that_one_may_have(kernel: &mut Kernel, pid: i32) -> Vec<Charge> {
    let mut follow = 1 << 30;
    let mut all = Vec::new();
    loop {
        let come = Come {
            count: 1,
            follow,
            highest: 0,
            bytes: 0,
        };
        match kernel.charge(pid, come) {
            Some(charge) => all.push(charge),
            None if follow == 0 => return all,
            None => follow /= 2,
        }
    }
}

#[test]
fn a_closing_that_is_held_up_keeps_nobody() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    for (what, kind, give_up) in SITES {
        let (held, _other) = pair(kind);
        // A queue's descriptor shows only in the queue's own socket.
        let shows = !what.starts_with("in a queue");
        let hold = seam::hold(held.as_fd());
        give_up(&mut task::lock(), held);
        if shows {
            hold.wait_for("close", what);
        }
        unrelated.is_served();
    }
}

#[test]
fn a_read_that_is_held_up_keeps_nobody_and_is_not_lost() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    for _ in 0..3 {
        let (name, key) = port();
        let (theirs, ours) = link();
        let hold = seam::hold(ours.as_fd());
        task::lock().add_link(key, Foreign::arrived(ours), 7, false);
        say(&theirs, 1);
        assert_eq!(next(name, 1), None);
        hold.wait_for("recvmsg", "a link");
        unrelated.is_served();
        // What has another way goes on.
        let (receiving, way) = socket::link_pair().unwrap();
        task::lock().add_link(key, receiving, 8, false);
        say(&way, 2);
        assert_eq!(next(name, 60_000), Some(2));
        say(&theirs, 3);
        assert_eq!(next(name, 0), None);
        drop(hold);
        assert_eq!([next(name, 60_000), next(name, 60_000)], [Some(1), Some(3)]);
    }
}

/// What a packet brings where there are no numbers left is closed in its read.
#[test]
fn a_read_without_room_that_is_held_up_keeps_nobody_and_is_not_lost() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let (name, key) = port();
    let (receiving, way) = socket::link_pair().unwrap();
    let hold = seam::hold(receiving.as_fd());
    task::lock().add_link(key, receiving, 7, false);
    let (brought, _other) = link();
    let bring = || {
        let packet = Packet::AddLink(LinkEnd {
            fd: fd(brought.try_clone().unwrap()),
            link: 21,
            once: true,
            said: 0,
            back: None,
        });
        parcel::send(way.as_fd(), &packet).unwrap();
    };
    PRETENDED.set(true);
    // What has nothing beside it is read at once.
    say(&way, 1);
    assert_eq!(next(name, 60_000), Some(1));
    bring();
    say(&way, 2);
    assert_eq!(next(name, 1), None);
    hold.wait_for("recvmsg", "a link of its own");
    unrelated.is_served();
    drop(hold);
    assert_eq!(next(name, 60_000), Some(2));
    PRETENDED.set(false);
}

#[test]
fn one_process_holds_up_few_reads() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let (name, key) = port();
    let links: Vec<_> = (0..20).map(|_| link()).collect();
    let mut holds = Vec::new();
    let mut ways = Vec::new();
    for (theirs, ours) in links {
        holds.push(seam::hold(ours.as_fd()));
        task::lock().add_link(key, Foreign::arrived(ours), 7, false);
        say(&theirs, 1);
        ways.push(theirs);
    }
    for _ in 0..20 {
        assert_eq!(next(name, 1), None);
    }
    unrelated.is_served();
    assert!(holds.iter().filter(|hold| hold.is_held("recvmsg")).count() <= 4);
    drop(holds);
    for _ in 0..20 {
        assert_eq!(next(name, 60_000), Some(1));
    }
}

#[test]
fn an_option_and_a_carrier_that_are_held_up_keep_nobody() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let (name, key) = port();
    let (receiving, way) = socket::link_pair().unwrap();
    task::lock().add_link(key, receiving, 7, false);
    // A link that this task has already.
    let (theirs, ours) = link();
    let hold = seam::hold(ours.as_fd());
    let own = task::lock().add_link(key, Foreign::arrived(ours), 8, false);
    hold.wait_for("setsockopt", "another link");
    unrelated.is_served();
    drop(hold);
    say(&theirs, 4);
    assert_eq!(next(name, 60_000), Some(4));
    assert!(own.is_some());
    // Descriptors as those of a packet that has too many for itself.
    let (inside, carrier) = link();
    packet::send(
        inside.as_fd(),
        [b"x", &[]],
        &[inside.as_fd(), inside.as_fd()],
    )
    .unwrap();
    let hold = seam::hold(carrier.as_fd());
    let prefix = crate::wire::records::Prefix {
        magic: crate::wire::records::MAGIC,
        kind: crate::wire::records::MESSAGE,
        flags: crate::wire::records::CARRIER,
        slot: 0,
        length: 0,
        descriptors: 2,
        generation: 0,
    };
    let bytes = zerocopy::IntoBytes::as_bytes(&prefix);
    packet::send(way.as_fd(), [bytes, &[]], &[carrier.as_fd()]).unwrap();
    assert_eq!(next(name, 1), None);
    hold.wait_for("recvmsg", "a carrier");
    unrelated.is_served();
    drop(hold);
}

/// A stranger that has been asked something: the port that its reply goes to, and what it has of that.
struct Asked {
    replies: mach_port_name_t,
    /// This task's right to it.
    remote: mach_port_name_t,
    /// By which it replies.
    way: Foreign,
    slot: Slot,
    /// By which it was asked.
    _theirs: OwnedFd,
}

fn asked() -> Asked {
    let (replies, _) = port();
    // A request by a stranger's right: it brings the way back, and the slot that the reply is for.
    let (theirs, ours) = link();
    let right = Right::Send(SendRight {
        fd: fd(ours),
        number: 3,
        link: 5,
        via: 0,
        root: 5,
        limit: 5,
    });
    let mut kernel = task::lock();
    let right = kernel.import_right(right, STRANGER);
    let remote = kernel.place(right, None).unwrap();
    drop(kernel);
    let request = Header {
        bits: MACH_MSG_TYPE_COPY_SEND | MACH_MSG_TYPE_MAKE_SEND_ONCE << 8,
        size: 24,
        remote,
        local: replies,
        voucher: 0,
        id: 1,
    };
    send(
        zerocopy::IntoBytes::as_bytes(&request),
        MACH_SEND_MSG,
        0,
        &mut Vec::new(),
    )
    .unwrap();
    let mut room = [0; 4096];
    let way = packet::receive(theirs.as_fd(), &mut room)
        .unwrap()
        .descriptors
        .remove(0);
    packet::receive(theirs.as_fd(), &mut room).unwrap();
    let (prefix, _) = <records::Prefix as zerocopy::FromBytes>::read_from_prefix(&room).unwrap();
    let slot = parcel::slot_of(&prefix).unwrap().unwrap();
    Asked {
        replies,
        remote,
        way,
        slot,
        _theirs: theirs,
    }
}

#[test]
fn a_link_that_comes_back_in_the_place_of_a_reply_keeps_nobody() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let Asked {
        replies,
        way,
        slot,
        _theirs,
        ..
    } = asked();
    let (theirs, ours) = link();
    let hold = seam::hold(ours.as_fd());
    parcel::send(way.as_fd(), &Packet::Convert(slot, fd(ours))).unwrap();
    assert_eq!(next(replies, 1), None);
    hold.wait_for("setsockopt", "a link that came back");
    unrelated.is_served();
    // Nobody sends by it, and what it was for has ended unused.
    drop((theirs, hold));
    assert_eq!(next(replies, 60_000), Some(MACH_NOTIFY_SEND_ONCE));
}

/// Its own end of the way back may be unread in a socket that the kernel below has yet to close.
#[test]
fn who_was_asked_and_is_gone_ends_the_right_whatever_there_is_of_its_way_back() {
    let _alone = alone();
    let Asked {
        replies,
        remote,
        way,
        _theirs: theirs,
        ..
    } = asked();
    drop(theirs);
    let mut kernel = task::lock();
    // Another thread may have seen it by now.
    if let Some(asked) = kernel.look_at(remote).unwrap().port() {
        kernel.check_alive(asked);
    }
    drop(kernel);
    assert_eq!(next(replies, 10_000), Some(MACH_NOTIFY_SEND_ONCE));
    drop(way);
    assert_eq!(next(replies, 0), None);
}

#[test]
fn a_reply_whose_carrier_is_held_up_keeps_nobody_and_is_not_lost() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let Asked {
        replies,
        way,
        slot,
        _theirs,
        ..
    } = asked();
    // More rights than a packet carries: they are in a socket beside it, which is known before it is sent on.
    let (spare, _other) = link();
    let item = || tree::Item::Port {
        right: Right::Once(fd(spare.try_clone().unwrap())),
        disposition: 18,
        guard: None,
    };
    let items: Vec<_> = std::iter::repeat_with(item).take(300).collect();
    let mut body = vec![0; 4 + 12 * items.len()];
    body[..4].copy_from_slice(&300u32.to_ne_bytes());
    let message = tree::Message {
        id: 101,
        complex: true,
        through_once: true,
        reply: Right::Null,
        reply_disposition: 0,
        sent: 0,
        voucher: 0,
        body: body.into(),
        items,
    };
    let (hop, out) = link();
    parcel::send(hop.as_fd(), &Packet::Reply(slot, message)).unwrap();
    let mut room = vec![0; parcel::PACKET];
    let reply = packet::receive(out.as_fd(), &mut room).unwrap();
    let carrier = reply.descriptors.last().unwrap();
    let hold = seam::hold(carrier.as_fd());
    let beside: Vec<_> = reply.descriptors.iter().map(AsFd::as_fd).collect();
    packet::send(way.as_fd(), [&room[..reply.len], &[]], &beside).unwrap();
    assert_eq!(next(replies, 1), None);
    hold.wait_for("recvmsg", "a reply's carrier");
    unrelated.is_served();
    drop(hold);
    assert_eq!(next(replies, 60_000), Some(101));
}

#[test]
fn a_link_sent_ahead_and_held_up_keeps_nobody_and_is_not_lost() {
    let _alone = alone();
    let unrelated = Unrelated::new();
    let (name, key) = port();
    let (receiving, way) = socket::link_pair().unwrap();
    task::lock().add_link(key, receiving, 7, false);
    let bring = |link| {
        let (fd, sending) = ahead::link().unwrap();
        let hold = seam::hold(fd.as_fd());
        let fd = Fd::Owned(fd);
        let (once, said) = (false, 0);
        let brought = Packet::AddLink(LinkEnd {
            fd,
            link,
            once,
            said,
            back: None,
        });
        parcel::send(way.as_fd(), &brought).unwrap();
        say(&sending, 6);
        (hold, sending)
    };
    let (holds, ways): (Vec<_>, Vec<_>) = (20..30).map(bring).unzip();
    assert_eq!(next(name, 1), None);
    for hold in &holds[..4] {
        hold.wait_for("accept", "a link that is brought");
    }
    unrelated.is_served();
    // Of one process no more are begun.
    assert!(holds[4..].iter().all(|hold| !hold.is_held("accept")));
    drop(holds);
    for _ in &ways {
        assert_eq!(next(name, 60_000), Some(6));
    }
    // Nobody can hold up who reads them.
    let kernel = task::lock();
    let link = |link| kernel.links.get(*kernel.receiving.get(&link).unwrap());
    assert!((20..30).all(|number| link(number).unwrap().is_own()));
    assert!(ways.iter().all(Foreign::is_own));
}

/// Sends a receive right to another task: the code, and the right's name afterwards if this task still has it.
fn move_to(remote: mach_port_name_t, port: mach_port_name_t, timeout: u32) -> Result<(), Moved> {
    let body_and_header = HEADER + 4 + 12;
    let header = Header {
        bits: MACH_MSG_TYPE_COPY_SEND | MACH_MSGH_BITS_COMPLEX,
        size: body_and_header as u32,
        remote,
        local: 0,
        voucher: 0,
        id: 9,
    };
    let descriptor = [port, 0, MACH_MSG_TYPE_MOVE_RECEIVE << 16];
    let words = [1].into_iter().chain(descriptor);
    let mut bytes = zerocopy::IntoBytes::as_bytes(&header).to_vec();
    bytes.extend(words.flat_map(u32::to_ne_bytes));
    let option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
    send(&bytes, option, timeout, &mut Vec::new()).map_err(|failure| {
        let returned = failure.returned.unwrap();
        let name = returned.body[4..8].try_into().unwrap();
        (failure.code, u32::from_ne_bytes(name))
    })
}

type Moved = (i32, mach_port_name_t);

/// A right to a port of another task, and where that receives.
fn elsewhere() -> (mach_port_name_t, Foreign) {
    let (inbox, way) = socket::link_pair().unwrap();
    let mut kernel = task::lock();
    let right = kernel.new_remote(way, 9, 9, None);
    (kernel.place(right, None).unwrap(), inbox)
}

/// The receive right that has come.
fn brought(inbox: &Foreign) -> tree::Port {
    let mut buffer = vec![0; parcel::PACKET];
    let arrival = packet::receive(inbox.as_fd(), &mut buffer).unwrap();
    let packet = parcel::open(&buffer, arrival).unwrap().packet();
    let Ok(Packet::Message(message)) = packet else {
        panic!("{packet:?}")
    };
    match message.items.into_iter().next() {
        Some(tree::Item::Port {
            right: Right::Receive(port),
            ..
        }) => *port,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_receive_right_leaves_nothing_behind_that_is_held_up() {
    let _alone = alone();
    let (remote, inbox) = elsewhere();
    // What has been read of a link that it has.
    let (name, key) = port();
    let (theirs, ours) = link();
    let hold = seam::hold(ours.as_fd());
    task::lock().add_link(key, Foreign::arrived(ours), 7, false);
    say(&theirs, 1);
    assert_eq!(next(name, 1), None);
    hold.wait_for("recvmsg", "a link");
    let (code, name) = move_to(remote, name, 0).unwrap_err();
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    drop(hold);
    move_to(remote, name, 60_000).unwrap();
    let moved = brought(&inbox);
    assert_eq!(moved.messages.iter().map(|m| m.id).collect::<Vec<_>>(), [1]);
    assert_eq!(moved.links.len(), 1);
    // An end that it has brought itself.
    let (listener, sending) = ahead::link().unwrap();
    let hold = seam::hold(listener.as_fd());
    let end = LinkEnd {
        fd: Fd::Owned(Foreign::arrived(listener.into_plain())),
        link: 8,
        once: false,
        said: 0,
        back: None,
    };
    let port = tree::Port {
        qlimit: 5,
        links: vec![end],
        messages: Vec::new(),
        no_senders: Right::Null,
        port_destroyed: Right::Null,
        services: Vec::new(),
    };
    let mut kernel = task::lock();
    let own = kernel.as_sender();
    let right = kernel.import_right(Right::Receive(Box::new(port)), own);
    let name = kernel.place(right, None).unwrap();
    drop(kernel);
    hold.wait_for("accept", "an end");
    let (code, name) = move_to(remote, name, 0).unwrap_err();
    assert_eq!(code, MACH_SEND_TIMED_OUT);
    drop(hold);
    move_to(remote, name, 60_000).unwrap();
    assert_eq!(brought(&inbox).links.len(), 1);
    drop(sending);
}
