//! A rendezvous server's handler.

use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
    MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_SEND_TIMEOUT,
};
use mach_ports::{ReceiveOptions, ReceiveRight, SendRight};
use rendezvous_protocol::wire::{REQUEST, REQUEST_SIZE, REQUEST_WITH_DATA};
use rendezvous_protocol::{Reply, Request};
use rendezvous_server::{PortCollection, RendezvousServer};

use super::given::{self, Names};
use super::left::nothing_left;
use crate::LONG;
use crate::letter::{Letter, SOON};

const KEY: u32 = 7;

/// Sends a server the messages that the bytes say, and then an honest request.
///
/// # Panics
/// If that is not answered, or with other ports than it should be, or something is left behind.
pub fn run(data: &[u8]) {
    static SERVER: OnceLock<(RendezvousServer, SendRight)> = OnceLock::new();
    let (server, way) = SERVER.get_or_init(|| {
        let server = RendezvousServer::unnamed().expect("a server");
        let way = server.send_right().expect("its port");
        (server, way)
    });
    nothing_left(|| {
        let port = ReceiveRight::new().expect("a receive right");
        let mut collection = PortCollection::new();
        let right = port.make_send().expect("a send right");
        collection.insert(KEY, right).expect("the first port");
        let pid = std::process::id().cast_signed();
        let registered = server.lock().register(pid, collection);
        let registration = registered.expect("nothing else is registered");
        let mut input = Unstructured::new(data);
        let mut asked = false;
        let names = Names::new();
        while !input.is_empty() {
            let Ok(is_request) = one(&mut input, way, &names) else {
                break;
            };
            asked |= is_request;
        }
        let patient = ReceiveOptions::new().timeout(LONG);
        let reply = Request::Ports.message().call_with(way, &patient);
        let reply = Reply::read(reply.expect("a reply")).expect("a sound one");
        assert!(
            asked || reply.ports.contains_key(&KEY),
            "the ports are gone"
        );
        drop(registration);
    });
}

/// Sends one message; whether that can be a request.
fn one(input: &mut Unstructured<'_>, way: &SendRight, names: &Names) -> Result<bool> {
    let given = given::message(input, (way.name(), MACH_MSG_TYPE_COPY_SEND), names)?;
    // The server makes room: what a send that timed out gives back would have to be released.
    let (code, _) = given.letter.send_with(MACH_SEND_TIMEOUT, SOON);
    let sent = code == MACH_MSG_SUCCESS;
    Ok(sent && may_ask(&given.letter))
}

fn may_ask(letter: &Letter) -> bool {
    let written = letter.buffer(0);
    written.size() == REQUEST_SIZE
        && [REQUEST, REQUEST_WITH_DATA].contains(&written.id())
        && [MACH_MSG_TYPE_MAKE_SEND_ONCE, MACH_MSG_TYPE_MOVE_SEND_ONCE]
            .contains(&written.local_disposition())
}
