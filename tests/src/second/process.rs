//! Processes that are waited for, and do not outlive their test.

use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::time::Duration;

/// How long a whole test in another process may take.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// A process that does not outlive its test.
#[derive(Debug)]
pub struct Process(Child);

impl Process {
    /// Starts `command`.
    ///
    /// # Panics
    /// If it cannot be started.
    #[must_use]
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("a process"))
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// Ends it, and waits until it has ended.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Waits for its end, at most as long as a test may take.
    ///
    /// # Panics
    /// If it takes longer.
    pub fn wait(self) -> ExitStatus {
        self.wait_for(LIMIT)
    }

    pub(super) fn wait_for(mut self, limit: Duration) -> ExitStatus {
        let pid = libc::pid_t::try_from(self.0.id()).expect("a process id");
        let (ended, end) = mpsc::channel();
        let watchdog = std::thread::spawn(move || {
            if end.recv_timeout(limit).is_err() {
                // SAFETY: the process has not been waited for, so the id is still its own.
                unsafe { libc::kill(pid, libc::SIGKILL) };
                return true;
            }
            false
        });
        let status = wait_without_reaping(pid);
        ended.send(()).ok();
        assert!(
            !watchdog.join().expect("the watchdog"),
            "the second process took too long"
        );
        assert!(status, "the second process can be waited for");
        self.0.wait().expect("the second process's status")
    }
}

/// Waits until a child has ended, and leaves it to be waited for: as long as its id is taken, no other has it.
fn wait_without_reaping(pid: libc::pid_t) -> bool {
    loop {
        // SAFETY: all zeros is a `siginfo_t`, and `waitid` may write it.
        let code = unsafe {
            let mut info: libc::siginfo_t = std::mem::zeroed();
            libc::waitid(
                libc::P_PID,
                pid as libc::id_t,
                &raw mut info,
                libc::WEXITED | libc::WNOWAIT,
            )
        };
        if code == 0 {
            return true;
        }
        if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return false;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
