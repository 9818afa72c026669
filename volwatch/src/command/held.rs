//! The command that is run while a lock is held.
//!
//! It must not go on without the lock. Where the system can, it is killed when its keeper dies; what it has started itself is
//! not.

use std::env;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::command::exit::Trouble;
use crate::sys;

/// What to start for a command: this program, which becomes it.
pub(super) fn command(words: &[OsString]) -> Result<Command, Trouble> {
    let program = env::current_exe().map_err(|source| Trouble::System {
        what: "this program cannot be found",
        source,
    })?;
    let mut command = Command::new(program);
    command
        .arg("held")
        .arg(std::process::id().to_string())
        .arg("--")
        .args(words);
    Ok(command)
}

/// Becomes the command. Returns only what went wrong.
pub(super) fn run(holder: i32, words: &[OsString]) -> Trouble {
    let tied = sys::die_with_parent();
    let is_there =
        || u32::try_from(holder).is_ok_and(|holder| std::os::unix::process::parent_id() == holder);
    if let Err(source) = tied {
        return Trouble::System {
            what: "the command cannot be tied to its keeper",
            source,
        };
    }
    let gone = std::io::Error::from_raw_os_error(libc::ESRCH);
    let (program, arguments) = match words.split_first() {
        Some(words) if is_there() => words,
        // It died before the tie was made.
        _ => {
            return Trouble::System {
                what: "the keeper is gone",
                source: gone,
            };
        }
    };
    let source = Command::new(program).args(arguments).exec();
    Trouble::Command {
        program: program.clone(),
        source,
    }
}
