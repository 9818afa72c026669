//! A routine of a typed interface, and the same bytes by hand.

use std::time::Duration;

use mach_interface::server::serve_one;
use mach_interface::{Server, Subsystem, subsystem};
use mach_ports::{Message, ReceiveOptions, ReceiveRight, ReturnCode, SendOptions};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{Given, Pair, given, pair};
use crate::raw::{self, SMALL};

pub(super) const TYPED: &str = "typed-echo";
pub(super) const SERVER: &str = "typed-server";
pub(super) const BY_HAND: &str = "typed-by-hand";

pub(crate) const ROUTINE: &str = "typed call";
pub(crate) const SERVED: &str = "typed call, by a server of ports";
pub(crate) const HAND: &str = "the same bytes by hand";

const BASE: i32 = 9000;
const BYTES: [u8; SMALL] = [0; SMALL];
/// What MIG puts in front of arguments.
const NDR: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];
/// Both sides wait for so long, as a careful program does.
const PATIENCE: Duration = Duration::from_secs(60);

#[subsystem(base = 9000)]
trait Echo {
    fn echo(&self, bytes: [u8; SMALL]) -> std::result::Result<[u8; SMALL], ReturnCode>;
}

struct Mirror;

impl Echo for Mirror {
    fn echo(&self, bytes: [u8; SMALL]) -> std::result::Result<[u8; SMALL], ReturnCode> {
        Ok(bytes)
    }
}

/// By the client that `#[subsystem]` makes.
pub(crate) fn routine(counts: &Counts) -> Result<Contender> {
    calling(ROUTINE, TYPED, counts)
}

/// The same, of a server with any number of ports.
pub(crate) fn served(counts: &Counts) -> Result<Contender> {
    calling(SERVED, SERVER, counts)
}

fn calling(name: &str, role: &str, counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(role, 0)?;
    let client = EchoClient::new(to_peer).with_timeout(PATIENCE);
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            // The peer's right to it would be a dead name.
            let _alive = &answers;
            raw::whole(client.echo(BYTES)?.len(), SMALL)
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let Given { requests, .. } = given()?;
    let objects: Vec<Box<dyn Subsystem>> = vec![Box::new(EchoServer::new(Mirror))];
    loop {
        serve_one(requests.receive(&ReceiveOptions::new())?, &objects).send();
    }
}

pub(super) fn serve_by_server() -> Result<()> {
    let Given { requests, .. } = given()?;
    let server = Server::new()?;
    server.add_port(requests, vec![Box::new(EchoServer::new(Mirror))])?;
    Ok(server.run()?)
}

/// By the safe layer's messages, to a reply port that stays, with the arguments where MIG has them.
pub(crate) fn by_hand(counts: &Counts) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair(BY_HAND, 0)?;
    let port = ReceiveRight::new()?;
    let (send, receive) = (
        SendOptions::new().timeout(PATIENCE),
        ReceiveOptions::new().timeout(PATIENCE),
    );
    Ok(Contender::repeating(
        HAND,
        [peer],
        counts.calls,
        move || {
            let _alive = &answers;
            Message::new(BASE)
                .bytes(&NDR)
                .bytes(&BYTES)
                .reply_to_make_send_once(&port)
                .send(&to_peer, &send)?;
            let reply = port.receive(&receive)?;
            let (NDR_AND_CODE, bytes) = reply.body().split_at_checked(12).ok_or("a short reply")?
            else {
                return Err("a reply that failed".into());
            };
            raw::whole(bytes.len(), SMALL)
        },
    ))
}

/// What stands in front of a reply's results.
const NDR_AND_CODE: &[u8] = &[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];

pub(super) fn serve_by_hand() -> Result<()> {
    let Given { requests, .. } = given()?;
    let now = SendOptions::new().timeout(Duration::ZERO);
    loop {
        let mut request = requests.receive(&ReceiveOptions::new())?;
        let to = request.take_reply().ok_or("nobody wants a reply")?;
        let bytes = request.body().get(8..).ok_or("a short request")?;
        Message::new(BASE + 100)
            .bytes(NDR_AND_CODE)
            .bytes(bytes)
            .reply_by(to, &now)?;
    }
}
