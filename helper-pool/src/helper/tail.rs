//! What a helper wrote last to its standard error.

use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use parking_lot::Mutex;

/// How much is kept, in bytes.
const KEPT: usize = 4096;
/// The most that is read at a time, in bytes: a pipe's usual capacity. Who writes without end keeps nobody.
const ONCE: usize = 64 << 10;
/// How long somebody waits for who reads already. That takes long only where this process's own standard error is stuck.
const PATIENCE: Duration = Duration::from_secs(1);

/// The parent's end of a helper's standard error, and the last of what came by it.
#[derive(Debug)]
pub(crate) struct Tail {
    pipe: PipeReader,
    /// Whether what comes is written to this process's standard error.
    pass_on: bool,
    /// Who holds this reads, and nobody else: what is there for it stays there.
    reading: Mutex<()>,
    kept: Mutex<Vec<u8>>,
}

impl Tail {
    pub(crate) fn new(pipe: PipeReader, pass_on: bool) -> Self {
        Self {
            pipe,
            pass_on,
            reading: Mutex::default(),
            kept: Mutex::default(),
        }
    }

    /// Takes what has been written so far; does not wait for more. `false` once nobody can write any more.
    pub(crate) fn drain(&self) -> bool {
        let Some(_reading) = self.reading.try_lock_for(PATIENCE) else {
            return true;
        };
        let mut buffer = [0; 4096];
        let mut room = ONCE;
        while room > 0 && self.has_something() {
            match (&self.pipe).read(&mut buffer) {
                Ok(0) => return false,
                Ok(count) => {
                    let new = buffer.get(..count).unwrap_or_default();
                    keep(&mut self.kept.lock(), new);
                    if self.pass_on {
                        // Where nobody listens, nothing is lost that the tail has not.
                        let _ = io::stderr().write_all(new);
                    }
                    room = room.saturating_sub(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }

    fn has_something(&self) -> bool {
        let mut ready = [PollFd::new(self.pipe.as_fd(), PollFlags::POLLIN)];
        matches!(poll(&mut ready, PollTimeout::ZERO), Ok(1))
    }

    /// All that is kept, what has just been written included, fit for a terminal.
    pub(crate) fn text(&self) -> String {
        self.drain();
        let kept = self.kept.lock();
        let harmless = |character: char| match character {
            '\n' => '\n',
            control if control.is_control() => ' ',
            other => other,
        };
        String::from_utf8_lossy(&kept)
            .chars()
            .map(harmless)
            .collect()
    }
}

/// Keeps the end of what was kept and what is new.
fn keep(kept: &mut Vec<u8>, new: &[u8]) {
    kept.extend_from_slice(new);
    let surplus = kept.len().saturating_sub(KEPT);
    kept.drain(..surplus);
}

impl AsFd for Tail {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_what_was_written_is_kept() {
        let (reader, mut writer) = io::pipe().unwrap();
        let tail = Tail::new(reader, false);
        assert_eq!(tail.text(), "");
        writer.write_all(&[b'x'; 2 * KEPT]).unwrap();
        assert!(tail.drain());
        writer.write_all(b"the\x1b[31m end\n").unwrap();
        let text = tail.text();
        assert_eq!(text.len(), KEPT);
        assert!(text.ends_with("xthe [31m end\n"), "{text}");
        drop(writer);
        assert!(!tail.drain());
        assert_eq!(tail.text(), text);
    }
}
