//! What the user can ask for.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Parser;

use crate::fault::Injection;
use crate::lock::Without;

/// Makes thumbnails and a contact sheet of images, in helper processes: a file that crashes its decoder
/// costs that file only.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    /// How many helper processes work at the same time.
    #[arg(long, value_name = "N", default_value_t = default_helpers(), value_parser = clap::value_parser!(u16).range(1..=64))]
    pub(crate) helpers: u16,

    /// The longer edge of a thumbnail, in pixels; smaller images keep their size.
    #[arg(long, value_name = "PX", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) size: u32,

    /// How long a helper may take for one image before it is replaced.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    pub(crate) timeout: Duration,

    /// Where the thumbnails and contact-sheet.png are written; made if it isn't there.
    #[arg(long, value_name = "DIR", default_value = "thumbnails-out")]
    pub(crate) out: PathBuf,

    /// Makes the helper that gets a file called NAME crash or hang, to see what that costs; may be repeated.
    #[arg(long, value_name = "crash:NAME|hang:NAME")]
    pub(crate) chaos: Vec<Injection>,

    /// Goes on where the system cannot lock this part of helpers up; may be repeated. Where it can, it does.
    #[arg(long, value_name = "files|system-calls|signals")]
    pub(crate) without: Vec<Without>,

    /// Images, and folders to take the images of. Without any: the sample images.
    #[arg(value_name = "FILE|DIR")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Set by a parent for its helpers: work on what the rendezvous brings instead of on the other arguments.
    #[arg(long, hide = true, exclusive = true)]
    pub(crate) helper: bool,
}

/// One helper for each processor, but no crowd.
fn default_helpers() -> u16 {
    let processors = thread::available_parallelism().map_or(2, usize::from);
    u16::try_from(processors.min(8)).unwrap_or(8)
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration)
            if duration >= Duration::from_millis(1) && duration <= Duration::from_secs(86_400) =>
        {
            Ok(duration)
        }
        _ => Err("must be between 0.001 and 86400".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Args, clap::Error> {
        Args::try_parse_from(["thumbnails"].iter().chain(arguments))
    }

    #[test]
    fn all_flags_are_understood() {
        let args = parse(&[
            "--helpers",
            "3",
            "--size",
            "64",
            "--timeout",
            "1.5",
            "--out",
            "there",
            "--chaos",
            "crash:a.png",
            "--without",
            "files",
            "b",
            "c",
        ])
        .unwrap();
        assert_eq!((args.helpers, args.size), (3, 64));
        assert_eq!(args.timeout, Duration::from_millis(1500));
        assert_eq!(args.out, PathBuf::from("there"));
        assert_eq!(args.inputs, [PathBuf::from("b"), PathBuf::from("c")]);
        assert_eq!((args.chaos.len(), args.without.len()), (1, 1));
    }

    #[test]
    fn senseless_values_are_refused() {
        for arguments in [
            ["--helpers", "0"],
            ["--helpers", "65"],
            ["--size", "0"],
            ["--timeout", "0"],
            ["--timeout", "-1"],
            ["--timeout", "NaN"],
            ["--timeout", "inf"],
            ["--chaos", "explode:a.png"],
            ["--chaos", "crash:"],
            ["--without", "everything"],
            ["--helper", "a.png"],
        ] {
            assert!(parse(&arguments).is_err(), "{arguments:?}");
        }
    }

    #[test]
    fn the_definition_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
