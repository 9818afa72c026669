//! A process by its pid.

use std::io;
use std::process::ExitStatus;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::child::reap;

/// How long a killed process is waited for. None takes that long but one that the kernel holds.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// A pid and the knowledge whether it still denotes the process.
#[derive(Debug)]
pub(crate) struct Process {
    pid: i32,
    status: Mutex<Option<ExitStatus>>,
}

impl Process {
    pub(crate) fn new(pid: i32) -> Self {
        Self {
            pid,
            status: Mutex::new(None),
        }
    }

    pub(crate) fn id(&self) -> i32 {
        self.pid
    }

    pub(crate) fn was_reaped(&self) -> bool {
        self.status.lock().is_some()
    }

    /// Ends a process that must not be, and reaps it: within a second, or else when the kernel lets go of it, by a thread of
    /// its own.
    pub(crate) fn end(&self) {
        let ended = self
            .signal(libc::SIGKILL)
            .and_then(|()| self.wait_for(PATIENCE));
        match ended {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(pid = self.pid, "the process was killed and does not end");
                let pid = self.pid;
                let reaping = thread::Builder::new().name("reaper".to_owned());
                // Without a thread it stays a zombie until this process ends.
                drop(reaping.spawn(move || reap::wait(pid)));
            }
            Err(error) => tracing::warn!(pid = self.pid, %error, "cannot end the process"),
        }
    }

    /// Waits where nothing tells of the end; whether it has come.
    fn wait_for(&self, patience: Duration) -> io::Result<bool> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        while self.try_wait()?.is_none() {
            if begun.elapsed() >= patience {
                return Ok(false);
            }
            thread::sleep(pause);
            pause = LONGEST_PAUSE.min(2 * pause);
        }
        Ok(true)
    }

    /// The status, from the system the first time. The lock is held over the
    /// reaping: nobody signals a pid that may be free.
    pub(crate) fn wait(&self) -> io::Result<ExitStatus> {
        let mut status = self.status.lock();
        match *status {
            Some(status) => Ok(status),
            None => Ok(*status.insert(reap::wait(self.pid)?)),
        }
    }

    pub(crate) fn try_wait(&self) -> io::Result<Option<ExitStatus>> {
        let mut status = self.status.lock();
        if status.is_none() {
            *status = reap::try_wait(self.pid)?;
        }
        Ok(*status)
    }

    pub(crate) fn signal(&self, number: i32) -> io::Result<()> {
        let status = self.status.lock();
        if status.is_some() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the process was reaped",
            ));
        }
        reap::signal(self.pid, number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A child of std's, which std is not to wait for.
    #[expect(clippy::zombie_processes, reason = "the tests reap it themselves")]
    fn process(script: &str) -> Process {
        let child = std::process::Command::new("/bin/sh")
            .args(["-c", script])
            .spawn()
            .unwrap();
        Process::new(child.id().cast_signed())
    }

    #[test]
    fn a_status_is_reaped_once_and_kept() {
        let process = process("exit 7");
        for _ in 0..2 {
            assert_eq!(process.wait().unwrap().code(), Some(7));
        }
    }

    #[test]
    fn what_must_not_be_is_ended_and_reaped() {
        let process = process("exec sleep 600");
        process.end();
        assert!(process.was_reaped());
    }

    #[test]
    fn one_that_does_not_end_is_not_waited_for_longer_than_said() {
        let process = process("exec sleep 600");
        assert!(!process.wait_for(Duration::from_millis(5)).unwrap());
        process.end();
    }

    #[test]
    fn a_reaped_process_is_not_signalled() {
        let process = process("exec sleep 600");
        assert!(process.try_wait().unwrap().is_none());
        process.signal(libc::SIGKILL).unwrap();
        process.wait().unwrap();
        let error = process.signal(libc::SIGKILL).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
