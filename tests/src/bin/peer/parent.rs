//! Commands for a process that has a child of its own: another peer.
//!
//! All but `start` say the child's pid and leave this process's input and output to the child, until that has ended;
//! then they answer how it has.

use std::error::Error;
use std::fs::File;
use std::process::Command;

use launcher::{BaseId, Child, Launcher, RendezvousServer};
use mach_ports::ReceiveRight;
use rendezvous_client::key;
use rendezvous_server::PortCollection;
use rendezvous_tests::LONG;

use crate::commands::{Answer, State, Words, word};
use crate::{rights, say};

/// The base id of every peer's server.
const BASE_ID: &str = "tests.rendezvous.peer";

/// `launch [KEY…]`: the child gets a send right to a new port for each key. The ports are kept under their keys.
pub(crate) fn launch(state: &mut State, words: Words<'_>) -> Answer {
    let server = server(state)?;
    launch_by(&server, state, words)
}

/// `launch-leaving NUMBER [KEY…]`: the same, and no more than so many descriptors are left to this process from the launch
/// on, until the child has ended.
pub(crate) fn launch_leaving(state: &mut State, mut words: Words<'_>) -> Answer {
    let left = word(&mut words)?.parse()?;
    let server = server(state)?;
    let (child, pid) = start_by(&server, state, words)?;
    let taken = take_descriptors(left);
    say(&format!("launched {pid}"));
    let status = child.wait_timeout(LONG)?.ok_or("it does not end")?;
    drop(taken);
    Ok(format!("ended with {status}"))
}

/// `leave-fds NUMBER`: has this process open as many descriptors as it may but for so many, or gives them up for a larger
/// number.
pub(crate) fn leave_descriptors(state: &mut State, mut words: Words<'_>) -> Answer {
    state.taken.clear();
    state.taken = take_descriptors(word(&mut words)?.parse()?);
    Ok("taken".to_owned())
}

fn take_descriptors(left: usize) -> Vec<File> {
    let mut taken: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
    taken.truncate(taken.len().saturating_sub(left));
    taken
}

/// `launch-unnamed [KEY…]`: the same by a server without a name, which takes no right to check names in.
pub(crate) fn launch_unnamed(state: &mut State, words: Words<'_>) -> Answer {
    launch_by(&RendezvousServer::unnamed()?, state, words)
}

fn launch_by(server: &RendezvousServer, state: &mut State, words: Words<'_>) -> Answer {
    let (child, pid) = start_by(server, state, words)?;
    say(&format!("launched {pid}"));
    let status = child.wait_timeout(LONG)?.ok_or("it does not end")?;
    Ok(format!("ended with {status}"))
}

fn start_by(
    server: &RendezvousServer,
    state: &mut State,
    words: Words<'_>,
) -> Result<(Child, i32), Box<dyn Error>> {
    let mut launcher = Launcher::new(std::env::current_exe()?);
    launcher.arg("-").server(server);
    for name in words {
        let port = ReceiveRight::new()?;
        launcher.port(key(name.as_bytes().try_into()?), port.make_send()?);
        rights::keep(state, name, port);
    }
    // With all causes.
    let child = launcher.spawn().map_err(|error| format!("{error:?}"))?;
    let pid = child.id();
    Ok((child, pid))
}

/// `spawn`: starts the child as any program does that knows nothing of the launcher.
pub(crate) fn spawn() -> Answer {
    let mut child = Command::new(std::env::current_exe()?).arg("-").spawn()?;
    say(&format!("spawned {}", child.id()));
    // Its input ends when the test ends, so it does not run for ever.
    Ok(format!("ended with {}", child.wait()?))
}

/// `spawn-registered [KEY…]`: as `spawn`, with ports registered for the child, as `launch` has them; answers also what became
/// of these.
pub(crate) fn spawn_registered(state: &mut State, words: Words<'_>) -> Answer {
    let server = server(state)?;
    let mut collection = PortCollection::new();
    for name in words {
        let port = ReceiveRight::new()?;
        collection.insert(key(name.as_bytes().try_into()?), port.make_send()?)?;
        rights::keep(state, name, port);
    }
    let mut guard = server.lock();
    let mut child = Command::new(std::env::current_exe()?).arg("-").spawn()?;
    let pid = child.id().cast_signed();
    let registration = guard.register_spawned(pid, collection)?;
    drop(guard);
    say(&format!("spawned {pid}"));
    let fate = registration.wait(LONG);
    Ok(format!("ended with {}, {fate:?}", child.wait()?))
}

/// `spawn-locked`: as `spawn`, with the server locked until the child has ended.
pub(crate) fn spawn_locked(state: &mut State) -> Answer {
    let server = server(state)?;
    let _guard = server.lock();
    spawn()
}

/// `start COMMAND`: as `spawn`, but the child obeys this one command, and is not waited for.
pub(crate) fn start(words: Words<'_>) -> Answer {
    let command: Vec<_> = words.collect();
    let child = Command::new(std::env::current_exe()?)
        .arg(command.join(" "))
        .spawn()?;
    Ok(format!("started {}", child.id()))
}

/// The one under [`BASE_ID`], made when it is first wanted.
fn server(state: &mut State) -> Result<RendezvousServer, Box<dyn Error>> {
    if let Some(server) = &state.server {
        return Ok(server.clone());
    }
    let server = RendezvousServer::new(&BaseId::new(BASE_ID)?)?;
    Ok(state.server.insert(server).clone())
}
