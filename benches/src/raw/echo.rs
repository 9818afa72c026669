//! A request and a reply.

use crate::harness::{Contender, Counts};
use crate::raw::{self, SMALL};
use crate::{Result, sys};

pub(super) const ECHO: &str = "raw-echo";

/// 64 bytes there and back.
pub(crate) fn echo(counts: &Counts) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let peer = raw::start(ECHO, 0, theirs)?;
    let mut packet = [0; SMALL];
    let name = "raw send/recv";
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            raw::send_all(&socket, &packet)?;
            raw::receive(&socket, &mut packet)
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let socket = raw::inherited();
    let mut packet = [0; SMALL];
    loop {
        raw::receive(&socket, &mut packet)?;
        raw::send_all(&socket, &packet)?;
    }
}
