//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Shows the port names of a program that lends its task port.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a program and shows its port names whenever they have changed.
    Run(Run),
    /// Runs a program, compares two moments, and shows what is there at the second and was not at the first. Exits with
    /// 1 if there is something.
    Leaks(Leaks),
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// How often it is looked at, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = milliseconds)]
    pub(crate) interval: Duration,
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Debug, Args)]
pub(crate) struct Leaks {
    /// How long after the program has lent its task port the first moment is, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = milliseconds)]
    pub(crate) after: Duration,
    /// How long after the first moment the second is, in milliseconds. The program is ended then.
    #[arg(long, value_name = "MS", default_value = "10000", value_parser = milliseconds)]
    pub(crate) wait: Duration,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// What is run, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// One JSON object a line instead of tables.
    #[arg(long)]
    pub(crate) json: bool,
    /// Where to, instead of standard error.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How long the program may take to lend its task port, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "10000", value_parser = milliseconds)]
    pub(crate) patience: Duration,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) program: Vec<OsString>,
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse().map(Duration::from_millis)
}
