//! `spawn()` beside children that are registered and never ask for their ports.

use std::env;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use launcher::{Launcher, key};
use mach_ports::ReceiveRight;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, posix_spawn};
use nix::sys::wait::waitpid;

use crate::groups::launch::{FIRST_MESSAGE, launch};
use crate::harness::peer::Role;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::harness::{Contender, Counts, Peer};
use crate::ours::Letter;
use crate::raw::SMALL;
use crate::{Result, sys};

/// The row of a launch until the process is there.
pub(crate) const SPAWN: &str = "launcher, spawn() with a port";

const IDLE: &str = "idle";
const PORT: u32 = key(b"port");

pub(super) fn races(counts: &Counts) -> Result<Vec<Race>> {
    let mut idle = Vec::new();
    let mut races = Vec::new();
    for level in counts.idle {
        while idle.len() < *level {
            idle.push(registered()?);
        }
        let mut contenders = [bare()?, spawning(), launching()];
        races.push(Race {
            level: Some(*level as u64),
            series: race(&mut contenders, counts.launches)?,
        });
    }
    Ok(races)
}

fn registered() -> Result<(Peer, ReceiveRight)> {
    let port = ReceiveRight::new()?;
    let right = port.make_send()?;
    let peer = Peer::start(IDLE, |launcher| {
        launcher.port(PORT, right);
    })?;
    Ok((peer, port))
}

/// The call that everything else comes to, without anything around it.
fn bare() -> Result<Contender> {
    let program = CString::new(sys::TRUE)?;
    let actions = PosixSpawnFileActions::init()?;
    let attributes = PosixSpawnAttr::init()?;
    let variables: Vec<_> = env::vars_os()
        .filter_map(|(name, value)| {
            let both = [name.as_bytes(), b"=", value.as_bytes()].concat();
            CString::new(both).ok()
        })
        .collect();
    Ok(Contender::timing("posix_spawn", [], 1, move || {
        let begun = Instant::now();
        let arguments = [program.as_c_str()];
        let child = posix_spawn(&*program, &actions, &attributes, &arguments, &variables)?;
        let taken = begun.elapsed();
        waitpid(child, None)?;
        Ok(taken)
    }))
}

fn spawning() -> Contender {
    Contender::timing(SPAWN, [], 1, spawn)
}

/// The whole of it, which registered children are not to make dearer.
fn launching() -> Contender {
    Contender::timing(FIRST_MESSAGE, [], 1, launch)
}

fn spawn() -> Result<Duration> {
    let port = ReceiveRight::new()?;
    let begun = Instant::now();
    let child = Launcher::new(sys::TRUE)
        .port(PORT, port.make_send()?)
        .spawn()?;
    let taken = begun.elapsed();
    child.wait()?;
    Ok(taken)
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == IDLE).then(|| {
        // Nobody sends to it: it sleeps until its parent ends it.
        let port = ReceiveRight::new()?;
        Letter::new(SMALL).receive(port.name())
    })
}
