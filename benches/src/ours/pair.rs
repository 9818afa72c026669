//! Two processes and a port for each.

use launcher::{Launcher, key};
use mach_ports::{ReceiveRight, SendRight};
use rendezvous_client::RendezvousClient;

use crate::Result;
use crate::harness::Peer;
use crate::harness::peer::again;

/// The longest queue that a port can have.
pub(crate) const LONGEST: u32 = 1_024;

const REQUESTS: u32 = key(b"requ");
const ANSWERS: u32 = key(b"answ");

/// What this process has.
pub(crate) struct Pair {
    pub(crate) to_peer: SendRight,
    pub(crate) answers: ReceiveRight,
    pub(crate) peer: Peer,
}

/// What the peer has.
pub(crate) struct Given {
    pub(crate) requests: ReceiveRight,
    pub(crate) to_parent: SendRight,
}

/// Starts a peer that receives requests, and has a long-lived right to answer by.
pub(crate) fn pair(role: &str, argument: usize) -> Result<Pair> {
    let mut launcher = again(role)?;
    launcher.arg(argument.to_string());
    pair_by(launcher)
}

/// As [`pair`], with a launcher that describes the peer.
pub(crate) fn pair_by(mut launcher: Launcher) -> Result<Pair> {
    let (requests, answers) = (ReceiveRight::new()?, ReceiveRight::new()?);
    requests.set_queue_limit(LONGEST)?;
    answers.set_queue_limit(LONGEST)?;
    let (to_peer, to_parent) = (requests.make_send()?, answers.make_send()?);
    launcher.port(REQUESTS, requests).port(ANSWERS, to_parent);
    let peer = Peer::launch(launcher)?;
    Ok(Pair {
        to_peer,
        answers,
        peer,
    })
}

/// The ports that this process was started with.
pub(crate) fn given() -> Result<Given> {
    let client = RendezvousClient::instance()?;
    let requests = client
        .take_receive(REQUESTS)?
        .ok_or("nothing to receive from")?;
    requests.set_queue_limit(LONGEST)?;
    Ok(Given {
        requests,
        to_parent: client.take_send(ANSWERS)?.ok_or("nobody to answer")?,
    })
}
