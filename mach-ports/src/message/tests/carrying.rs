//! What messages carry: bytes, rights, memory.

use std::io::{Read, Write};
use std::sync::atomic::Ordering;

use super::{SOON, next, port, soon, was_dropped};
use crate::census;
use crate::message::{
    Descriptor, Disposition, Message, Notification, OolMemory, ReplyRight, WrongKind,
};
use crate::right::{AnyRight, ReceiveRight, RightKind, SendOnceRight, SendRight};
use crate::{FilePort, Semaphore, SemaphoreHandle, SharedMemory};

#[test]
fn data_arrives_exactly_as_long_as_it_was() {
    let (port, right) = port();
    let kept = ReceiveRight::new().unwrap();
    for len in (0..=9).chain([1000, 70_001]) {
        let data: Vec<u8> = (1..=255).cycle().take(len).collect();
        for message in [
            Message::new(1).data(&data),
            Message::new(1).data(&data).make_send(&kept),
        ] {
            message.send(&right, &soon()).unwrap();
            let message = next(&port);
            assert_eq!(message.data(), Some(&data[..]));
            assert_eq!(message.body().len() % 4, 0);
        }
    }
}

#[test]
fn what_was_not_sent_as_data_is_not_read_as_data() {
    let (port, right) = port();
    for message in [
        Message::new(1),
        Message::new(1).complex(),
        Message::new(1).bytes(&[0xff; 8]),
        Message::new(1).data(b"one").data(b"two"),
    ] {
        message.send(&right, &soon()).unwrap();
        assert_eq!(next(&port).data(), None);
    }
}

#[test]
fn bytes_arrive_padded_and_signed_by_the_kernel() {
    let (port, right) = port();
    for id in [-7, 8] {
        Message::new(id)
            .bytes(b"abc")
            .bytes(b"de")
            .send(&right, &soon())
            .unwrap();
    }
    let first = next(&port);
    assert_eq!((first.id(), first.body()), (-7, &b"abcde\0\0\0"[..]));
    assert_eq!(
        (first.header_size(), first.bits(), first.is_complex()),
        (32, 17 << 8, false)
    );
    assert_eq!((first.descriptor_count(), first.port()), (0, port.name()));
    let sender = first.audit_token().unwrap();
    assert_eq!(sender.pid(), std::process::id().cast_signed());
    // SAFETY: the call only returns a number.
    assert_eq!(sender.euid(), unsafe { libc::geteuid() });
    assert!(!sender.is_kernel());
    assert_eq!(
        (first.sequence_number(), next(&port).sequence_number()),
        (Some(0), Some(1))
    );
}

#[test]
fn every_disposition_arrives_as_its_kind() {
    let (to, right) = port();
    let (moved, other) = port_pair();
    let (send, once) = (moved.make_send().unwrap(), moved.make_send_once().unwrap());
    let copied = other.make_send().unwrap();
    Message::new(1)
        .bytes(b"behind the descriptors")
        .move_send(send)
        .move_send_once(once)
        .copy_send(&copied)
        .make_send(&other)
        .make_send_once(&other)
        .move_receive(moved)
        .no_right(Disposition::CopySend)
        .send(&right, &soon())
        .unwrap();
    let mut message = next(&to);
    assert!(message.is_complex());
    assert_eq!(message.body(), b"behind the descriptors\0\0");
    let kinds: Vec<_> = message.descriptors().collect();
    let [send, once, receive] =
        [RightKind::Send, RightKind::SendOnce, RightKind::Receive].map(|kind| Descriptor::Port {
            kind,
            present: true,
        });
    let absent = Descriptor::Port {
        kind: RightKind::Send,
        present: false,
    };
    assert_eq!(kinds, [send, once, send, send, once, receive, absent]);
    assert_eq!(message.descriptor(4), Some(once));
    assert_eq!(message.descriptor(7), None);

    let moved = message.take_receive(5).unwrap().unwrap();
    assert_eq!(message.take_send(0).unwrap().unwrap().name(), moved.name());
    assert!(message.take_send_once(1).unwrap().is_some());
    assert_eq!(
        copied.references(),
        Ok(3),
        "its own, the copied and the made one"
    );
    drop(message);
    assert_eq!(copied.references(), Ok(1));
    assert!(was_dropped(&other));
    assert_eq!(
        next(&moved).notification(),
        Some(Notification::SendOnce),
        "the one taken above"
    );
}

fn port_pair() -> (ReceiveRight, ReceiveRight) {
    (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap())
}

