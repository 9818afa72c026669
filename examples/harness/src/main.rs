//! A fuzz harness: a function is run on inputs in helper processes, and what crashes or hangs it is kept.
//!
//! One program, two parts. The parent ([`campaign`], [`inputs`], [`findings`]) makes inputs and gives them to a pool of
//! helpers; it never runs the function itself. A helper ([`target`]) runs it, locked up, and is replaced when the
//! function ends it. To fuzz a function of your own, call it in [`target::run`].

mod args;
mod campaign;
mod findings;
mod inputs;
mod records;
mod target;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let done = match args.helper {
        true => target::serve().map(|()| true).map_err(Into::into),
        false => campaign::run(&args),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Where that cannot be said either, the exit code says it alone.
            let _ = writeln!(io::stderr(), "harness: {error:?}");
            ExitCode::from(2)
        }
    }
}
