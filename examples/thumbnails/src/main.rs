//! Thumbnails made by helper processes, because decoders crash.
//!
//! One program, two parts. The parent ([`app`], [`plan`], [`pool`], [`helper_process`], [`sheet`], [`report`])
//! reads image files and never decodes one. It starts itself again as helpers ([`helper`], [`render`]), each with
//! two ports: a receive right, where its work comes in, and a send right, where the answers go
//! ([`protocol`]).

mod app;
mod args;
mod causes;
mod fault;
mod helper;
mod helper_process;
mod label;
mod outcome;
mod plan;
mod pool;
mod printable;
mod protocol;
mod render;
mod report;
mod sheet;

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
