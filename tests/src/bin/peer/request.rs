//! Requests and replies made by hand: some as they must be, some as they must not.

use std::collections::BTreeMap;
use std::time::Duration;

use mach_ports::{
    AnyRight, Message, Name, ReceiveOptions, ReceiveRight, ReplyRight, SendOnceRight, SendOptions,
    SendRight,
};
use rendezvous_client::key;
use rendezvous_protocol::wire::{REQUEST, REQUEST_WITH_DATA};
use rendezvous_protocol::{Confirmation, Denial, Reply, Request};
use rendezvous_tests::{LONG, bytes, events};

use crate::commands::{Answer, State, Words, word};
use crate::rights;

/// `ask SERVER FORM`: sends a request by the send right SERVER, and goes on without waiting for the reply.
pub(crate) fn ask(state: &mut State, mut words: Words<'_>) -> Answer {
    let (server, form) = (word(&mut words)?, word(&mut words)?);
    let port = ReceiveRight::new()?;
    ask_once(state, server, form, &port)?;
    state.reply = Some(port);
    Ok("asked".to_owned())
}

/// `ask-for SERVER RIGHT [NONCE]`: sends a request whose reply goes by the send-once right RIGHT, to whomever that leads; a
/// confirmation, if it has a number.
pub(crate) fn ask_for(state: &mut State, mut words: Words<'_>) -> Answer {
    let (server, reply) = (word(&mut words)?, word(&mut words)?);
    let Some(AnyRight::SendOnce(reply)) = state.rights.remove(reply) else {
        return Err("the reply's is no send-once right".into());
    };
    let AnyRight::Send(server) = state.right(server)? else {
        return Err("the server is no send right".into());
    };
    let message = match words.next() {
        None => Message::new(REQUEST_WITH_DATA),
        Some(nonce) => {
            let (request, nonce) = (Request::PortsAndData, nonce.parse()?);
            Confirmation { request, nonce }.message()
        }
    };
    message
        .reply_to_move(ReplyRight::SendOnce(reply))
        .send(server, &SendOptions::new().timeout(LONG))?;
    Ok("asked".to_owned())
}

/// `flood SERVER FORM NUMBER`: sends that many, with one port for all replies, and reads none of these.
pub(crate) fn flood(state: &mut State, mut words: Words<'_>) -> Answer {
    let (server, form) = (word(&mut words)?, word(&mut words)?);
    let port = ReceiveRight::new()?;
    for _ in 0..word(&mut words)?.parse()? {
        ask_once(state, server, form, &port)?;
        if !matches!(form, "ports" | "data") {
            // That a reply right went: each that is not received costs a descriptor, which are few on most machines.
            while let Ok(gone) = port.receive(&ReceiveOptions::new().timeout(Duration::ZERO)) {
                drop(gone);
            }
        }
    }
    state.reply = Some(port);
    Ok("flooded".to_owned())
}

fn ask_once(
    state: &State,
    server: &str,
    form: &str,
    reply: &ReceiveRight,
) -> Result<(), Box<dyn std::error::Error>> {
    let AnyRight::Send(server) = state.right(server)? else {
        return Err("the server is no send right".into());
    };
    match form {
        "ports" => by_hand(server.name(), reply.name(), REQUEST),
        "data" => by_hand(server.name(), reply.name(), REQUEST_WITH_DATA),
        odd => {
            let message = odd_one(odd, reply)?;
            Ok(message.send(server, &SendOptions::new().timeout(LONG))?)
        }
    }
}

/// The 24 bytes that Chromium's client sends.
fn by_hand(server: Name, reply: Name, id: i32) -> Result<(), Box<dyn std::error::Error>> {
    let mut request = bytes::header(bytes::REQUEST_BITS, server, reply, id);
    match bytes::send(&mut request, LONG) {
        0 => Ok(()),
        code => Err(format!("mach_msg: {code:#x}").into()),
    }
}

