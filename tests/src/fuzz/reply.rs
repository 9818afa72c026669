//! A client's reader of replies.

use std::time::Duration;

use arbitrary::{Arbitrary, Result, Unstructured};
use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
use rendezvous_protocol::Reply;
use rendezvous_protocol::wire::{self, Body};

use super::left::nothing_left;

/// Reads the reply that the bytes say.
///
/// # Panics
/// If an honest one is refused, one that lies is taken for another, or a right is left behind.
pub fn run(data: &[u8]) {
    nothing_left(|| {
        let port = ReceiveRight::new().expect("a receive right");
        // Too few bytes for a reply are none.
        let _ = one(&mut Unstructured::new(data), &port);
        let status = port.status().expect("its status");
        assert!(!status.has_senders, "a right is left");
    });
}

fn one(input: &mut Unstructured<'_>, port: &ReceiveRight) -> Result<()> {
    let honest = !input.ratio(3, 4)?;
    let mut keys = Vec::<u32>::arbitrary(input)?;
    let data = Vec::<u8>::arbitrary(input)?;
    keys.truncate(wire::MAX_PORTS);
    if honest {
        keys.sort_unstable();
        keys.dedup();
    }
    let mut body = wire::encode_body(&keys, &data);
    let mut message = Message::new(wire::REPLY).complex();
    let mut count = keys.len();
    if !honest {
        for _ in 0..input.int_in_range(0..=4u8)? {
            let at = input.choose_index(body.len())?;
            body[at] = u8::arbitrary(input)?;
        }
        if input.ratio(1, 4)? {
            body.truncate(input.int_in_range(0..=body.len())?);
        }
        if input.ratio(1, 4)? {
            count = input.int_in_range(0..=wire::MAX_PORTS)?;
        }
        if input.ratio(1, 16)? {
            message = Message::new(i32::arbitrary(input)?).complex();
        }
        if input.ratio(1, 16)? {
            message = message.reply_to_make_send_once(port);
        }
    }
    // As the sender's kernel has it.
    body.resize(body.len().next_multiple_of(4), 0);
    for _ in 0..count {
        message = match input.int_in_range(0..=9u8)? {
            0 => message.make_send_once(port),
            1 if !honest => message.out_of_line(data.clone()),
            _ => message.make_send(port),
        };
    }
    let way = port.make_send().expect("a send right");
    let sent = message.bytes(&body).send(&way, &SendOptions::new());
    drop(way);
    sent.expect("a message that fits");
    let at_once = ReceiveOptions::new()
        .timeout(Duration::ZERO)
        .max_size(wire::MAX_REPLY_SIZE);
    let received = port.receive(&at_once).expect("what was sent");
    match Reply::read(received) {
        Ok(reply) => {
            let sound = Body::decode(count, &body).expect("a sound body");
            assert_eq!((reply.ports.len(), &*reply.data), (count, sound.data));
            assert!(reply.ports.keys().eq(&sound.keys));
        }
        Err(error) => assert!(!honest, "{error}"),
    }
    // What was given up comes as a notification.
    while port.receive(&at_once).is_ok() {}
    Ok(())
}
