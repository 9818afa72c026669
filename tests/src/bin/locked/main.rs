//! A process that locks itself up, or is locked up by its parent, and then tries what it may not do.
//!
//! Its arguments are commands. Those that begin with `--` say what a profile allows, up to `--enter`, which enters it. Every
//! other is answered by one line: what came of it, or the name of the error that the kernel returned.

#[cfg(target_os = "linux")]
mod attacks;
mod profile;
mod work;

use std::process::ExitCode;

/// What came of a command.
type Outcome = std::io::Result<String>;

fn main() -> ExitCode {
    let mut profile = profile::Builder::default();
    for command in std::env::args().skip(1) {
        let (name, value) = command.split_once(':').unwrap_or((&command, ""));
        if name.starts_with("--") {
            if let Some(answer) = profile.obey(name, value) {
                println!("{answer}");
            }
            continue;
        }
        match obey(name, value) {
            Ok(answer) => println!("{answer}"),
            Err(error) => println!("{}", name_of(&error)),
        }
    }
    ExitCode::SUCCESS
}

fn obey(name: &str, value: &str) -> Outcome {
    if let Some(outcome) = work::obey(name, value) {
        return outcome;
    }
    #[cfg(target_os = "linux")]
    if let Some(outcome) = attacks::obey(name, value) {
        return outcome;
    }
    panic!("no such command: {name}");
}

/// By its number, if it has one, as `EPERM`.
fn name_of(error: &std::io::Error) -> String {
    match error.raw_os_error() {
        Some(number) => format!("{:?}", nix::errno::Errno::from_raw(number)),
        None => format!("error: {error}"),
    }
}
