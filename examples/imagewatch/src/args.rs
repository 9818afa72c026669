//! What the user can ask for.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use glob::Pattern;

/// Prints what a program loads, when, and where, and can keep it from running.
///
/// The program waits for each line. Standard input, output and exit status are the program's; the lines go to the standard
/// error. Exit status 126: a library was denied. 125: imagewatch itself has failed.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Writes a JSON object per line.
    #[arg(long)]
    pub(crate) json: bool,

    /// Kills the program before a library whose path or file name matches runs any of its code; may be repeated.
    #[arg(long, value_name = "GLOB")]
    pub(crate) deny: Vec<Pattern>,

    /// Has the program wait so many milliseconds each time.
    #[arg(long, value_name = "MS", default_value = "0", value_parser = milliseconds, hide_default_value = true)]
    pub(crate) delay: Duration,

    /// Runs programs that cannot be watched (static ones, for one) unwatched, instead of refusing them.
    #[arg(long)]
    pub(crate) unwatched: bool,

    /// Writes to a file instead of the standard error.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Prints what is in a process that runs already, on the standard output, and leaves it alone.
    #[arg(long, value_name = "N", conflicts_with_all = ["deny", "delay", "unwatched", "program"])]
    pub(crate) pid: Option<i32>,

    /// The program and its arguments.
    #[arg(
        value_name = "PROGRAM",
        required_unless_present = "pid",
        trailing_var_arg = true
    )]
    pub(crate) program: Vec<OsString>,
}

fn milliseconds(text: &str) -> Result<Duration, std::num::ParseIntError> {
    text.parse::<u32>()
        .map(|number| Duration::from_millis(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_program_is_the_programs() {
        let args = ["imagewatch", "--json", "ls", "--deny", "-l"];
        let args = Args::try_parse_from(args).unwrap();
        assert_eq!(args.program, ["ls", "--deny", "-l"]);
        assert!(args.json && args.deny.is_empty());
        let args = ["imagewatch", "--delay", "20", "--", "ls", "--", "-l"];
        let args = Args::try_parse_from(args).unwrap();
        assert_eq!(args.delay, Duration::from_millis(20));
        assert_eq!(args.program, ["ls", "--", "-l"]);
    }

    #[test]
    fn a_snapshot_is_of_a_process_and_nothing_else() {
        for wrong in [
            &["imagewatch"][..],
            &["imagewatch", "--pid", "1", "ls"],
            &["imagewatch", "--pid", "1", "--deny", "x"],
            &["imagewatch", "--deny", "[", "ls"],
        ] {
            assert!(Args::try_parse_from(wrong).is_err(), "{wrong:?}");
        }
    }
}
