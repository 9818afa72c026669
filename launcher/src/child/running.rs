//! A process, its exit, and what becomes of it when nobody minds it any more.

use std::time::Duration;

use mach_ports::dispatch::ExitEvent;

use crate::child::process::Process;
use crate::child::reap;

/// How long a drop waits for a killed process to be gone. None takes that long but
/// one that the kernel holds, on a file system that does not answer for one.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) exit: ExitEvent,
    pub(crate) kill_on_drop: bool,
}

impl Running {
    /// Whether the process is known to have ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.exit.has_occurred() || self.process.was_reaped()
    }

    /// Has the process reaped when it exits, though nobody waits for it.
    fn reap_later(&self) {
        let pid = self.process.id();
        // Nothing is watched without the event.
        let event = self.exit.clone();
        self.exit.notify(move || {
            if let Err(error) = reap::wait(pid) {
                tracing::warn!(pid, %error, "cannot reap the process");
            }
            drop(event);
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.kill_on_drop || self.process.was_reaped() {
            return;
        }
        let pid = self.process.id();
        match self.process.signal(libc::SIGKILL) {
            Ok(()) if self.exit.wait_timeout(PATIENCE) => {
                if let Err(error) = self.process.wait() {
                    tracing::warn!(pid, %error, "cannot reap the process");
                }
            }
            Ok(()) => {
                tracing::warn!(pid, "the process was killed and does not end");
                self.reap_later();
            }
            Err(error) => {
                tracing::warn!(pid, %error, "cannot kill the process");
                self.reap_later();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::thread;
    use std::time::Instant;

    use nix::errno::Errno;
    use nix::sys::signal::kill;
    use nix::unistd::Pid;

    use super::*;

    #[test]
    #[expect(clippy::zombie_processes, reason = "it is reaped by its pid")]
    fn who_does_not_end_at_once_is_reaped_when_it_does() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let id = child.id().cast_signed();
        let running = Running {
            process: Process::new(id),
            exit: ExitEvent::watch(id).unwrap(),
            kill_on_drop: false,
        };
        running.reap_later();
        drop(running);
        drop(child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(60);
        while kill(Pid::from_raw(id), None) != Err(Errno::ESRCH) {
            assert!(Instant::now() < deadline, "it is still there");
            thread::sleep(Duration::from_millis(1));
        }
    }
}
