//! ipc-channel, with its channel of bytes, which does without serialisation.

use std::process::Command;
use std::time::Instant;

use ipc_channel::IpcError;
use ipc_channel::ipc::{
    IpcBytesReceiver, IpcBytesSender, IpcOneShotServer, IpcSender, bytes_channel,
};

use crate::Result;
use crate::harness::peer::{PEER, program};
use crate::harness::{Contender, Counts, Peer};
use crate::raw::{self, SMALL};

pub(super) const ECHO: &str = "ipc-channel-echo";
pub(super) const STREAM: &str = "ipc-channel-stream";
pub(super) const LAUNCH: &str = "ipc-channel-launch";

type Both = (IpcBytesSender, IpcBytesReceiver);

fn start(role: &str) -> Result<(Both, Peer)> {
    let (server, name) = IpcOneShotServer::<Both>::new()?;
    let peer = Peer::start(role, |launcher| {
        launcher.arg(name);
    })?;
    let (_, both) = server.accept()?;
    Ok((both, peer))
}

/// The peer's side of [`start`].
fn connect(name: &str) -> Result<Both> {
    let (to_us, requests) = bytes_channel()?;
    let (answers, to_parent) = bytes_channel()?;
    IpcSender::connect(name.to_owned())?.send((to_us, to_parent))?;
    Ok((answers, requests))
}

pub(super) fn echo(counts: &Counts) -> Result<Contender> {
    let ((to_peer, answers), peer) = start(ECHO)?;
    Ok(Contender::repeating(
        "ipc-channel",
        [peer],
        counts.calls,
        move || {
            to_peer.send(&[0; SMALL])?;
            raw::whole(answers.recv()?.len(), SMALL)
        },
    ))
}

pub(super) fn serve_echo(name: &str) -> Result<()> {
    let (answers, requests) = connect(name)?;
    loop {
        answers.send(&next(&requests)?)?;
    }
}

pub(super) fn stream(counts: &Counts, size: usize) -> Result<Contender> {
    let ((to_peer, answers), peer) = start(STREAM)?;
    let messages = counts.messages_of(size);
    let bytes = vec![0; size];
    let mut last = vec![0; size];
    raw::mark(&mut last);
    Ok(Contender::streaming(
        "ipc-channel",
        [peer],
        messages,
        move || {
            for _ in 1..messages {
                to_peer.send(&bytes)?;
            }
            to_peer.send(&last)?;
            raw::whole(answers.recv()?.len(), SMALL)
        },
    ))
}

pub(super) fn serve_stream(name: &str) -> Result<()> {
    let (answers, requests) = connect(name)?;
    loop {
        if raw::is_marked(&next(&requests)?) {
            answers.send(&[0; SMALL])?;
        }
    }
}

/// A child that is started with the name of a one-shot server, until its first message.
pub(super) fn launches() -> Contender {
    Contender::timing("ipc-channel, one-shot server, first message", [], 1, || {
        let begun = Instant::now();
        let (server, name) = IpcOneShotServer::<u8>::new()?;
        let mut child = Command::new(program()?)
            .args([PEER, LAUNCH, &name])
            .spawn()?;
        server.accept()?;
        let taken = begun.elapsed();
        child.wait()?;
        Ok(taken)
    })
}

pub(super) fn serve_launch(name: &str) -> Result<()> {
    Ok(IpcSender::connect(name.to_owned())?.send(1_u8)?)
}

fn next(requests: &IpcBytesReceiver) -> Result<Vec<u8>> {
    match requests.recv() {
        Err(IpcError::Disconnected) => Err(raw::Gone.into()),
        other => Ok(other?),
    }
}
