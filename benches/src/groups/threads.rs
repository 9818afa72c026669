//! Threads of one task, each with a port of its own: what they share is the task's lock.

use std::time::Instant;

use mach_ports::ReceiveRight;
use mach_ports::ffi::message::MACH_MSG_TYPE_MAKE_SEND;

use crate::Result;
use crate::harness::threads::together;
use crate::harness::{Batch, Contender, Counts};
use crate::ours::Letter;
use crate::raw::SMALL;

pub(super) fn contenders(counts: &Counts) -> Vec<Contender> {
    [1, 2, 4]
        .map(|threads| with(threads, counts.messages))
        .into()
}

/// So many messages in all, each sent by a thread to itself.
fn with(threads: usize, messages: usize) -> Contender {
    let name = match threads {
        1 => "calls, 1 thread".to_owned(),
        many => format!("calls, {many} threads"),
    };
    let each = messages / threads;
    Contender::new(name, [], move || {
        let begun = Instant::now();
        together(threads, || to_itself(each))?;
        Ok(Batch {
            each: begun.elapsed().div_f64((each * threads) as f64),
            operations: each * threads,
            fairness: None,
        })
    })
}

fn to_itself(messages: usize) -> Result<()> {
    let port = ReceiveRight::new()?;
    let mut letter = Letter::new(SMALL);
    for _ in 0..messages {
        letter.address(port.name(), MACH_MSG_TYPE_MAKE_SEND, 0, 0);
        letter.send_and_receive(port.name())?;
    }
    Ok(())
}
