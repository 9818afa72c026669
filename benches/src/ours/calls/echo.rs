//! A request and a reply.

use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{Given, Letter, Pair, given, pair};
use crate::raw::SMALL;

pub(in crate::ours) const ECHO: &str = "calls-echo";
pub(in crate::ours) const ONCE: &str = "calls-once";

/// What the rows are called that others are compared with.
pub(crate) const LONG_LIVED: &str = "calls, long-lived reply right";
pub(crate) const SEND_ONCE: &str = "calls, send-once reply right";

/// The reply comes by a right that the peer has had from the beginning.
pub(crate) fn long_lived(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(ECHO, 0)?;
    let mut letter = Letter::new(SMALL);
    Ok(Contender::repeating(
        LONG_LIVED,
        [peer],
        counts.calls,
        move || {
            letter.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
            letter.send_and_receive(answers.name())
        },
    ))
}

pub(in crate::ours) fn serve() -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    let mut letter = Letter::new(SMALL);
    letter.receive(requests.name())?;
    loop {
        letter.address(to_parent.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        letter.send_and_receive(requests.name())?;
    }
}

/// The reply comes by a send-once right that is made for it.
pub(crate) fn send_once(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(ONCE, 0)?;
    let mut letter = Letter::new(SMALL);
    Ok(Contender::repeating(
        SEND_ONCE,
        [peer],
        counts.calls,
        move || {
            letter.address(
                to_peer.name(),
                MACH_MSG_TYPE_COPY_SEND,
                answers.name(),
                MACH_MSG_TYPE_MAKE_SEND_ONCE,
            );
            letter.send_and_receive(answers.name())
        },
    ))
}

pub(in crate::ours) fn serve_once() -> Result<()> {
    let Given { requests, .. } = given()?;
    let mut letter = Letter::new(SMALL);
    letter.receive(requests.name())?;
    loop {
        letter.turn();
        letter.send_and_receive(requests.name())?;
    }
}
