//! Messages one way.

use crate::harness::{Contender, Counts};
use crate::raw;
use crate::{Result, sys};

pub(super) const STREAM: &str = "raw-stream";

/// Messages of this size, until the receiver says that it has the last.
pub(crate) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let messages = counts.messages_of(size);
    let peer = raw::start(STREAM, size, theirs)?;
    let packet = vec![0; size];
    let mut last = vec![0; size];
    raw::mark(&mut last);
    Ok(Contender::streaming(
        "raw send/recv",
        [peer],
        messages,
        move || {
            for _ in 1..messages {
                raw::send_all(&socket, &packet)?;
            }
            raw::send_all(&socket, &last)?;
            raw::receive(&socket, &mut [0])
        },
    ))
}

pub(super) fn serve(size: usize) -> Result<()> {
    let socket = raw::inherited();
    let mut packet = vec![0; size];
    loop {
        raw::receive(&socket, &mut packet)?;
        if raw::is_marked(&packet) {
            raw::send_all(&socket, &[0])?;
        }
    }
}
