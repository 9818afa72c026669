//! What the user can ask for.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

/// Runs a function on inputs in helper processes, and keeps those that crash or hang it.
///
/// The inputs that are named are run as they are, and after that, changed at random. Ends with 0 if nothing was found, with 1 if
/// something was, and with 2 if there was no searching.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// How many changed inputs are run after those that are named.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub(crate) runs: u64,

    /// How many helper processes work at the same time.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) helpers: u16,

    /// How long the function may take for one input, in milliseconds.
    #[arg(long, value_name = "MS", default_value = "1000", value_parser = milliseconds)]
    pub(crate) timeout: Duration,

    /// Which random changes are made; the same number makes the same inputs.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// Where what was found is written; made if it isn't there.
    #[arg(long, value_name = "DIR", default_value = "harness-out")]
    pub(crate) out: PathBuf,

    /// Leaves helpers free to do what this program may do, where the system cannot lock them up.
    #[arg(long)]
    pub(crate) unlocked: bool,

    /// Inputs, and folders to take the files of. Without any: the sample corpus.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Set by a parent for its helpers.
    #[arg(long, hide = true, exclusive = true)]
    pub(crate) helper: bool,
}

fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(number @ 1..=86_400_000) => Ok(Duration::from_millis(number)),
        _ => Err("must be between 1 and 86400000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
