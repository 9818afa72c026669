//! `volwatch lock` and `volwatch shutdown-lock`.
//!
//! The process that was started does not hold the lock itself: it starts a keeper, which holds it, runs the command and
//! unlocks with its exit status. Whoever kills the first one takes the lock from nobody. A helper of the daemon's is its own
//! keeper, since the daemon knows it by its process id, and kills it together with all that it has started.

use std::env;
use std::process::Command;
use std::time::Duration;

use launcher::shell_status;
use lock_service::{LockOptions, Resource, Wait};

use crate::client::{Client, ClientError};
use crate::command::arguments::{Held, Lock, ShutdownLock};
use crate::command::exit::Trouble;
use crate::command::{gone, held, signals};

pub(super) fn lock(service: Option<&str>, wanted: &Lock) -> Result<u8, Trouble> {
    let client = Client::find(service)?;
    if !wanted.held.keeper && !client.is_helper() {
        // What the keeper would say, before there is one.
        client.volume(&wanted.volume)?;
        return keeper();
    }
    let id = client.volume(&wanted.volume)?;
    let mut options = LockOptions::new().wait(wait(wanted.held.timeout));
    if wanted.shared {
        options = options.shared();
    }
    let guard = client
        .locks()?
        .lock(&Resource::Id(id), &options)
        .map_err(ClientError::from)?;
    let mut command = held::command(&wanted.held.command)?;
    if guard.previous_died() {
        eprintln!(
            "volwatch: who held {:?} before has died: its work may be half done",
            wanted.volume
        );
        command.env("VOLWATCH_PREVIOUS_DIED", "1");
    }
    let gone = gone::watch(&client);
    let status = run(command, &wanted.held)?;
    match guard.unlock(status.into()) {
        Ok(()) => {}
        Err(error) if error.service_is_gone() => gone.tell(),
        Err(error) => eprintln!("volwatch: {error:?}"),
    }
    Ok(status)
}

pub(super) fn shutdown_lock(service: Option<&str>, wanted: &ShutdownLock) -> Result<u8, Trouble> {
    let client = Client::find(service)?;
    if !wanted.held.keeper {
        return keeper();
    }
    let guard = client
        .volumes()
        .lock_reboot(wait(wanted.held.timeout))
        .map_err(ClientError::from)?;
    let _gone = gone::watch(&client);
    let status = run(held::command(&wanted.held.command)?, &wanted.held)?;
    drop(guard);
    Ok(status)
}

const fn wait(timeout: Option<Duration>) -> Wait {
    match timeout {
        None => Wait::Forever,
        Some(Duration::ZERO) => Wait::Try,
        Some(timeout) => Wait::For(timeout),
    }
}

/// Starts this command once more, as the keeper, and does as it does.
fn keeper() -> Result<u8, Trouble> {
    let failed = |what| move |source| Trouble::System { what, source };
    let program = env::current_exe().map_err(failed("this program cannot be found"))?;
    let mut arguments = env::args_os().skip(1);
    let mut keeper = Command::new(program);
    // Before the command, which may have such an argument of its own.
    keeper.args(arguments.by_ref().take_while(|argument| argument != "--"));
    keeper.args(["--keeper", "--"]).args(arguments);
    let status = signals::run(keeper).map_err(failed("the keeper cannot be run"))?;
    Ok(shell_status(status))
}

fn run(command: Command, held: &Held) -> Result<u8, Trouble> {
    let status = signals::run(command).map_err(|source| Trouble::Command {
        program: held.command.first().cloned().unwrap_or_default(),
        source,
    })?;
    Ok(shell_status(status))
}
