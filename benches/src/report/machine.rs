//! Where and when it was measured, and what with.

use std::process::Command;
use std::thread;
use std::time::SystemTime;

use nix::sys::utsname::uname;

use crate::harness::scale::Scale;
use crate::sys;

/// What the results were measured with beside this project.
const LOCK: &str = include_str!("../../Cargo.lock");
const PEERS: [&str; 5] = ["ipc-channel", "iceoryx2", "tokio", "tokio-util", "postcard"];

/// The beginning of a report.
pub(super) fn describe(scale: Scale) -> String {
    let system = uname().map_or_else(
        |_| std::env::consts::OS.to_owned(),
        |name| {
            let part = |text: &std::ffi::OsStr| text.to_string_lossy().into_owned();
            format!("{} {}", part(name.sysname()), part(name.release()))
        },
    );
    let count = thread::available_parallelism().map_or(1, usize::from);
    let date = humantime::format_rfc3339_seconds(SystemTime::now());
    let versions: Vec<_> = PEERS
        .iter()
        .filter_map(|name| Some(format!("{name} {}", version(LOCK, name)?)))
        .collect();
    let compared = if cfg!(feature = "peers") {
        versions.join(", ")
    } else {
        "nothing else: built without the feature `peers`".to_owned()
    };
    format!(
        "- measured {date}{}, scale `{}`\n\
         - {} processors, {}; {system}\n\
         - load averages at the beginning {}\n\
         - compared with {compared}\n",
        commit().map_or_else(String::new, |commit| format!(", commit {commit}")),
        scale.word(),
        count,
        sys::processor(),
        sys::load(),
    )
}

/// The commit of the sources that this was built from, and whether they were changed since.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-C", env!("CARGO_MANIFEST_DIR")]).args(arguments);
        let output = git.output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let clean = git(&["status", "--porcelain"])?.is_empty();
    let commit = git(&["rev-parse", "--short", "HEAD"])?;
    Some(if clean {
        commit
    } else {
        commit + " with changes"
    })
}

/// The end of a report.
pub(super) fn end() -> String {
    format!("\nLoad averages at the end: {}.\n", sys::load())
}

/// The version of a package in a lock file.
fn version<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("name = \"{name}\"\nversion = \"");
    lock.split_once(&begin)?.1.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_the_lock_file() {
        for name in PEERS {
            assert!(version(LOCK, name).is_some(), "{name}");
        }
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.2\"\n";
        assert_eq!(version(lock, "a"), Some("1.2"));
        assert_eq!(version(lock, "b"), None);
    }
}
