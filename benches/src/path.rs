//! Paths of which instructions are counted, in a child that a tool may run. The two processes take turns by a socket, so
//! that neither finds more or less in a queue than the other time, and nobody waits in a path: what is left is the same
//! each time.

use std::ffi::OsString;
use std::os::fd::OwnedFd;

use clap::ValueEnum;
use launcher::Launcher;
use mach_ports::ReceiveRight;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE};

use crate::harness::peer::{PEER, Role, again, program};
use crate::ours::{Given, Letter, Pair, given, pair_by};
use crate::raw::{self, Gone, SMALL};
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

/// Starts the child, run by the tool if there is one, and does the other side until the child has taken the path so
/// often, which is rounded up to whole turns.
pub(crate) fn drive(path: Path, times: u32, tool: &[OsString]) -> Result<()> {
    let (socket, theirs) = sys::pair()?;
    let mut launcher = match tool {
        [] => again(PATH)?,
        [tool, arguments @ ..] => {
            let mut launcher = Launcher::new(tool);
            launcher.args(arguments).arg(program()?).args([PEER, PATH]);
            launcher
        }
    };
    launcher.arg(format!("{}:{}", path.word(), times.div_ceil(TURN)));
    raw::give(&mut launcher, theirs);
    let Pair {
        to_peer,
        answers,
        peer,
    } = pair_by(launcher)?;
    let mut letter = Letter::new(SMALL);
    let served: Result<()> = (|| {
        loop {
            raw::receive(&socket, &mut [0])?;
            several(|| match path {
                Path::Send => letter.receive(answers.name()),
                Path::Receive => {
                    letter.address(to_peer.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
                    letter.send()
                }
                Path::Call => {
                    letter.receive(answers.name())?;
                    letter.turn();
                    letter.send()
                }
            })?;
            raw::send_all(&socket, &[0])?;
        }
    })();
    // It closes the socket when it ends.
    match served {
        Err(end) if end.is::<Gone>() => peer.succeeded(),
        other => other,
    }
}

fn several(mut once: impl FnMut() -> Result<()>) -> Result<()> {
    (0..TURN).try_for_each(|_| once())
}

/// Lets the parent do its part.
fn turn(socket: &OwnedFd) -> Result<()> {
    raw::send_all(socket, &[0])?;
    raw::receive(socket, &mut [0])
}

/// Does this role, if it is the one of a path.
pub(crate) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == PATH).then(|| {
        let (path, turns) = role.argument.split_once(':').ok_or("no path")?;
        take(Path::from_str(path, false)?, turns.parse()?)
    })
}

fn take(path: Path, turns: u32) -> Result<()> {
    let socket = raw::inherited();
    let Given {
        requests,
        to_parent,
    } = given()?;
    let replies = ReceiveRight::new()?;
    let mut letter = Letter::new(SMALL);
    for _ in 0..turns {
        match path {
            Path::Send => {
                letter.address(to_parent.name(), MACH_MSG_TYPE_COPY_SEND, 0, 0);
                several(|| letter.send())?;
                turn(&socket)?;
            }
            Path::Receive => {
                turn(&socket)?;
                several(|| letter.receive(requests.name()))?;
            }
            Path::Call => {
                several(|| {
                    letter.address(
                        to_parent.name(),
                        MACH_MSG_TYPE_COPY_SEND,
                        replies.name(),
                        MACH_MSG_TYPE_MAKE_SEND_ONCE,
                    );
                    letter.send()
                })?;
                turn(&socket)?;
                several(|| letter.receive(replies.name()))?;
            }
        }
    }
    Ok(())
}
