//! Processes that stop, so that they read nothing, and go on when the other side has done something.

use nix::sys::signal::{Signal, kill, raise};
use nix::unistd::Pid;

/// Waits until a process has stopped.
pub(crate) fn until_stopped(pid: Pid) {
    let stopped = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('T'))
    };
    while !stopped() {
        std::thread::yield_now();
    }
}

/// Stops this process.
pub(crate) fn stop() {
    raise(Signal::SIGSTOP).expect("a signal");
}

pub(crate) fn go_on(pid: Pid) {
    kill(pid, Signal::SIGCONT).expect("a process");
}
