//! The program on a terminal.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use nix::pty::{OpenptyResult, Winsize, openpty};

use super::{DEADLINE, kill};

/// What the program writes, with all errors, to a terminal of that width, line by line: also those that it takes
/// back.
pub(crate) fn lines_on_terminal(columns: u16, flags: &[&str], inputs: &[PathBuf]) -> Vec<String> {
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let OpenptyResult { master, slave } = openpty(&size, None).unwrap();
    let out = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_thumbnails"))
        .args(flags)
        .arg("--out")
        .arg(out.path())
        .args(inputs)
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(slave.try_clone().unwrap())
        .stderr(slave)
        .spawn()
        .unwrap();
    let text = read_to_end(File::from(master), &child);
    child.wait().unwrap();
    let drawn = text.replace("\x1b[2K", "\n").replace("\x1b[1A", "\n");
    assert!(!drawn.contains('\x1b'), "{drawn:?}");
    drawn
        .split(['\r', '\n'])
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads until nobody has the terminal open any more.
fn read_to_end(mut master: File, child: &Child) -> String {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // Some systems call the end an error.
        let _ = master.read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8(bytes).unwrap());
    });
    receiver.recv_timeout(DEADLINE).unwrap_or_else(|_| {
        kill(child.id());
        panic!("still running after {DEADLINE:?}");
    })
}
