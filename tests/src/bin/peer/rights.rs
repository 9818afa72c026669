//! Commands for the rights that the process holds.

use std::time::Duration;

use mach_ports::{
    AnyRight, Message, ReceiveOptions, ReceiveRight, ReceivedMessage, SendOptions, bootstrap,
    census,
};
use rendezvous_tests::LONG;

use crate::commands::{Answer, State, Words, word};

/// `allocate RIGHT`: a new port.
pub(crate) fn allocate(state: &mut State, mut words: Words<'_>) -> Answer {
    let name = word(&mut words)?;
    keep(state, name, ReceiveRight::new()?);
    Ok("allocated".to_owned())
}

/// `check-in RIGHT SERVICE`
pub(crate) fn check_in(state: &mut State, mut words: Words<'_>) -> Answer {
    let (name, service) = (word(&mut words)?, word(&mut words)?);
    keep(state, name, bootstrap::check_in(service)?);
    Ok("checked in".to_owned())
}

/// `look-up RIGHT SERVICE`
pub(crate) fn look_up(state: &mut State, mut words: Words<'_>) -> Answer {
    let (name, service) = (word(&mut words)?, word(&mut words)?);
    Ok(match bootstrap::look_up(service) {
        Ok(right) => {
            keep(state, name, right);
            "found".to_owned()
        }
        Err(error) => format!("refused {error:?}"),
    })
}

pub(crate) fn keep(state: &mut State, name: &str, right: impl Into<AnyRight>) {
    state.rights.insert(name.to_owned(), right.into());
}

/// `send RIGHT ID [TEXT]`; a send-once right is gone afterwards.
pub(crate) fn send(state: &mut State, mut words: Words<'_>) -> Answer {
    let (name, id) = (word(&mut words)?, word(&mut words)?.parse()?);
    let text = words.next().unwrap_or_default();
    let message = Message::new(id).bytes(text.as_bytes());
    let options = SendOptions::new().timeout(LONG);
    let sent = match state.rights.remove(name) {
        Some(AnyRight::Send(right)) => {
            let sent = message.send(&right, &options);
            keep(state, name, right);
            sent
        }
        Some(AnyRight::SendOnce(right)) => message.send_once(right, &options),
        _ => return Err(format!("{name} is no right to send").into()),
    };
    Ok(match sent {
        Ok(()) => "sent".to_owned(),
        Err(error) => format!("refused {error:?}"),
    })
}

/// `move RIGHT DESTINATION ID`: sends the right itself.
pub(crate) fn move_on(state: &mut State, mut words: Words<'_>) -> Answer {
    let name = word(&mut words)?;
    let right = state.rights.remove(name).ok_or("there is no such right")?;
    send_right(state, right, words)
}

/// `make RIGHT DESTINATION ID`: sends a new send right to the port.
pub(crate) fn make(state: &State, mut words: Words<'_>) -> Answer {
    let AnyRight::Receive(port) = state.right(word(&mut words)?)? else {
        return Err("it is no receive right".into());
    };
    send_right(state, port.make_send()?.into(), words)
}

/// `try-make RIGHT DESTINATION ID`: as `make`, without waiting; answers why it was not sent.
pub(crate) fn try_make(state: &State, mut words: Words<'_>) -> Answer {
    let AnyRight::Receive(port) = state.right(word(&mut words)?)? else {
        return Err("it is no receive right".into());
    };
    let right = port.make_send()?.into();
    send_within(state, right, words, Duration::ZERO)
        .or_else(|error| Ok(format!("not sent: {error}")))
}

fn send_right(state: &State, right: AnyRight, words: Words<'_>) -> Answer {
    send_within(state, right, words, LONG)
}

fn send_within(state: &State, right: AnyRight, mut words: Words<'_>, limit: Duration) -> Answer {
    let (destination, id) = (word(&mut words)?, word(&mut words)?.parse()?);
    let AnyRight::Send(destination) = state.right(destination)? else {
        return Err(format!("{destination} is no send right").into());
    };
    Message::new(id)
        .move_right(right)
        .send(destination, &SendOptions::new().timeout(limit))?;
    Ok("sent".to_owned())
}

/// `references RIGHT`: how many the process has under the right's name.
pub(crate) fn references(state: &State, mut words: Words<'_>) -> Answer {
    let entry = census::entry(state.right(word(&mut words)?)?.name())?;
    Ok(entry.map_or(0, |entry| entry.references).to_string())
}

/// `receive RIGHT`: the next message's id and text. Rights that it carries are kept as `RIGHT.0` and so on.
pub(crate) fn receive(state: &mut State, mut words: Words<'_>) -> Answer {
    let name = word(&mut words)?;
    let mut message = next(state, name)?;
    for index in 0..message.descriptor_count() {
        if let Some(right) = message.take_right(index) {
            keep(state, &format!("{name}.{index}"), right);
        }
    }
    let text = String::from_utf8_lossy(message.body());
    let answer = format!("received {} {}", message.id(), text.trim_end_matches('\0'));
    Ok(answer.trim_end().to_owned())
}

/// `hold RIGHT`: receives a message and keeps it, unanswered.
pub(crate) fn hold(state: &mut State, mut words: Words<'_>) -> Answer {
    let message = next(state, word(&mut words)?)?;
    let answer = format!("held {:#x}", message.id());
    state.messages.push(message);
    Ok(answer)
}

/// The next message to a receive right.
pub(crate) fn next(
    state: &State,
    name: &str,
) -> Result<ReceivedMessage, Box<dyn std::error::Error>> {
    match state.right(name)? {
        AnyRight::Receive(port) => Ok(port.receive(&ReceiveOptions::new().timeout(LONG))?),
        _ => Err(format!("{name} is no receive right").into()),
    }
}

/// `release RIGHT`
pub(crate) fn release(state: &mut State, mut words: Words<'_>) -> Answer {
    let name = word(&mut words)?;
    state.right(name)?;
    state.rights.remove(name);
    Ok("released".to_owned())
}
