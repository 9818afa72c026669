//! An honest peer: it answers every message with what came, and visits who asks for it.

use std::sync::OnceLock;
use std::time::Duration;

use mach_ports::{
    AnyRight, Message, ReceiveOptions, ReceiveRight, ReceivedMessage, ReplyRight, SendOptions,
    bootstrap,
};

/// The id of a message whose data is the name of a port that is to be called.
pub(crate) const VISIT: i32 = 2;
/// The id of all others.
pub(crate) const ECHO: i32 = 1;

/// How long it waits for a peer that may be in trouble.
const PATIENCE: Duration = Duration::from_secs(10);

/// The bootstrap name of this process's helper.
pub(crate) fn name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = format!("rendezvous.tests.faults.{}", std::process::id());
        let port = bootstrap::check_in(&name).expect("a service");
        std::thread::spawn(move || serve(&port));
        name
    })
}

fn serve(port: &ReceiveRight) {
    loop {
        // A message of a peer in trouble may be one that is refused.
        let Ok(mut message) = port.receive(&ReceiveOptions::new()) else {
            continue;
        };
        let reply = message.take_reply();
        if message.id() == VISIT {
            let name = String::from_utf8_lossy(message.data().unwrap_or_default()).into_owned();
            std::thread::spawn(move || visit(&name));
        }
        if let Some(reply) = reply {
            answer(message, reply);
        }
    }
}

fn answer(mut message: ReceivedMessage, reply: ReplyRight) {
    let mut answer = Message::new(ECHO);
    for index in 0..message.descriptor_count() {
        if let Some(memory) = message.take_memory(index) {
            answer = answer.out_of_line(memory);
        } else if let Some(right) = message.take_right(index) {
            answer = answer.move_right(right);
        }
    }
    let answer = answer.bytes(message.body());
    let options = SendOptions::new().timeout(PATIENCE);
    // It may be gone.
    let _ = match reply {
        ReplyRight::Send(right) => answer.send(&right, &options),
        ReplyRight::SendOnce(right) => answer.send_once(right, &options),
    };
}

/// Calls a port by its name, with a right in the message.
fn visit(name: &str) {
    let Ok(way) = bootstrap::look_up(name) else {
        return;
    };
    let Ok(port) = ReceiveRight::new() else {
        return;
    };
    let patient = ReceiveOptions::new().timeout(PATIENCE);
    let call = Message::new(VISIT)
        .make_send(&port)
        .call_with(&way, &patient);
    drop(call.map(|mut message| message.take_right(0).map(|right| AnyRight::kind(&right))));
}
