//! Memory that is given away.

use std::time::Instant;

use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::memory::{Region, look};
use crate::ours::{Given, Letter, Pair, given, pair};
use crate::raw::SMALL;

pub(in crate::ours) const HAND_OVER: &str = "calls-memory";

/// Memory that goes to the peer, until it says that it has looked at it.
pub(crate) fn hand_over(counts: &Counts, size: usize) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(HAND_OVER, size)?;
    let mut letter = Letter::new(SMALL);
    Ok(Contender::timing(
        "calls",
        [peer],
        counts.hand_overs,
        move || {
            let memory = Region::filled(size)?;
            let begun = Instant::now();
            letter.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
            letter.carry_memory(memory);
            letter.send_and_receive(answers.name())?;
            Ok(begun.elapsed())
        },
    ))
}

pub(in crate::ours) fn serve(size: usize) -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    let mut letter = Letter::new(SMALL);
    loop {
        letter.receive(requests.name())?;
        let mut memory = letter.take_memory()?;
        if memory.bytes().len() != size {
            return Err("the memory has another size".into());
        }
        look(memory.bytes())?;
        drop(memory);
        letter.address(to_parent.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        letter.send()?;
    }
}
