//! A process that is told what to do.

use std::borrow::BorrowMut;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::process::ExitStatus;
use std::time::Instant;

use launcher::{Child, Launcher, Stdio};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::LONG;

/// Describes a process of the binary `peer` that obeys the given commands and exits. The command `-` stands for those
/// that come by standard input: see [`Peer`].
#[macro_export]
macro_rules! peer {
    ($($command:expr),+ $(,)?) => {{
        let mut launcher = ::launcher::Launcher::new(env!("CARGO_BIN_EXE_peer"));
        $(launcher.arg($command);)+
        launcher
    }};
}

/// A running `peer`. What runs when this is dropped is killed.
#[derive(Debug)]
pub struct Peer {
    /// The process.
    pub child: Child,
    /// What it has said that nobody has read.
    heard: Vec<u8>,
}

impl Peer {
    /// Starts it.
    #[must_use]
    pub fn start(mut launcher: impl BorrowMut<Launcher>) -> Self {
        let launcher = launcher.borrow_mut();
        let launcher = launcher.stdin(Stdio::Pipe).stdout(Stdio::Pipe);
        let child = launcher
            .kill_on_drop(true)
            .spawn()
            .expect("the peer starts");
        Self {
            child,
            heard: Vec::new(),
        }
    }

    /// Gives it a command and returns what it answers.
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.line()
    }

    /// Gives it a command.
    pub fn tell(&mut self, command: &str) {
        let stdin = self.child.stdin.as_mut().expect("its input is open");
        stdin
            .write_all(format!("{command}\n").as_bytes())
            .expect("it reads commands");
    }

    /// The next line that it, or one of its own children, says.
    pub fn line(&mut self) -> String {
        self.next_line().expect("it says something before it ends")
    }

    /// Waits until nobody is left who could say something: it has ended, and its children too.
    pub fn silence(&mut self) {
        assert_eq!(self.next_line(), None);
    }

    /// Lets it come to the end of its commands, and sees to it that it was content.
    pub fn finish(mut self) {
        drop(self.child.stdin.take());
        let status = self.end();
        assert!(status.success(), "{status}: {:?}", self.heard());
    }

    /// How it ends.
    pub fn end(&self) -> ExitStatus {
        self.child
            .wait_timeout(LONG)
            .expect("nobody else waits for it")
            .expect("it ends")
    }

    fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    fn next_line(&mut self) -> Option<String> {
        let deadline = Instant::now() + LONG;
        loop {
            if let Some(end) = self.heard.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.heard.drain(..=end).collect();
                return Some(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if !self.hear(deadline) {
                assert_eq!(self.heard(), "", "it ended in the midst of a line");
                return None;
            }
        }
    }

    /// Reads what is there, as soon as something is; `false` at the end.
    fn hear(&mut self, deadline: Instant) -> bool {
        let stdout = self.child.stdout.as_mut().expect("its output is a pipe");
        let mut bytes = [0; 4096];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
            match poll(&mut [PollFd::new(stdout.as_fd(), PollFlags::POLLIN)], left) {
                Ok(0) => panic!("it says nothing"),
                Ok(_) => break,
                Err(error) => assert_eq!(error, nix::Error::EINTR),
            }
        }
        let count = stdout.read(&mut bytes).expect("a readable pipe");
        self.heard.extend(bytes.iter().take(count));
        count > 0
    }
}
