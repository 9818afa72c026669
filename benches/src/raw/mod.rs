//! Sockets without anything around them: the unit of the ratios.

mod echo;
pub(crate) mod launch;
mod pipes;
mod rights;
mod stream;

use std::io::Error;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use launcher::Launcher;
use nix::sys::socket::{MsgFlags, recv, send};

use crate::Result;
use crate::harness::Peer;
use crate::harness::peer::Role;

pub(crate) use echo::{echo, spinning_echo};
pub(crate) use pipes::pipes;
pub(crate) use rights::rights;
pub(crate) use stream::stream;

/// The bytes of a small message.
pub(crate) const SMALL: usize = 64;

/// The number under which a peer has its end of the pair.
const SOCKET: i32 = 3;

/// Starts a peer that has one end of a pair.
pub(crate) fn start(role: &str, argument: usize, socket: OwnedFd) -> Result<Peer> {
    Peer::start(role, |launcher| {
        give(launcher.arg(argument.to_string()), socket);
    })
}

/// Gives a peer one end of a pair.
pub(crate) fn give(launcher: &mut Launcher, socket: OwnedFd) {
    launcher.fd(SOCKET, socket);
}

/// The end of the pair that this process was started with. It is called once.
pub(crate) fn inherited() -> OwnedFd {
    // SAFETY: who started this process in a role that has an end passed it under this number, and nothing else in this
    // process has taken it over.
    unsafe { OwnedFd::from_raw_fd(SOCKET) }
}

/// Sends all of a packet.
pub(crate) fn send_all(socket: &OwnedFd, packet: &[u8]) -> Result<()> {
    whole(
        send(socket.as_raw_fd(), packet, MsgFlags::empty())?,
        packet.len(),
    )
}

/// Receives as many bytes; one call is enough where packets are kept together.
pub(crate) fn receive(socket: &OwnedFd, packet: &mut [u8]) -> Result<()> {
    let mut got = 0;
    while got < packet.len() {
        match recv(socket.as_raw_fd(), &mut packet[got..], MsgFlags::empty())? {
            0 => return Err(Gone.into()),
            more => got += more,
        }
    }
    Ok(())
}

/// The other process has ended, which for a peer is the end of its work.
#[derive(Debug)]
pub(crate) struct Gone;

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the other process is gone")
    }
}

impl std::error::Error for Gone {}

/// Whether all bytes went.
pub(crate) fn whole(went: usize, of: usize) -> Result<()> {
    if went == of {
        Ok(())
    } else if went == 0 {
        Err(Gone.into())
    } else {
        Err(Error::other(format!("{went} bytes of {of}")).into())
    }
}

/// Makes a packet the last of a stream.
pub(crate) fn mark(packet: &mut [u8]) {
    packet[0] = 1;
}

/// Whether a packet is the last of a stream.
pub(crate) fn is_marked(packet: &[u8]) -> bool {
    packet[0] == 1
}

/// Does this role, if it is one of these.
pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    Some(match role.name.as_str() {
        echo::ECHO => echo::serve(),
        echo::SPINNING => echo::serve_spinning(),
        pipes::PIPES => pipes::serve(),
        rights::RIGHTS => rights::serve(),
        stream::STREAM => role.number().and_then(stream::serve),
        _ => return None,
    })
}
