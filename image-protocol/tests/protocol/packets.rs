//! An agent's packets are messages to a task with the embedded Mach, and the task's messages are packets to an agent.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use image_protocol::{
    ATTACH, Attach, Event, HELLO, Hello, MAX_BODY, REPLY, Reply, Stamp, decode, packet,
};
use mach_ports::{
    Message, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, SendOptions, SendRight,
};
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, socketpair,
};

/// An agent's end of the way to a monitor, and the port that it leads to.
fn way() -> (OwnedFd, ReceiveRight) {
    let port = ReceiveRight::new().expect("a port");
    let (end, _) = embedded_mach::linux::port_for_child(port.name(), 3).expect("a way to it");
    (end, port)
}

fn pair() -> (OwnedFd, OwnedFd) {
    let kind = SockType::SeqPacket;
    socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC).expect("a pair")
}

fn send(to: &OwnedFd, bytes: &[u8], descriptor: Option<&OwnedFd>) {
    let raw: Vec<RawFd> = descriptor.iter().map(|fd| fd.as_raw_fd()).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let attached = if raw.is_empty() { &[][..] } else { &rights[..] };
    let bytes = [IoSlice::new(bytes)];
    sendmsg::<()>(
        to.as_raw_fd(),
        &bytes,
        attached,
        MsgFlags::MSG_NOSIGNAL,
        None,
    )
    .expect("a packet that fits");
}

fn take(from: &OwnedFd) -> (Vec<u8>, Vec<OwnedFd>) {
    let mut bytes = vec![0; packet::MAX_PACKET];
    let mut room = nix::cmsg_space!([RawFd; 4]);
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let arrived =
        recvmsg::<()>(from.as_raw_fd(), &mut buffers, Some(&mut room), flags).expect("a packet");
    let mut descriptors = Vec::new();
    for message in arrived.cmsgs().expect("whole ancillary data") {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel has just made these numbers for this process; nothing else owns them.
            descriptors.extend(
                raw.into_iter()
                    .map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }),
            );
        }
    }
    let len = arrived.bytes;
    bytes.truncate(len);
    (bytes, descriptors)
}

fn receive(port: &ReceiveRight) -> ReceivedMessage {
    let patience = Duration::from_secs(20);
    port.receive(&ReceiveOptions::new().timeout(patience))
        .expect("a message")
}

/// The agent's hello over a way: the monitor's right to answer by, and the agent's end where answers come.
fn greet(end: &OwnedFd, port: &ReceiveRight) -> (SendRight, OwnedFd) {
    let hello = Hello {
        monitor: 2,
        pid: 3,
        deadline_ms: 4,
        timestamp: 5,
    };
    let (receiving, sending) = pair();
    let mut bytes = vec![0xff; packet::HEAD + Hello::LEN];
    bytes[packet::HEAD..].copy_from_slice(&hello.bytes());
    // One process's rights under one number are one right: each port has a number of its own.
    let number = 0x1234_5678_9abc + u64::try_from(receiving.as_raw_fd()).expect("a number");
    let len = packet::message(&mut bytes, HELLO, Hello::LEN, Some(number)).expect("a packet");
    send(end, &bytes[..len], Some(&sending));
    drop(sending);
    let mut message = receive(port);
    let Ok(Event::Hello(read)) = decode(message.id(), message.body()) else {
        panic!("{message:?}");
    };
    assert_eq!(read, hello);
    assert_eq!(
        message.audit_token().expect("a trailer").pid(),
        std::process::id().cast_signed()
    );
    let Some(ReplyRight::Send(replies)) = message.take_reply() else {
        panic!("no send right: {message:?}");
    };
    (replies, receiving)
}

#[test]
fn a_hello_brings_a_right_by_which_replies_come() {
    let (end, port) = way();
    let (replies, receiving) = greet(&end, &port);
    for sequence in 0..20 {
        let reply = Reply {
            monitor: 2,
            sequence,
        };
        Message::new(REPLY)
            .bytes(&reply.bytes())
            .send(&replies, &SendOptions::new())
            .unwrap();
        let (bytes, descriptors) = take(&receiving);
        let read = packet::open(&bytes).unwrap();
        assert_eq!((read.id, read.right, descriptors.len()), (REPLY, false, 0));
        assert_eq!(Reply::read(read.body), Ok(reply));
    }
    // The agent goes: its port is dead.
    drop(receiving);
    assert!(replies.is_dead());
}

#[test]
fn the_longest_message_fits_into_a_packet() {
    let (end, port) = way();
    let mut bytes = vec![7; packet::MAX_PACKET];
    let len = packet::message(&mut bytes, 77, MAX_BODY, None).unwrap();
    assert_eq!(len, packet::MAX_PACKET);
    send(&end, &bytes, None);
    let message = receive(&port);
    assert_eq!(message.id(), 77);
    assert_eq!(message.body(), vec![7; MAX_BODY]);
    assert!(packet::message(&mut bytes, 77, MAX_BODY + 4, None).is_none());
    assert!(packet::message(&mut bytes, 77, 3, None).is_none());
}

#[test]
fn a_further_monitor_comes_as_the_end_of_a_way() {
    let (end, port) = way();
    let (replies, receiving) = greet(&end, &port);
    let further = ReceiveRight::new().unwrap();
    let attach = Attach { deadline_ms: 55 };
    Message::new(ATTACH)
        .move_send(further.make_send().unwrap())
        .bytes(&attach.bytes())
        .send(&replies, &SendOptions::new())
        .unwrap();
    let (bytes, descriptors) = take(&receiving);
    let read = packet::open(&bytes).unwrap();
    assert_eq!((read.id, read.right), (ATTACH, true));
    assert_eq!(Attach::read(read.body), Ok(attach));
    let [end] = &descriptors[..] else {
        panic!("{descriptors:?}");
    };
    let (replies, receiving) = greet(end, &further);
    let reply = Reply::to(Stamp::default());
    Message::new(REPLY)
        .bytes(&reply.bytes())
        .send(&replies, &SendOptions::new())
        .unwrap();
    assert!(packet::open(&take(&receiving).0).is_some());
}

#[test]
fn other_packets_are_no_messages_to_an_agent() {
    let (end, port) = way();
    let (replies, receiving) = greet(&end, &port);
    // A message with a reply right, and one with a right that is not to send.
    let other = ReceiveRight::new().unwrap();
    Message::new(REPLY)
        .reply_to_make_send_once(&other)
        .bytes(&Reply::to(Stamp::default()).bytes())
        .send(&replies, &SendOptions::new())
        .unwrap();
    Message::new(ATTACH)
        .make_send_once(&other)
        .send(&replies, &SendOptions::new())
        .unwrap();
    let mut packets = 0;
    loop {
        let (bytes, _) = take(&receiving);
        assert_eq!(packet::open(&bytes), None);
        packets += 1;
        if message_id(&bytes) == Some(ATTACH) {
            break;
        }
    }
    assert!(packets >= 2);
}

/// The id of whatever message a packet is.
fn message_id(packet: &[u8]) -> Option<i32> {
    let id = packet.get(20..24)?;
    (packet[4] == 1).then(|| i32::from_ne_bytes(id.try_into().expect("four bytes")))
}
