//! How a child has ended, without reaping it.

use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

/// The code that a child which has ended exited with; `None` if that is not to be known any more, or was a signal.
pub(crate) fn code(pid: i32) -> Option<i32> {
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT | WaitPidFlag::WNOHANG;
    match waitid(Id::Pid(Pid::from_raw(pid)), flags) {
        Ok(WaitStatus::Exited(_, code)) => Some(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_seen_until_somebody_reaps() {
        let mut child = std::process::Command::new("sh")
            .args(["-c", "exit 7"])
            .spawn()
            .unwrap();
        let pid = child.id().cast_signed();
        let exit = mach_ports::dispatch::ExitEvent::watch(pid).unwrap();
        assert!(exit.wait_timeout(std::time::Duration::from_secs(60)));
        for _ in 0..2 {
            assert_eq!(code(pid), Some(7));
        }
        assert_eq!(child.wait().unwrap().code(), Some(7));
        assert_eq!(code(pid), None);
    }
}
