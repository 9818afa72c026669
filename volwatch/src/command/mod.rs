//! The command line.

mod arguments;
mod exit;
mod gone;
mod held;
mod lock;
mod run;
mod show;
mod signals;
mod volume;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Verb};
use exit::Trouble;

/// Runs the command that this process was started as, to its end.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print(); // there is nobody else to tell
            let is_wrong = error.use_stderr();
            return ExitCode::from(if is_wrong { exit::USAGE } else { 0 });
        }
    };
    match obey(&arguments) {
        Ok(status) => ExitCode::from(status),
        Err(trouble) => {
            eprintln!("volwatch: {trouble:?}"); // in one line, with its causes
            ExitCode::from(trouble.status())
        }
    }
}

fn obey(arguments: &Arguments) -> Result<u8, Trouble> {
    let service = arguments.service.as_deref();
    match &arguments.verb {
        Verb::Run { config } => run::run(config),
        Verb::Status { json } => show::status(service, *json),
        Verb::Lock(wanted) => lock::lock(service, wanted),
        Verb::ShutdownLock(wanted) => lock::shutdown_lock(service, wanted),
        Verb::Rebuild { force, volume } => volume::rebuild(service, volume, *force),
        Verb::Unmount { volume } => volume::unmount(service, volume),
        Verb::Held { holder, command } => Err(held::run(*holder, command)),
    }
}
