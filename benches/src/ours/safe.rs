//! The safe layer, as a program uses it.

use std::time::Instant;

use mach_ports::{Message, OolMemory, ReceiveOptions, SendOptions};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::memory::look;
use crate::ours::{Given, Pair, given, pair};
use crate::raw::{self, SMALL};

pub(super) const ECHO: &str = "safe-echo";
pub(super) const ONCE: &str = "safe-once";
pub(super) const STREAM: &str = "safe-stream";
pub(super) const HAND_OVER: &str = "safe-memory";

pub(crate) const LONG_LIVED: &str = "safe layer, long-lived reply right";
pub(crate) const SEND_ONCE: &str = "safe layer, send-once reply right";
pub(crate) const CALL: &str = "safe layer, Message::call";

const BYTES: [u8; SMALL] = [0; SMALL];
const SEND: SendOptions = SendOptions::new();
const RECEIVE: ReceiveOptions = ReceiveOptions::new();

/// The reply comes by a right that the peer has had from the beginning.
pub(crate) fn long_lived(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(ECHO, 0)?;
    Ok(Contender::repeating(
        LONG_LIVED,
        [peer],
        counts.calls,
        move || {
            Message::new(1).bytes(&BYTES).send(&to_peer, &SEND)?;
            whole(&answers.receive(&RECEIVE)?)
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    loop {
        whole(&requests.receive(&RECEIVE)?)?;
        Message::new(2).bytes(&BYTES).send(&to_parent, &SEND)?;
    }
}

/// The reply comes by a send-once right that is made for it, to a port that stays.
pub(crate) fn send_once(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(ONCE, 0)?;
    Ok(Contender::repeating(
        SEND_ONCE,
        [peer],
        counts.calls,
        move || {
            Message::new(1)
                .bytes(&BYTES)
                .reply_to_make_send_once(&answers)
                .send(&to_peer, &SEND)?;
            whole(&answers.receive(&RECEIVE)?)
        },
    ))
}

/// The reply comes to a port that is made for it.
pub(crate) fn call(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(ONCE, 0)?;
    Ok(Contender::repeating(
        CALL,
        [peer],
        counts.calls,
        move || {
            // The peer's right to it would be a dead name.
            let _alive = &answers;
            whole(&Message::new(1).bytes(&BYTES).call(&to_peer, None)?)
        },
    ))
}

pub(super) fn serve_once() -> Result<()> {
    let Given { requests, .. } = given()?;
    loop {
        let mut request = requests.receive(&RECEIVE)?;
        let reply = request.take_reply().ok_or("nobody wants a reply")?;
        Message::new(2).bytes(&BYTES).reply_by(reply, &SEND)?;
    }
}

/// Messages of this size one way, until the receiver says that it has the last.
pub(crate) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(STREAM, size)?;
    let messages = counts.messages_of(size);
    let bytes = vec![0; size];
    let mut last = vec![0; size];
    raw::mark(&mut last);
    Ok(Contender::streaming(
        "safe layer",
        [peer],
        messages,
        move || {
            for _ in 1..messages {
                Message::new(1).bytes(&bytes).send(&to_peer, &SEND)?;
            }
            Message::new(1).bytes(&last).send(&to_peer, &SEND)?;
            whole(&answers.receive(&RECEIVE)?)
        },
    ))
}

pub(super) fn serve_stream(size: usize) -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    loop {
        let message = requests.receive(&RECEIVE)?;
        if message.body().len() != size {
            return Err("a message has another size".into());
        }
        if raw::is_marked(message.body()) {
            Message::new(2).bytes(&BYTES).send(&to_parent, &SEND)?;
        }
    }
}

/// Memory that goes to the peer, until it says that it has looked at it.
pub(crate) fn hand_over(counts: &Counts, size: usize) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(HAND_OVER, size)?;
    Ok(Contender::timing(
        "safe layer",
        [peer],
        counts.hand_overs,
        move || {
            let mut memory = OolMemory::zeroed(size)?;
            memory.fill(1);
            let begun = Instant::now();
            Message::new(1).out_of_line(memory).send(&to_peer, &SEND)?;
            whole(&answers.receive(&RECEIVE)?)?;
            Ok(begun.elapsed())
        },
    ))
}

pub(super) fn serve_hand_over() -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    loop {
        let mut message = requests.receive(&RECEIVE)?;
        let memory = message.take_memory(0).ok_or("no memory came")?;
        look(&memory)?;
        drop(memory);
        Message::new(2).bytes(&BYTES).send(&to_parent, &SEND)?;
    }
}

fn whole(message: &mach_ports::ReceivedMessage) -> Result<()> {
    raw::whole(message.body().len(), SMALL)
}
