//! The process on the other side of a test: it does what it is told, step by step.
//!
//! Each argument is a command; the argument `-` stands for those that come by standard input, a line each, until that
//! ends. Every command is answered by one line on standard output once it is done. What a test may be waiting for,
//! a refusal for one, is an answer like any other; a command that makes no sense fails, and so does the process.

mod client;
mod commands;
mod parent;
#[cfg(target_os = "linux")]
mod parked;
mod process;
#[cfg(target_os = "linux")]
mod refuse;
mod request;
mod rights;

use std::io::{self, Read, Write};
use std::process::ExitCode;

use commands::State;

fn main() -> ExitCode {
    let mut state = State::default();
    let mut content = true;
    for argument in std::env::args().skip(1) {
        if argument == "-" {
            while let Some(line) = read_line() {
                content &= obey(&mut state, &line);
            }
        } else {
            content &= obey(&mut state, &argument);
        }
    }
    if content {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn obey(state: &mut State, command: &str) -> bool {
    match state.obey(command) {
        Ok(answer) => {
            say(&answer);
            true
        }
        Err(error) => {
            say(&format!("cannot {command}: {error}"));
            false
        }
    }
}

/// Writes a line. Nobody may be listening any more, which is no reason to stop.
fn say(line: &str) {
    let mut stdout = io::stdout().lock();
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
}

/// Reads a line and not a byte more: the next one may be for a child, with which this process shares its input.
fn read_line() -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while Unbuffered.read_exact(&mut byte).is_ok() {
        match byte {
            [b'\n'] => return Some(String::from_utf8_lossy(&line).into_owned()),
            [byte] => line.push(byte),
        }
    }
    None
}

/// Standard input, without the buffer that std keeps before it.
struct Unbuffered;

impl Read for Unbuffered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(nix::unistd::read(io::stdin(), buffer)?)
    }
}