#[test]
fn a_right_is_taken_once_and_as_what_it_is() {
    let (to, right) = port();
    let other = ReceiveRight::new().unwrap();
    Message::new(1)
        .make_send(&other)
        .send(&right, &soon())
        .unwrap();
    let mut message = next(&to);
    let wrong = WrongKind {
        wanted: RightKind::Receive,
        found: RightKind::Send,
    };
    assert_eq!(message.take_receive(0).unwrap_err(), wrong);
    assert!(message.take_send_once(0).is_err());
    assert!(message.take_send(0).unwrap().is_some());
    assert!(message.take_send(0).unwrap().is_none());
    assert!(message.take_receive(0).unwrap().is_none());
    assert!(message.take_right(0).is_none() && message.take_right(1).is_none());
    assert!(message.take_memory(0).is_none() && message.take_rights::<SendRight>(0).is_none());
}

#[test]
fn a_moved_port_keeps_its_queue() {
    let (to, right) = port();
    let (moved, to_moved) = port();
    Message::new(1)
        .bytes(b"wait")
        .send(&to_moved, &soon())
        .unwrap();
    Message::new(2)
        .move_receive(moved)
        .send(&right, &soon())
        .unwrap();
    Message::new(3).send(&to_moved, &soon()).unwrap();
    let moved = next(&to).take_receive(0).unwrap().unwrap();
    assert_eq!((next(&moved).id(), next(&moved).id()), (1, 3));
}

#[test]
fn rights_that_nobody_takes_are_released() {
    let (to, right) = port();
    let (moved, to_moved) = port();
    let kept = ReceiveRight::new().unwrap();
    Message::new(1)
        .move_receive(moved)
        .make_send_once(&kept)
        .reply_to_make_send_once(&kept)
        .send(&right, &soon())
        .unwrap();
    drop(next(&to));
    assert!(to_moved.is_dead());
    for _ in 0..2 {
        assert_eq!(next(&kept).notification(), Some(Notification::SendOnce));
    }
}

#[test]
fn a_dead_name_arrives_as_nothing() {
    let (to, right) = port();
    let (gone, dead) = port();
    drop(gone);
    Message::new(1)
        .copy_send(&dead)
        .move_send(dead.clone())
        .send(&right, &soon())
        .unwrap();
    assert_eq!(dead.references(), Ok(1));
    let mut message = next(&to);
    let absent = Descriptor::Port {
        kind: RightKind::Send,
        present: false,
    };
    assert!(message.descriptors().eq([absent, absent]));
    assert!(message.take_right(0).is_none() && message.take_right(1).is_none());
}

#[test]
fn an_unsent_message_releases_what_it_was_to_move() {
    let (port, right) = port();
    let (once, reply) = (
        port.make_send_once().unwrap(),
        port.make_send_once().unwrap(),
    );
    let message = Message::new(1)
        .move_send(right.clone())
        .copy_send(&right)
        .make_send_once(&port)
        .move_send_once(once)
        .out_of_line(OolMemory::copy_of(b"freed").unwrap())
        .reply_to_move(reply);
    assert_eq!(right.references(), Ok(2));
    drop(message);
    assert_eq!(right.references(), Ok(1));
    // The two that were moved in, and not one that was never made.
    assert_eq!(next(&port).notification(), Some(Notification::SendOnce));
    assert!(was_dropped(&port));
}

#[test]
fn memory_arrives_out_of_line() {
    let (to, right) = port();
    let large: Vec<u8> = (0..1 << 20).map(|at: u32| (at % 251) as u8).collect();
    Message::new(1)
        .out_of_line(large.clone())
        .out_of_line(OolMemory::copy_of(b"moved").unwrap())
        .out_of_line(Vec::new())
        .make_send(&to)
        .out_of_line(&b"left in the message"[..])
        .send(&right, &soon())
        .unwrap();
    let mut message = next(&to);
    let lens: Vec<_> = message
        .descriptors()
        .map(|descriptor| match descriptor {
            Descriptor::OutOfLine { len } => Some(len),
            _ => None,
        })
        .collect();
    assert_eq!(lens, [Some(1 << 20), Some(5), Some(0), None, Some(19)]);
    let mut memory = message.take_memory(0).unwrap();
    assert!(*memory == *large);
    memory[0] = 1;
    assert_eq!(&*message.take_memory(1).unwrap(), b"moved");
    assert!(message.take_memory(2).unwrap().is_empty());
    assert!(message.take_memory(2).is_none() && message.take_memory(0).is_none());
    assert_eq!(message.take_send(3).unwrap().unwrap().name(), to.name());
}