/// What no server should answer. Where there are rights in it they lead to `port` too.
fn odd_one<'a>(
    form: &str,
    port: &'a ReceiveRight,
) -> Result<Message<'a>, Box<dyn std::error::Error>> {
    let request = || Message::new(REQUEST).reply_to_make_send_once(port);
    let right = || port.make_send();
    let many = |count| {
        (0..count)
            .map(|_| right())
            .collect::<Result<Vec<SendRight>, _>>()
    };
    Ok(match form {
        "other-id" => Message::new(REQUEST + 1).reply_to_make_send_once(port),
        "a-word-more" => request().bytes(&[0; 4]),
        "large" => request().bytes(&vec![0xff; 200_000]),
        "complex" => request().complex(),
        "with-right" => request().move_send(right()?),
        "with-receive-right" => request().move_receive(ReceiveRight::new()?),
        "with-rights" => request().move_rights(many(100)?)?,
        "with-memory" => request().out_of_line(vec![7; 5 << 20]),
        "send-right-for-reply" => Message::new(REQUEST).reply_to_move(ReplyRight::Send(right()?)),
        "no-reply-port" => Message::new(REQUEST),
        _ => return Err(format!("no form {form}").into()),
    })
}

/// `reply`: the words of what comes next to the reply port, in hexadecimal. Where there is a name of a port stands
/// `name`, as these are different each time.
pub(crate) fn reply(state: &State) -> Answer {
    const COMPLEX: u32 = 1 << 31;
    let port = state.reply.as_ref().ok_or("nothing was asked")?;
    let words = bytes::receive(port.name(), LONG).map_err(|code| format!("mach_msg: {code:#x}"))?;
    let count = match words[..] {
        [bits, _, _, _, _, _, count, ..] if bits & COMPLEX != 0 => count as usize,
        _ => 0,
    };
    let is_name = |index| (2..4).contains(&index) || (0..count).any(|n| index == 7 + 3 * n);
    let text = words.iter().enumerate().map(|(index, word)| match word {
        0 => "0".to_owned(),
        _ if is_name(index) => "name".to_owned(),
        word => format!("{word:x}"),
    });
    Ok(text.collect::<Vec<_>>().join(" "))
}

/// `senders-go`: waits until nobody has a send right to the reply port.
pub(crate) fn senders_go(state: &State) -> Answer {
    events::no_senders(state.reply.as_ref().ok_or("nothing was asked")?);
    Ok("gone".to_owned())
}

/// `answer RIGHT KEY`: sends, by a send-once right and as a server would, the right that is kept under the key.
pub(crate) fn answer(state: &mut State, mut words: Words<'_>) -> Answer {
    match state.rights.remove(word(&mut words)?) {
        Some(AnyRight::SendOnce(to)) => answer_by(to, state, words),
        _ => Err("it is no send-once right".into()),
    }
}

/// `deny RIGHT`: says by a send-once right that a requirement is not met.
pub(crate) fn deny(state: &mut State, mut words: Words<'_>) -> Answer {
    let Some(AnyRight::SendOnce(to)) = state.rights.remove(word(&mut words)?) else {
        return Err("it is no send-once right".into());
    };
    let denial = Denial::Requirement.message();
    denial.send_once(to, &SendOptions::new().timeout(LONG))?;
    Ok("denied".to_owned())
}

/// `answer-next RIGHT KEY`: as `answer`, by the right that comes with the next request to the receive right.
pub(crate) fn answer_next(state: &mut State, mut words: Words<'_>) -> Answer {
    let reply = rights::next(state, word(&mut words)?)?.take_reply();
    match reply {
        Some(ReplyRight::SendOnce(to)) => answer_by(to, state, words),
        _ => Err("that is no request".into()),
    }
}

fn answer_by(to: SendOnceRight, state: &mut State, mut words: Words<'_>) -> Answer {
    let name = word(&mut words)?;
    let right = state.rights.remove(name).ok_or("there is no such right")?;
    let ports = BTreeMap::from([(key(name.as_bytes().try_into()?), right)]);
    Reply::message(ports, &[]).send_once(to, &SendOptions::new().timeout(LONG))?;
    Ok("answered".to_owned())
}
