//! Tests that need a process of their own, and tests between two processes.
//!
//! The second process is the test's own executable, started again for this one test: it finds in its environment
//! which part it is to play. A test that has played its part returns; one that fails panics, and so fails its parent.

#[cfg(test)]
mod tests;

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use mach_ports::ffi::bootstrap::{bootstrap_check_in, bootstrap_look_up, bootstrap_port};
use mach_ports::ffi::kern_return::KERN_SUCCESS;
use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND};
use mach_ports::ffi::port::{MACH_PORT_NULL, mach_port_name_t};

use crate::letter::{Buffer, Letter, receive};
use crate::raw::made;

/// What tells a process that it is the second: the test's name, and the bootstrap name of the first if there is one.
const PART: &str = "RENDEZVOUS_TEST_PART";
/// How long a whole test in another process may take.
const LIMIT: Duration = Duration::from_secs(60);

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

    fn wait_for(mut self, limit: Duration) -> ExitStatus {
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

/// A test's name as its executable lists it: behind the modules that the test is in.
///
/// Tests name themselves without their modules, so that a file can be moved. The harness runs each test in a thread
/// that has the whole name.
fn listed(test: &str) -> String {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("a thread without a name");
    let rest = name.strip_suffix(test);
    assert!(
        rest.is_some_and(|modules| modules.is_empty() || modules.ends_with("::")),
        "{test} is not the test that this thread runs, which is {name}"
    );
    name.to_owned()
}

/// This executable again, for one test.
fn again(test: &str, part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this executable"));
    command
        .args([&listed(test), "--exact", "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// The part that this process plays in a test, if it is a second process.
fn part_in(test: &str) -> Option<String> {
    let part = std::env::var(PART).ok()?;
    let (name, rest) = part.split_once(' ').unwrap_or((&part, ""));
    assert_eq!(name, test, "started for another test");
    Some(rest.to_owned())
}

/// Runs a test in a process of its own, and gives that one's end; nothing in that process itself.
///
/// # Panics
/// If the test takes too long.
pub fn apart(test: &str, body: impl FnOnce()) -> Option<ExitStatus> {
    apart_for(test, LIMIT, body)
}

fn apart_for(test: &str, limit: Duration, body: impl FnOnce()) -> Option<ExitStatus> {
    if part_in(test).is_some() {
        body();
        None
    } else {
        Some(Process::start(&mut again(test, test)).wait_for(limit))
    }
}

/// Runs a test in a process of its own: nobody else takes names there.
///
/// # Panics
/// If the test fails or takes too long.
pub fn alone(test: &str, body: impl FnOnce()) {
    alone_for(test, LIMIT, body);
}

/// As [`alone`], for a test that may take so long.
///
/// # Panics
/// If the test fails or takes longer.
pub fn alone_for(test: &str, limit: Duration, body: impl FnOnce()) {
    if let Some(status) = apart_for(test, limit, body) {
        assert!(status.success(), "{test} in its own process: {status}");
    }
}

/// As [`alone`], for what a guard forbids: XNU may end a process that does it, which is as good.
///
/// # Panics
/// If the test fails or takes too long, or the process ends otherwise.
pub fn alone_against_a_guard(test: &str, body: impl FnOnce()) {
    if let Some(status) = apart(test, body) {
        let ended = cfg!(target_vendor = "apple") && status.signal() == Some(libc::SIGKILL);
        assert!(
            status.success() || ended,
            "{test} in its own process: {status}"
        );
    }
}

/// One side's way to the other: both have a receive right, and a send right to the other's.
#[derive(Debug)]
pub struct Line {
    /// The receive right of this side.
    pub own: mach_port_name_t,
    /// The send right to the other side's.
    pub other: mach_port_name_t,
}

impl Line {
    /// A message to the other side.
    #[must_use]
    pub fn letter(&self) -> Letter {
        Letter::to(self.other, MACH_MSG_TYPE_COPY_SEND)
    }

    /// Tells the other side to go on.
    pub fn go(&self) {
        self.letter().send();
    }

    /// The next message from the other side.
    #[track_caller]
    #[must_use]
    pub fn next(&self) -> Buffer {
        receive(self.own)
    }

    /// Waits until the other side says to go on.
    #[track_caller]
    pub fn wait(&self) {
        let _ = self.next();
    }
}

/// A bootstrap name that nobody else has.
#[must_use]
pub fn service_name() -> std::ffi::CString {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("rendezvous.tests.{}.{number}", std::process::id());
    std::ffi::CString::new(name).expect("no zero in it")
}

/// The task's bootstrap port.
#[must_use]
pub fn bootstrap() -> mach_port_name_t {
    // SAFETY: written before `main` only.
    unsafe { bootstrap_port }
}

/// `bootstrap_check_in`.
pub fn check_in(name: &std::ffi::CStr) -> crate::raw::Given<mach_port_name_t> {
    let mut port = MACH_PORT_NULL;
    // SAFETY: the name is a string and `port` can be written.
    match unsafe { bootstrap_check_in(bootstrap(), name.as_ptr(), &raw mut port) } {
        KERN_SUCCESS => Ok(port),
        code => Err(code),
    }
}

/// `bootstrap_look_up`.
pub fn look_up(name: &std::ffi::CStr) -> crate::raw::Given<mach_port_name_t> {
    let mut port = MACH_PORT_NULL;
    // SAFETY: the name is a string and `port` can be written.
    match unsafe { bootstrap_look_up(bootstrap(), name.as_ptr(), &raw mut port) } {
        KERN_SUCCESS => Ok(port),
        code => Err(code),
    }
}

/// The first side's line, once the second side is there; or nothing, when this is the second and has played.
fn meet(test: &str, second: impl FnOnce(Line)) -> Option<(Line, Process)> {
    if let Some(service) = part_in(test).filter(|service| !service.is_empty()) {
        let service = std::ffi::CString::new(service).expect("no zero in it");
        let other = look_up(&service).expect("the first side");
        let own = made::port();
        let line = Line { own, other };
        line.letter().port(own, MACH_MSG_TYPE_MAKE_SEND).send();
        second(line);
        return None;
    }
    let service = service_name();
    let own = check_in(&service).expect("a service");
    let part = format!("{test} {}", service.to_str().expect("ASCII"));
    let process = Process::start(&mut again(test, &part));
    let (other, _) = receive(own).only_port();
    Some((Line { own, other }, process))
}

/// Runs a test between two processes, each with its part. The first also gets the second, to stop it.
///
/// The first is the process that this is called in; inside [`alone`], one with nobody else's names and descriptors.
///
/// # Panics
/// If either part fails, or the test takes too long.
pub fn two(test: &str, first: impl FnOnce(Line, &mut Process), second: impl FnOnce(Line)) {
    if let Some((line, mut process)) = meet(test, second) {
        first(line, &mut process);
        let status = process.wait();
        assert!(status.success(), "{test}, the second side: {status}");
    }
}

/// As [`two`], for a test that needs no good end of its second side: it is killed, if the test has not done so.
///
/// # Panics
/// If the first part fails.
pub fn two_until_killed(
    test: &str,
    first: impl FnOnce(Line, &mut Process),
    second: impl FnOnce(Line),
) {
    if let Some((line, mut process)) = meet(test, second) {
        first(line, &mut process);
        process.kill();
    }
}
