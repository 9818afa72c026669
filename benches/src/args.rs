//! What the user can ask for.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::Result;
use crate::groups::{self, Group};
use crate::harness::scale::Scale;
use crate::path::{self, Path};
use crate::report;

/// Measures the port rendezvous against raw sockets and, with the feature `peers`, against what others made.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measures all groups, prints the tables, and writes them with plots.
    Report(Report),
    /// Runs every row for a moment, to see that it works; the numbers mean nothing.
    Smoke,
    /// Measures one group in this process and prints the figures as JSON: what `report` starts for each.
    Measure(Measure),
    /// Has a child take one path a number of times, for a tool that counts instructions.
    Path {
        path: Path,
        times: u32,
        /// The tool, with its arguments, that runs the child.
        #[arg(last = true)]
        tool: Vec<OsString>,
    },
}

/// What to report.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// How much to measure.
    #[arg(long, default_value = "report")]
    pub(crate) scale: Scale,
    /// These groups only; may be repeated.
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<Group>,
    /// One mode only.
    #[arg(long)]
    pub(crate) mode: Option<Mode>,
    /// Where tables and plots are written.
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-report"))]
    pub(crate) out: PathBuf,
    /// A page whose section of results is to be replaced by these.
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Measure {
    group: Group,
    #[arg(long)]
    mode: Mode,
    #[arg(long)]
    scale: Scale,
}

/// Where the processes run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// All on one processor.
    Pinned,
    /// Wherever the system puts them.
    Free,
}

impl Mode {
    /// The word on the command line and in names of files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Free => "free",
        }
    }
}

/// Does what the arguments say.
pub(crate) fn run() -> Result<()> {
    match Arguments::parse().command {
        Command::Report(report) => report::report(&report),
        Command::Smoke => report::smoke(),
        Command::Measure(Measure { group, mode, scale }) => groups::measure(group, mode, scale),
        Command::Path { path, times, tool } => path::drive(path, times, &tool),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
