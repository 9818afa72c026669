//! `portctl`: the port names of a program that lends its task port.
//!
//! The program is started by this one, and must agree: it takes its ports with `ConnectOptions::offer_task_port`.
//! What is shown goes to standard error, or to a file, so that it does not mix with what the program writes.

mod arguments;
mod census;
mod error;
mod peers;
mod report;
mod watch;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Run(run) => watch::run(run),
        Command::Leaks(leaks) => watch::leaks(leaks),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("portctl: {error:?}");
            ExitCode::from(error::FAILED)
        }
    }
}
