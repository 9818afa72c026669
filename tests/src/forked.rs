//! A second task by `fork`: the same program, without anything of its parent's.

use std::io::{PipeReader, PipeWriter, Read};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork};

use crate::letter::DEADLINE;

/// A forked process. Its end of the pipe tells when it is gone.
#[derive(Debug)]
pub struct Forked {
    pid: Pid,
    end: PipeReader,
}

/// Forks. The child does its part, which must not fail, and is gone.
///
/// # Panics
/// If there can be no child.
pub fn forked(part: impl FnOnce()) -> Forked {
    let (end, held): (PipeReader, PipeWriter) = std::io::pipe().expect("a pipe");
    // SAFETY: the child goes on with one thread, does its part, and never returns from here. What it calls is made
    // for that: the Mach calls are what this is about, and the C library's allocator works in a forked child.
    match unsafe { fork() }.expect("a fork") {
        ForkResult::Parent { child } => Forked { pid: child, end },
        ForkResult::Child => {
            let done = catch_unwind(AssertUnwindSafe(part)).is_ok();
            drop(held);
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(!done)) }
        }
    }
}

impl Forked {
    /// The child's process id.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.pid.as_raw()
    }

    /// Waits until the child has done its part.
    ///
    /// # Panics
    /// If it fails, or takes too long.
    pub fn wait(mut self) {
        let begun = Instant::now();
        while begun.elapsed() < DEADLINE {
            let mut watched = [PollFd::new(self.end.as_fd(), PollFlags::POLLIN)];
            let left = DEADLINE.saturating_sub(begun.elapsed());
            let timeout = PollTimeout::try_from(left).expect("a short time");
            if poll(&mut watched, timeout).is_ok_and(|ready| ready > 0) {
                assert_eq!(self.end.read(&mut [0]).expect("the end"), 0);
                let status = waitpid(self.pid, None).expect("the child's status");
                assert_eq!(status, WaitStatus::Exited(self.pid, 0));
                return;
            }
        }
        kill(self.pid, Signal::SIGKILL).expect("a child");
        waitpid(self.pid, None).expect("its status");
        panic!("the forked child did not end");
    }
}
