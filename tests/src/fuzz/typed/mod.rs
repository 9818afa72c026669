//! A typed interface's server: what decodes requests, and gives back what they brought.

mod seeds;
mod shapes;

use std::sync::OnceLock;

use arbitrary::{Result, Unstructured};
use mach_ports::SendRight;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_SEND_TIMEOUT};
use mach_rendezvous::interface::Server;

pub use seeds::seeds;
use shapes::{Answers, BASE, ROUTINES, ShapesClient, ShapesServer};

use super::given::{self, Names};
use super::left::nothing_left;
use crate::LONG;
use crate::letter::SOON;

/// Sends a server the messages that the bytes say, and then an honest request. Bytes that begin as a request does are one, as they
/// stand; others say what messages are made of.
///
/// # Panics
/// If that is not answered as it should be, or something is left behind.
pub fn run(data: &[u8]) {
    static SERVER: OnceLock<SendRight> = OnceLock::new();
    let way = SERVER.get_or_init(|| {
        let server = Server::new().expect("a server");
        let way = server.add(ShapesServer::new(Answers)).expect("its port");
        // It runs for as long as the process does.
        std::mem::forget(server.spawn(1).expect("a thread"));
        // This thread has a port for replies from now on.
        ask(&way);
        way
    });
    nothing_left(|| {
        let names = Names::new();
        if let Some(given) = given::shown(data, way.name(), &names) {
            send(given);
            drop(names);
            return ask(way);
        }
        let mut input = Unstructured::new(data);
        while !input.is_empty() {
            if one(&mut input, way, &names).is_err() {
                break;
            }
        }
        drop(names);
        ask(way);
    });
}

/// An honest request.
fn ask(way: &SendRight) {
    let way = way.try_clone().expect("its port");
    let client = ShapesClient::new(way).with_timeout(LONG);
    let answer = client.numbers(-2, 40, true, [3; 5]);
    assert_eq!(answer.expect("an answer"), 46);
}

fn one(input: &mut Unstructured<'_>, way: &SendRight, names: &Names) -> Result<()> {
    let given = given::message(input, (way.name(), MACH_MSG_TYPE_COPY_SEND), names)?;
    let id = input.int_in_range(0..=ROUTINES)?;
    send(given.with_id(BASE + id));
    Ok(())
}

fn send(given: given::Given) {
    // The server makes room: what a send that timed out gives back would have to be released.
    // One that cannot be sent is no request.
    let _ = given.letter.send_with(MACH_SEND_TIMEOUT, SOON);
}
