//! Packets with their senders' credentials, which the kernel attaches: what any link needs that tells who sent.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::cmsg_space;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, UnixCredentials, recvmsg, sendmsg, setsockopt, sockopt::PassCred,
};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::raw::{self, SMALL};
use crate::sys;

pub(super) const ECHO: &str = "credentials-echo";
pub(super) const STREAM: &str = "credentials-stream";

/// One end of a pair that tells who sent.
struct End {
    socket: OwnedFd,
    room: Vec<u8>,
}

impl End {
    fn new(socket: OwnedFd) -> Result<Self> {
        setsockopt(&socket, PassCred, &true)?;
        let room = cmsg_space!(UnixCredentials);
        Ok(Self { socket, room })
    }

    fn send(&self, packet: &[u8]) -> Result<()> {
        let parts = [IoSlice::new(packet)];
        let sent = sendmsg::<()>(
            self.socket.as_raw_fd(),
            &parts,
            &[],
            MsgFlags::empty(),
            None,
        )?;
        raw::whole(sent, packet.len())
    }

    fn receive(&mut self, packet: &mut [u8]) -> Result<()> {
        let len = packet.len();
        let mut parts = [IoSliceMut::new(packet)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let got = recvmsg::<()>(
            self.socket.as_raw_fd(),
            &mut parts,
            Some(&mut self.room),
            flags,
        )?;
        raw::whole(got.bytes, len)?;
        let known = got
            .cmsgs()?
            .any(|part| matches!(part, ControlMessageOwned::ScmCredentials(_)));
        if known {
            Ok(())
        } else {
            Err("a packet does not say who sent it".into())
        }
    }
}

/// A request and a reply.
pub(super) fn echo(counts: &Counts) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let mut end = End::new(socket)?;
    let peer = raw::start(ECHO, 0, theirs)?;
    let mut packet = [0; SMALL];
    let name = "raw sendmsg/recvmsg, credentials";
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            end.send(&packet)?;
            end.receive(&mut packet)
        },
    ))
}

pub(super) fn serve_echo() -> Result<()> {
    let mut end = End::new(raw::inherited())?;
    let mut packet = [0; SMALL];
    loop {
        end.receive(&mut packet)?;
        end.send(&packet)?;
    }
}

/// Packets one way.
pub(super) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let (socket, theirs) = sys::pair()?;
    let mut end = End::new(socket)?;
    let messages = counts.messages_of(size);
    let peer = raw::start(STREAM, size, theirs)?;
    let packet = vec![0; size];
    let mut ends = vec![0; size];
    raw::mark(&mut ends);
    let name = "raw sendmsg/recvmsg, credentials";
    Ok(Contender::streaming(name, [peer], messages, move || {
        for _ in 1..messages {
            end.send(&packet)?;
        }
        end.send(&ends)?;
        end.receive(&mut [0])
    }))
}

pub(super) fn serve_stream(size: usize) -> Result<()> {
    let mut end = End::new(raw::inherited())?;
    let mut packet = vec![0; size];
    loop {
        end.receive(&mut packet)?;
        if raw::is_marked(&packet) {
            end.send(&[0])?;
        }
    }
}
