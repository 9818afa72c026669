//! Requests while the number of children, or of ports, grows.

use std::time::Duration;

use launcher::key;
use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;
use mach_ports::{ReceiveOptions, ReceiveRight, SendRight};
use rendezvous_client::RendezvousClient;

use crate::Result;
use crate::harness::peer::Role;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::harness::{Contender, Counts, Peer};
use crate::ours::{Letter, calls::echo};
use crate::raw::{self, SMALL};

/// How long a child may take to say that it has its ports.
const LONG: Duration = Duration::from_secs(60);
const LIVE: &str = "live";
const PORT: u32 = key(b"port");
const READY: u32 = key(b"redy");

pub(super) fn children(counts: &Counts) -> Result<Vec<Race>> {
    let mut children = Vec::new();
    levels(counts, counts.children, |level| {
        while children.len() < level {
            children.push(live()?);
        }
        Ok(())
    })
}

pub(super) fn names(counts: &Counts) -> Result<Vec<Race>> {
    let mut ports = Vec::new();
    levels(counts, counts.names, |level| {
        while ports.len() < level {
            ports.push(ReceiveRight::new()?);
        }
        Ok(())
    })
}

/// The same race at each level, with the same processes.
fn levels(
    counts: &Counts,
    levels: &[usize],
    mut grow: impl FnMut(usize) -> Result<()>,
) -> Result<Vec<Race>> {
    let mut contenders: [Contender; 3] = [
        raw::echo(counts)?,
        echo::long_lived(counts)?,
        echo::send_once(counts)?,
    ];
    let mut races = Vec::with_capacity(levels.len());
    for level in levels {
        grow(*level)?;
        races.push(Race {
            level: Some(*level as u64),
            series: race(&mut contenders, counts.rounds)?,
        });
    }
    Ok(races)
}

/// A child that has taken its ports and waits for a message, with what this process keeps of it.
fn live() -> Result<(Peer, SendRight, ReceiveRight)> {
    let (port, ready) = (ReceiveRight::new()?, ReceiveRight::new()?);
    let (to_child, right) = (port.make_send()?, ready.make_send()?);
    let peer = Peer::start(LIVE, |launcher| {
        launcher.port(PORT, port).port(READY, right);
    })?;
    ready.receive(&ReceiveOptions::new().timeout(LONG))?;
    Ok((peer, to_child, ready))
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == LIVE).then(|| {
        let client = RendezvousClient::instance()?;
        let port = client
            .take_receive(PORT)?
            .ok_or("nothing to receive from")?;
        let ready = client.take_send(READY)?.ok_or("nobody to tell")?;
        let mut letter = Letter::new(SMALL);
        letter.address(ready.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        letter.send()?;
        letter.receive(port.name())
    })
}
