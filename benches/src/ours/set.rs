//! Many senders, and one receiver that waits for all of them.

use std::collections::HashMap;
use std::time::Instant;

use launcher::key;
use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;
use mach_ports::{Name, PortSet, ReceiveRight, SendRight};
use rendezvous_client::RendezvousClient;

use crate::Result;
use crate::harness::{Batch, Contender, Counts, Peer};
use crate::ours::Letter;
use crate::ours::pair::LONGEST;
use crate::raw::SMALL;

pub(super) const SENDER: &str = "calls-sender";

const GO: u32 = key(b"goon");
const SINK: u32 = key(b"sink");

/// One sender process, and the port that it sends to.
struct Sender {
    go: SendRight,
    port: ReceiveRight,
}

fn sender(messages: usize) -> Result<(Sender, Peer)> {
    let (go, port) = (ReceiveRight::new()?, ReceiveRight::new()?);
    port.set_queue_limit(LONGEST)?;
    let (to_go, sink) = (go.make_send()?, port.make_send()?);
    let peer = Peer::start(SENDER, |launcher| {
        launcher
            .arg(messages.to_string())
            .port(GO, go)
            .port(SINK, sink);
    })?;
    Ok((Sender { go: to_go, port }, peer))
}

/// All messages of so many senders, which begin together, received from one set; the number of messages is the same
/// whatever the number of senders.
pub(crate) fn senders(counts: &Counts, senders: usize) -> Result<Contender> {
    let each = counts.messages_of(SMALL) / senders;
    let name = match senders {
        1 => "calls, one port, one sender".to_owned(),
        many => format!("calls, {many} ports in a set, {many} senders"),
    };
    let started: Result<Vec<_>> = (0..senders).map(|_| sender(each)).collect();
    let (senders, peers): (Vec<_>, Vec<_>) = started?.into_iter().unzip();
    let set = match &senders[..] {
        [_] => None,
        many => {
            let set = PortSet::new()?;
            for sender in many {
                set.insert(&sender.port)?;
            }
            Some(set)
        }
    };
    let mut letter = Letter::new(SMALL);
    let mut shares: HashMap<Name, usize> = HashMap::new();
    Ok(Contender::new(name, peers, move || {
        let from = match &set {
            Some(set) => set.name(),
            None => senders[0].port.name(),
        };
        shares.clear();
        let begun = Instant::now();
        for sender in &senders {
            letter.address(sender.go.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
            letter.send()?;
        }
        let all = each * senders.len();
        for at in 0..all {
            letter.receive(from)?;
            // In the second half those who were served well have nothing left to send.
            if at < all / 2 {
                *shares.entry(letter.port()).or_default() += 1;
            }
        }
        let least = senders
            .iter()
            .map(|sender| shares.get(&sender.port.name()).copied());
        let least = least
            .map(Option::unwrap_or_default)
            .min()
            .unwrap_or_default();
        let fair = (all / 2) as f64 / senders.len() as f64;
        Ok(Batch {
            each: begun.elapsed().div_f64(all as f64),
            operations: all,
            fairness: (senders.len() > 1).then_some(least as f64 / fair),
        })
    }))
}

pub(super) fn serve(messages: usize) -> Result<()> {
    let client = RendezvousClient::instance()?;
    let go = client.take_receive(GO)?.ok_or("nobody will say when")?;
    let sink = client.take_send(SINK)?.ok_or("nobody to send to")?;
    let (mut started, mut letter) = (Letter::new(SMALL), Letter::new(SMALL));
    letter.address(sink.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
    loop {
        started.receive(go.name())?;
        for _ in 0..messages {
            letter.send()?;
        }
    }
}
