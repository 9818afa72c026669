//! Commands for a process that has a child of its own.

use std::error::Error;
use std::process::Command;

use launcher::{BaseId, Launcher, RendezvousServer};
use mach_ports::ReceiveRight;
use rendezvous_client::key;
use rendezvous_tests::LONG;

use crate::commands::{Answer, Offspring, State};
use crate::{rights, say};

/// The base id of every peer's server.
const BASE_ID: &str = "tests.rendezvous.peer";

/// `launch [unnamed] [KEY…] -- COMMAND; COMMAND…`: a peer that gets a send right to a new port for each key. The ports
/// are kept under their keys. The child has this process's input and output.
pub(crate) fn launch(state: &mut State, command: &str) -> Answer {
    let (words, commands) = parts(command)?;
    let mut launcher = Launcher::new(std::env::current_exe()?).args(commands);
    let unnamed = words.contains(&"unnamed");
    for name in words.into_iter().filter(|word| *word != "unnamed") {
        let port = ReceiveRight::new()?;
        launcher = launcher.port(key(name.as_bytes().try_into()?), port.make_send()?);
        rights::keep(state, name, port);
    }
    let server = match &state.server {
        Some(server) => server,
        None if unnamed => state.server.insert(RendezvousServer::unnamed()?),
        None => state
            .server
            .insert(RendezvousServer::new(&BaseId::new(BASE_ID)?)?),
    };
    let child = launcher.server(server).spawn()?;
    let answer = format!("launched {}", child.id());
    state.child = Some(Offspring::Launched(child));
    Ok(answer)
}

/// `spawn -- COMMAND; COMMAND…`: a peer started without the launcher.
pub(crate) fn spawn(state: &mut State, command: &str) -> Answer {
    let (_, commands) = parts(command)?;
    let child = Command::new(std::env::current_exe()?)
        .args(commands)
        .spawn()?;
    let answer = format!("spawned {}", child.id());
    state.child = Some(Offspring::Spawned(child));
    Ok(answer)
}

/// A command's own words, and the commands that it has for a child.
type Parts<'a> = (Vec<&'a str>, Vec<&'a str>);

fn parts(command: &str) -> Result<Parts<'_>, Box<dyn Error>> {
    let (words, commands) = command
        .split_once("--")
        .ok_or("no commands for the child")?;
    Ok((
        words.split_whitespace().skip(1).collect(),
        commands.split(';').map(str::trim).collect(),
    ))
}

/// `wait`: says that it waits, from when on all input is the child's, and then how the child has ended.
pub(crate) fn wait(state: &mut State) -> Answer {
    say("waiting");
    let status = match state.child.take().ok_or("no child")? {
        Offspring::Launched(child) => child.wait_timeout(LONG)?.ok_or("it does not end")?,
        // Its input ends when the test ends, so it does not run for ever.
        Offspring::Spawned(mut child) => child.wait()?,
    };
    Ok(format!("ended with {status}"))
}
