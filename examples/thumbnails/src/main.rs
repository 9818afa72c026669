//! Thumbnails made by helper processes, because decoders crash.
//!
//! One program, two parts. The parent ([`app`], [`plan`], [`work`], [`sheet`], [`report`]) reads image files and never
//! decodes one. It starts itself again as helpers ([`helper`], [`render`]), in a pool that replaces those that crash or
//! hang, under a lock that leaves them nothing but what they are asked ([`mod@lock`], [`protocol`]).

mod app;
mod args;
mod causes;
mod fault;
mod helper;
mod label;
mod lock;
mod outcome;
mod plan;
mod printable;
mod protocol;
mod render;
mod report;
mod sheet;
mod work;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let args = args::Args::parse();
    if args.helper {
        return match helper::serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed("thumbnails helper", &error),
        };
    }
    match app::run(args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => failed("thumbnails", &error),
    }
}

fn failed(who: &str, error: &dyn std::error::Error) -> ExitCode {
    // Where that cannot be said either, the exit code says it alone.
    let _ = writeln!(io::stderr(), "{who}: {}", causes::with_causes(error));
    ExitCode::FAILURE
}
