//! Paths of which instructions are counted. The two processes take turns by a socket, so that neither finds more or
//! less in a queue than the other time, and nobody waits in a path: what is left is the same each time.

use std::os::fd::OwnedFd;

use clap::ValueEnum;
use mach_ports::ReceiveRight;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE};

use crate::harness::peer::Role;
use crate::ours::{Given, Letter, Pair, given, pair_with};
use crate::raw::{self, SMALL};
use crate::{Result, sys};

const PATH: &str = "path";

/// Messages between two turns: no queue is full with so many, and so many reply rights are out at a time.
const TURN: u32 = 16;

/// What is done a number of times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Path {
    /// 64 bytes to another task.
    Send,
    /// 64 bytes from another task, which are there already.
    Receive,
    /// 64 bytes to another task with a send-once right, and the reply, which is there already.
    Call,
}

impl Path {
    fn word(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Receive => "receive",
            Self::Call => "call",
        }
    }
}

/// Takes the path `times`, which is rounded up to whole turns.
pub(crate) fn take(path: Path, times: u32) -> Result<()> {
    let (socket, theirs) = sys::pair()?;
    let Pair {
        to_peer,
        answers,
        peer: _peer,
    } = pair_with(PATH, path.word(), |launcher| raw::give(launcher, theirs))?;
    let mut letter = Letter::new(SMALL);
    for _ in 0..times.div_ceil(TURN) {
        match path {
            Path::Send => {
                letter.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
                several(|| letter.send())?;
                turn(&socket)?;
            }
            Path::Receive => {
                turn(&socket)?;
                several(|| letter.receive(answers.name()))?;
            }
            Path::Call => {
                several(|| {
                    letter.address(
                        to_peer.name(),
                        MACH_MSG_TYPE_COPY_SEND,
                        answers.name(),
                        MACH_MSG_TYPE_MAKE_SEND_ONCE,
                    );
                    letter.send()
                })?;
                turn(&socket)?;
                several(|| letter.receive(answers.name()))?;
            }
        }
    }
    Ok(())
}

fn several(once: impl FnMut() -> Result<()>) -> Result<()> {
    let mut once = once;
    (0..TURN).try_for_each(|_| once())
}

/// Lets the peer do its part.
fn turn(socket: &OwnedFd) -> Result<()> {
    raw::send_all(socket, &[0])?;
    raw::receive(socket, &mut [0])
}

/// Does this role, if it is the one of a path.
pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == PATH).then(|| {
        let path = Path::from_str(&role.argument, false)?;
        let Given {
            requests,
            to_parent,
        } = given()?;
        part(path, &raw::inherited(), &requests, to_parent.name())
    })
}

fn part(path: Path, socket: &OwnedFd, requests: &ReceiveRight, to_parent: u32) -> Result<()> {
    let mut letter = Letter::new(SMALL);
    loop {
        raw::receive(socket, &mut [0])?;
        several(|| match path {
            Path::Send => letter.receive(requests.name()),
            Path::Receive => {
                letter.address(to_parent, MACH_MSG_TYPE_COPY_SEND, 0, 0);
                letter.send()
            }
            Path::Call => {
                letter.receive(requests.name())?;
                letter.turn();
                letter.send()
            }
        })?;
        raw::send_all(socket, &[0])?;
    }
}
