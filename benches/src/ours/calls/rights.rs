//! A send right in a message.

use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use mach_ports::{ReceiveRight, SendRight};

use crate::Result;
use crate::harness::{Contender, Counts};
use crate::ours::{Given, Letter, Pair, given, pair};
use crate::raw::SMALL;

pub(in crate::ours) const RIGHTS: &str = "calls-rights";

/// A new port, to which the peer gets a right that is made in the message.
pub(crate) fn made(counts: &Counts) -> Result<Contender> {
    let pair = pair(RIGHTS, 0)?;
    let mut letter = Letter::new(SMALL);
    carrying(
        "calls, right made to a new port",
        counts,
        pair,
        move |letter_to| {
            let port = ReceiveRight::new()?;
            exchange(&mut letter, letter_to, port.name(), MACH_MSG_TYPE_MAKE_SEND)
        },
    )
}

/// A right that this task has is copied, time after time.
pub(crate) fn copied(counts: &Counts) -> Result<Contender> {
    let pair = pair(RIGHTS, 0)?;
    let port = ReceiveRight::new()?;
    let right = port.make_send()?;
    let mut letter = Letter::new(SMALL);
    carrying("calls, right copied", counts, pair, move |letter_to| {
        // The right would be a dead name.
        let _alive = &port;
        exchange(
            &mut letter,
            letter_to,
            right.name(),
            MACH_MSG_TYPE_COPY_SEND,
        )
    })
}

/// Where a message goes, and where the answer comes from.
struct Route {
    to_peer: SendRight,
    answers: ReceiveRight,
}

fn carrying(
    name: &str,
    counts: &Counts,
    pair: Pair,
    mut once: impl FnMut(&Route) -> Result<()> + 'static,
) -> Result<Contender> {
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair;
    let route = Route { to_peer, answers };
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || once(&route),
    ))
}

fn exchange(letter: &mut Letter, route: &Route, right: u32, disposition: u32) -> Result<()> {
    letter.address(route.to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
    letter.carry_right(right, disposition);
    letter.send_and_receive(route.answers.name())
}

pub(in crate::ours) fn serve() -> Result<()> {
    let Given {
        requests,
        to_parent,
    } = given()?;
    let mut letter = Letter::new(SMALL);
    letter.receive(requests.name())?;
    loop {
        // SAFETY: the kernel has just given this task the right that the message carries, and nothing else owns it.
        drop(unsafe { SendRight::from_raw(letter.right()) }.ok_or("no right came")?);
        letter.address(to_parent.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
        letter.send_and_receive(requests.name())?;
    }
}
