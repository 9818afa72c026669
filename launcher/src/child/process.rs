//! A process by its pid.

use std::io;
use std::process::ExitStatus;

use parking_lot::Mutex;

use crate::child::reap;

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

    /// Ends a process that must not be, and reaps it.
    pub(crate) fn end(&self) {
        if let Err(error) = self
            .signal(libc::SIGKILL)
            .and_then(|()| self.wait().map(drop))
        {
            tracing::warn!(pid = self.pid, %error, "cannot end the process");
        }
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
    fn a_reaped_process_is_not_signalled() {
        let process = process("exec sleep 600");
        assert!(process.try_wait().unwrap().is_none());
        process.signal(libc::SIGKILL).unwrap();
        process.wait().unwrap();
        let error = process.signal(libc::SIGKILL).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