#[test]
fn an_array_of_rights_arrives() {
    let (to, right) = port();
    let ports: Vec<_> = (0..3).map(|_| ReceiveRight::new().unwrap()).collect();
    let rights = ports.iter().map(|port| port.make_send().unwrap()).collect();
    Message::new(1)
        .move_rights::<SendRight>(rights)
        .unwrap()
        .send(&right, &soon())
        .unwrap();
    let mut message = next(&to);
    let array = Descriptor::OutOfLinePorts {
        count: 3,
        kind: RightKind::Send,
    };
    assert_eq!(message.descriptor(0), Some(array));
    assert!(message.take_rights::<SendOnceRight>(0).is_none());
    let rights = message.take_rights::<SendRight>(0).unwrap();
    let names = rights
        .iter()
        .map(|right| right.as_ref().map(SendRight::name));
    assert!(names.eq(ports.iter().map(|port| Some(port.name()))));
    assert!(message.take_rights::<SendRight>(0).unwrap().is_empty());
}

#[test]
fn an_array_that_nobody_takes_is_released() {
    let (to, right) = port();
    let other = ReceiveRight::new().unwrap();
    let rights = vec![other.make_send_once().unwrap()];
    Message::new(1)
        .move_rights(rights)
        .unwrap()
        .send(&right, &soon())
        .unwrap();
    drop(next(&to));
    assert!(was_dropped(&other));
    let unsent = Message::new(1)
        .move_rights(vec![other.make_send_once().unwrap()])
        .unwrap();
    drop(unsent);
    assert!(was_dropped(&other));
}

#[test]
fn replies_go_by_what_the_header_brought() {
    let (to, right) = port();
    let (answers, to_answers) = port();
    let requests = [
        Message::new(1).reply_to_make_send_once(&answers),
        Message::new(1).reply_to_make_send(&answers),
        Message::new(1).reply_to_copy_send(&to_answers),
        Message::new(1).reply_to_move(to_answers.clone()),
        Message::new(1).reply_to_move(answers.make_send_once().unwrap()),
        Message::new(1)
            .reply_to_make_send(&to)
            .reply_to_make_send_once(&answers),
    ];
    let once = [true, false, false, false, true, true];
    for (request, once) in requests.into_iter().zip(once) {
        request.send(&right, &soon()).unwrap();
        let mut message = next(&to);
        let reply = message.take_reply().unwrap();
        assert_eq!(matches!(reply, ReplyRight::SendOnce(_)), once);
        assert!(message.take_reply().is_none());
        Message::new(2).reply_by(reply, &soon()).unwrap();
        assert_eq!(next(&answers).id(), 2);
    }
    assert_eq!(to_answers.references(), Ok(1));
    assert!(Message::new(3).send(&right, &soon()).is_ok());
    assert!(next(&to).take_reply().is_none());
}

#[test]
fn right_of_any_kind_is_moved_as_what_it_is() {
    let (to, right) = port();
    let port = ReceiveRight::new().unwrap();
    let name = port.name();
    Message::new(1)
        .move_right(AnyRight::from(port))
        .send(&right, &soon())
        .unwrap();
    assert_eq!(census::entry(name).unwrap(), None, "it keeps no name here");
    assert_eq!(next(&to).take_right(0).unwrap().kind(), RightKind::Receive);
}

#[test]
fn rights_to_other_things_than_ports_travel_as_well() {
    let (to, right) = port();
    let semaphore = Semaphore::new(0).unwrap();
    let memory = SharedMemory::new(100).unwrap();
    let (mut reader, writer) = std::io::pipe().unwrap();
    Message::new(1)
        .copy_send(semaphore.right())
        .copy_send(memory.right())
        .move_send(FilePort::new(&writer).unwrap().into_right())
        .send(&right, &soon())
        .unwrap();
    drop(writer);
    let mut message = next(&to);
    let mut take = |index| message.take_send(index).unwrap().unwrap();

    SemaphoreHandle::from_right(take(0)).signal().unwrap();
    semaphore.wait(SOON).unwrap();
    SharedMemory::from_right(take(1), 100).map().unwrap()[99].store(9, Ordering::Relaxed);
    assert_eq!(memory.map().unwrap()[99].load(Ordering::Relaxed), 9);
    let mut file = std::fs::File::from(FilePort::from_right(take(2)).open().unwrap());
    file.write_all(b"written").unwrap();
    drop(file);
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert_eq!(text, "written");
}
