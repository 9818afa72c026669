//! What can be said.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Watches volumes, rebuilds what has become stale once they are quiet, and locks them.
#[derive(Debug, Parser)]
#[command(name = "volwatch", version, after_help = EXIT_STATUSES)]
pub(super) struct Arguments {
    /// The daemon's name; $VOLWATCH_SERVICE otherwise, or the usual one.
    #[arg(long, global = true, value_name = "NAME")]
    pub(super) service: Option<String>,

    #[command(subcommand)]
    pub(super) verb: Verb,
}

const EXIT_STATUSES: &str = "\
Exit statuses: that of the command that was run, 128 and the signal's number if one ended it; 64 wrong usage, \
66 unknown volume, 69 no daemon of this user, 70 failure, 75 busy or not in time, 77 not permitted, 78 wrong configuration, \
126 the command cannot be run, 127 it is not there.";

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Is the daemon, in the foreground.
    Run {
        /// The configuration.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Shows volumes, who holds them, who waits, and when they are looked at next.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Runs a command while it holds a volume.
    Lock(Lock),
    /// Runs a command while no volume is locked or half rebuilt.
    ShutdownLock(ShutdownLock),
    /// Looks at a volume now, and rebuilds it if it is stale.
    Rebuild {
        /// In any case.
        #[arg(long)]
        force: bool,
        /// Its name, its root or its id.
        volume: String,
    },
    /// Unmounts a volume, unless somebody is at work on it.
    Unmount {
        /// Its name, its root or its id.
        volume: String,
    },
    /// Becomes a command that ends with its holder.
    #[command(hide = true)]
    Held {
        holder: i32,
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Args)]
pub(super) struct Lock {
    /// Its name, its root or its id.
    pub(super) volume: String,
    /// Together with others that share it.
    #[arg(long)]
    pub(super) shared: bool,
    #[command(flatten)]
    pub(super) held: Held,
}

#[derive(Debug, Args)]
pub(super) struct ShutdownLock {
    #[command(flatten)]
    pub(super) held: Held,
}

#[derive(Debug, Args)]
pub(super) struct Held {
    /// How many seconds to wait at most; 0 is not at all.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<Duration>,
    /// Is the process that holds the lock.
    #[arg(long, hide = true)]
    pub(super) keeper: bool,
    /// What to run.
    #[arg(last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds")?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
