//! A request and a reply.

use std::os::fd::{AsRawFd, OwnedFd};
use std::thread::available_parallelism;

use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, recv};

use crate::harness::{Contender, Counts};
use crate::raw::{self, SMALL};
use crate::{Result, sys};

pub(super) const ECHO: &str = "raw-echo";
pub(super) const SPINNING: &str = "raw-echo-spinning";

/// How often a socket is looked at before it is waited for.
const LOOKS: usize = 400;

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

/// The same where both sides look for a while before they sleep: what spinning can come to at the best. On one processor it
/// keeps the other side from its work, and is left out.
pub(crate) fn spinning_echo(counts: &Counts) -> Result<Option<Contender>> {
    if available_parallelism()?.get() < 2 {
        return Ok(None);
    }
    let (socket, theirs) = sys::pair()?;
    let peer = raw::start(SPINNING, 0, theirs)?;
    let mut packet = [0; SMALL];
    let name = "raw send/recv, both sides spin";
    Ok(Some(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            raw::send_all(&socket, &packet)?;
            look_and_receive(&socket, &mut packet)
        },
    )))
}

pub(super) fn serve_spinning() -> Result<()> {
    let socket = raw::inherited();
    let mut packet = [0; SMALL];
    loop {
        look_and_receive(&socket, &mut packet)?;
        raw::send_all(&socket, &packet)?;
    }
}

fn look_and_receive(socket: &OwnedFd, packet: &mut [u8]) -> Result<()> {
    for _ in 0..LOOKS {
        match recv(socket.as_raw_fd(), packet, MsgFlags::MSG_DONTWAIT) {
            Err(Errno::EAGAIN) => {}
            got => return raw::whole(got?, packet.len()),
        }
    }
    raw::receive(socket, packet)
}
