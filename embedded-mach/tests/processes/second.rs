//! A second process, and the way to it.

use std::ffi::CString;
use std::process::{Child, Command, Stdio};

use embedded_mach::bootstrap::{bootstrap_check_in, bootstrap_look_up, bootstrap_port};
use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use embedded_mach::port::MACH_PORT_NULL;

use crate::mail::{Mail, port, receive, send};

/// Tells the second process what to look up.
const SERVICE: &str = "EMBEDDED_MACH_TEST_SERVICE";

/// Two processes with a way to each other.
pub(crate) struct Pair {
    /// Messages from the other process.
    pub(crate) inbox: u32,
    /// A send right to the other process's inbox.
    pub(crate) outbox: u32,
    /// The second process, in the first.
    child: Option<Child>,
}

/// Runs a test's two parts, each in a process.
pub(crate) fn two(test: &str, first: impl FnOnce(Pair), second: impl FnOnce(Pair)) {
    match std::env::var(SERVICE) {
        Ok(service) => second(Pair::in_second(&service)),
        Err(_) => first(Pair::in_first(test)),
    }
}

impl Pair {
    fn in_first(test: &str) -> Self {
        let name = format!("org.example.processes.{}.{test}", std::process::id());
        let service = CString::new(name.clone()).unwrap();
        let mut inbox = MACH_PORT_NULL;
        // SAFETY: a string, and a place that can be written.
        let code = unsafe { bootstrap_check_in(bootstrap_port, service.as_ptr(), &mut inbox) };
        assert_eq!(code, KERN_SUCCESS);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(SERVICE, name)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut pair = Self {
            inbox,
            outbox: MACH_PORT_NULL,
            child: Some(child),
        };
        pair.outbox = pair.receive().rights[0].0;
        pair
    }

    fn in_second(service: &str) -> Self {
        let service = CString::new(service).unwrap();
        let mut outbox = MACH_PORT_NULL;
        // SAFETY: as above.
        let code = unsafe { bootstrap_look_up(bootstrap_port, service.as_ptr(), &mut outbox) };
        assert_eq!(code, KERN_SUCCESS);
        let pair = Self {
            inbox: port(),
            outbox,
            child: None,
        };
        send(outbox, &[(pair.inbox, MACH_MSG_TYPE_MAKE_SEND)], 0);
        pair
    }

    /// Sends copies of send rights, and a number.
    pub(crate) fn send(&self, rights: &[u32], number: u64) {
        let copies: Vec<_> = rights
            .iter()
            .map(|&name| (name, MACH_MSG_TYPE_COPY_SEND))
            .collect();
        send(self.outbox, &copies, number);
    }

    pub(crate) fn receive(&self) -> Mail {
        receive(self.inbox)
    }

    /// Receives as many send rights as are asked for.
    pub(crate) fn rights<const N: usize>(&self) -> [u32; N] {
        let names: Vec<_> = self.receive().rights.iter().map(|right| right.0).collect();
        names.try_into().unwrap()
    }

    /// Ends the second process at once.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        if std::thread::panicking() {
            let _ = child.kill();
        }
        // Everything it waits for has a deadline.
        let status = child.wait().unwrap();
        assert!(std::thread::panicking() || status.success(), "{status}");
    }
}
