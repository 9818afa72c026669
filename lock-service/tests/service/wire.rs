//! The interface of volumes byte for byte, as a program in C sends and gets it.

use mach_ports::{
    Message, OutgoingRight, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOptions, SendRight,
};

use crate::peer::SOON;
use crate::watcher::{id, service};

const NDR: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];

/// Sends a request with a right to a client's port and these arguments; the reply.
fn ask(to: &SendRight, number: i32, client: &ReceiveRight, arguments: &[&[u8]]) -> ReceivedMessage {
    let reply = ReceiveRight::new().unwrap();
    let mut message = Message::new(number)
        .right(OutgoingRight::MakeSend(client))
        .bytes(&NDR);
    for argument in arguments {
        message = message.bytes(argument);
    }
    message
        .reply_to_make_send_once(&reply)
        .send(to, &SendOptions::new().timeout(SOON))
        .unwrap();
    reply.receive(&ReceiveOptions::new().timeout(SOON)).unwrap()
}

fn word(value: i32) -> [u8; 4] {
    value.to_le_bytes()
}

/// Header, record, code and results of a reply.
fn parts(reply: &ReceivedMessage) -> (i32, u32, &[u8], &[u8]) {
    let bytes = reply.bytes();
    assert_eq!(bytes[24..32], NDR);
    (
        reply.id(),
        reply.header_size(),
        &bytes[32..36],
        &bytes[36..],
    )
}

#[test]
fn requests_and_replies_are_migs() {
    let (service, _, _) = service(1);
    let right = service.right();
    let (one, other) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let uuid = id(1).into_bytes();

    let locked = ask(&right, 70_007, &one, &[&uuid, &word(0)]);
    assert_eq!(parts(&locked), (70_107, 40, &[0; 4][..], &word(0)[..]));
    let busy = ask(&right, 70_007, &other, &[&uuid, &word(0)]);
    assert_eq!(
        parts(&busy),
        (70_107, 40, &[0; 4][..], &word(libc::EBUSY)[..])
    );

    let busy = ask(&right, 70_006, &other, &[&word(0)]);
    let mut expected = [0; 96];
    expected[..8].copy_from_slice(b"volume 1");
    expected[92..].copy_from_slice(&word(libc::EBUSY));
    assert_eq!(parts(&busy), (70_106, 132, &[0; 4][..], &expected[..]));

    let wrong = ask(&right, 70_008, &other, &[&uuid, &word(0)]);
    assert_eq!(parts(&wrong), (70_108, 36, &word(5)[..], &[][..]));
    let unlocked = ask(&right, 70_008, &one, &[&uuid, &word(0)]);
    assert_eq!(parts(&unlocked), (70_108, 36, &word(0)[..], &[][..]));

    // What is no request of the interface is told so, and brings nothing into it.
    let short = ask(&right, 70_007, &one, &[&uuid]);
    assert_eq!(parts(&short), (70_107, 36, &word(-304)[..], &[][..]));
    let skipped = ask(&right, 70_005, &one, &[&uuid, &word(0)]);
    assert_eq!(parts(&skipped), (70_105, 36, &word(-303)[..], &[][..]));
    assert!(!one.status().unwrap().has_senders);
    assert!(!other.status().unwrap().has_senders);
}
