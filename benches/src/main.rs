//! Benchmarks of the port rendezvous: this project's calls and its safe layer against raw sockets and what others made.
//!
//! `report` measures everything and writes tables and plots, `smoke` runs each row for a moment, `measure` is one group
//! in a process of its own, and `path` is one of the paths whose instructions are counted. What the rows mean is in
//! `docs/performance.md`.

mod args;
mod groups;
mod harness;
mod ours;
mod path;
#[cfg(all(feature = "peers", target_os = "linux"))]
mod peers;
#[cfg(not(all(feature = "peers", target_os = "linux")))]
#[path = "peers/none.rs"]
mod peers;
mod raw;
mod report;
mod sys;

use std::process::ExitCode;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Error>;

fn main() -> ExitCode {
    // A child is measured from its start on, so it looks at no argument that cannot be for it.
    let done = match harness::peer::role() {
        Some(role) => groups::serve(&role),
        None => args::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches: {error}");
            ExitCode::FAILURE
        }
    }
}
