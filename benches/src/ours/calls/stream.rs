//! Messages one way.

use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{Given, Letter, Pair, given, pair};
use crate::raw::SMALL;

pub(in crate::ours) const STREAM: &str = "calls-stream";

/// Messages of this size, until the receiver says that it has the last.
pub(crate) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(STREAM, size)?;
    let messages = counts.messages_of(size);
    let (mut letter, mut last) = (Letter::new(size), Letter::new(size));
    last.mark();
    let mut answer = Letter::new(SMALL);
    Ok(Contender::streaming("calls", [peer], messages, move || {
        letter.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        last.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        for _ in 1..messages {
            letter.send()?;
        }
        last.send()?;
        answer.receive(answers.name())
    }))
}

pub(in crate::ours) fn serve(size: usize) -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    let (mut letter, mut answer) = (Letter::new(size), Letter::new(SMALL));
    answer.address(to_parent.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
    loop {
        letter.receive(requests.name())?;
        if letter.is_marked() {
            answer.send()?;
        }
    }
}
