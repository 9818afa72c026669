//! Launches, until the child's first message.

use std::io::{Read, Write, stdout};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use launcher::key;
use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
use rendezvous_client::RendezvousClient;

use crate::harness::peer::{PEER, Role, again, program};
use crate::harness::threads::together;
use crate::harness::{Batch, Contender};
use crate::{Result, peers, raw};

/// The row of a whole launch.
pub(crate) const FIRST_MESSAGE: &str = "launcher, 4 ports, first message";

const MESSAGE: &str = "first-message";
const BYTE: &str = "first-byte";

const KEYS: [u32; 4] = [key(b"one_"), key(b"two_"), key(b"thre"), key(b"four")];

/// Launches that two threads share, or one does all of.
const SHARED: usize = 8;

pub(super) fn contenders() -> Result<Vec<Contender>> {
    let mut contenders = vec![
        Contender::timing("std Command, first byte on a pipe", [], 1, command),
        Contender::timing(
            "raw sockets, 4 ends fetched, first message",
            [],
            1,
            raw::launch::launch,
        ),
        Contender::timing(FIRST_MESSAGE, [], 1, launch),
    ];
    contenders.extend(peers::launches());
    contenders.extend([
        several("launcher, launches by one thread", 1),
        several("launcher, launches by two threads", 2),
    ]);
    Ok(contenders)
}

/// One launch with four ports; the child takes them and sends by one. The time is that until its message is here; the
/// child is waited for behind that.
pub(super) fn launch() -> Result<Duration> {
    let begun = Instant::now();
    let mut launcher = again(MESSAGE)?;
    let mut ports = Vec::with_capacity(KEYS.len());
    for key in KEYS {
        let port = ReceiveRight::new()?;
        launcher.port(key, port.make_send()?);
        ports.push(port);
    }
    let child = launcher.spawn()?;
    ports[0].receive(&ReceiveOptions::new())?;
    let taken = begun.elapsed();
    if child.wait()?.success() {
        Ok(taken)
    } else {
        Err("the child has failed".into())
    }
}

fn command() -> Result<Duration> {
    let begun = Instant::now();
    let mut child = Command::new(program()?)
        .args([PEER, BYTE])
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = child.stdout.take().ok_or("no pipe")?;
    pipe.read_exact(&mut [0])?;
    let taken = begun.elapsed();
    child.wait()?;
    Ok(taken)
}

/// A number of launches, children's ends included, by so many threads.
fn several(name: &str, threads: usize) -> Contender {
    Contender::new(name, [], move || {
        let begun = Instant::now();
        together(threads, || {
            (0..SHARED / threads).try_for_each(|_| launch().map(drop))
        })?;
        Ok(Batch {
            each: begun.elapsed() / SHARED as u32,
            operations: SHARED,
            fairness: None,
        })
    })
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    Some(match role.name.as_str() {
        MESSAGE => first_message(),
        BYTE => stdout()
            .write_all(b"!")
            .and_then(|()| stdout().flush())
            .map_err(Into::into),
        raw::launch::FETCH => raw::launch::serve(),
        _ => return peers::serve_launch(role),
    })
}

fn first_message() -> Result<()> {
    let client = RendezvousClient::instance()?;
    let mut rights = Vec::with_capacity(KEYS.len());
    for key in KEYS {
        rights.push(client.take_send(key)?.ok_or("a port is missing")?);
    }
    Ok(Message::new(1).send(&rights[0], &SendOptions::new())?)
}
