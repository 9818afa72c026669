//! Prints what a program loads, when, and where, and can keep it from running.
//!
//! [`watch`] launches a program with an image monitor and goes through its events; [`deny`] says which libraries it may not
//! run; [`report`] writes what is to be read, by people or by programs.

mod args;
mod deny;
mod report;
mod watch;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use image_monitor::Snapshot;

use crate::args::Args;
use crate::report::Report;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            // Where that cannot be said either, the exit code says it alone.
            let _ = writeln!(io::stderr(), "imagewatch: {error:?}");
            ExitCode::from(125)
        }
    }
}

fn run(args: &Args) -> Result<ExitCode, Box<dyn Error>> {
    let Some(pid) = args.pid else {
        return watch::watch(args);
    };
    let snapshot = Snapshot::of(pid)?;
    let mut report = Report::new(args, Box::new(io::stdout()))?;
    report.snapshot(&snapshot)?;
    Ok(ExitCode::SUCCESS)
}
