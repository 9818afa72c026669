//! A child of `std::process::Command`, and two pipes.

use std::io::{Read, Write, stdin, stdout};
use std::process::{Command, Stdio};

use crate::Result;
use crate::harness::peer::{PEER, program};
use crate::harness::{Contender, Counts, Peer};
use crate::raw::{Gone, SMALL};

pub(super) const PIPES: &str = "pipes";

/// 64 bytes by standard input, and as many by standard output.
pub(crate) fn pipes(counts: &Counts) -> Result<Contender> {
    let mut child = Command::new(program()?)
        .args([PEER, PIPES])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (to_child, from_child) = (child.stdin.take(), child.stdout.take());
    let peer = Peer::from(child);
    let mut to_child = to_child.ok_or("no pipe")?;
    let mut from_child = from_child.ok_or("no pipe")?;
    let mut bytes = [0; SMALL];
    let name = "std Command, pipes";
    Ok(Contender::repeating(
        name,
        [peer],
        counts.calls,
        move || {
            to_child.write_all(&bytes)?;
            Ok(from_child.read_exact(&mut bytes)?)
        },
    ))
}

pub(super) fn serve() -> Result<()> {
    let (mut requests, mut answers) = (stdin().lock(), stdout().lock());
    let mut bytes = [0; SMALL];
    loop {
        if requests.read_exact(&mut bytes).is_err() {
            return Err(Gone.into());
        }
        answers.write_all(&bytes)?;
        answers.flush()?;
    }
}
