//! Starting a program under the agent.

use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};

use image_agent::linux::{STATIC_TLS, environment};
use image_protocol::environment::{AUDIT, Launch, TUNABLES, Way};
use mach_ports::platform::spawn::pass_port;

use super::agent::descriptor;
use super::{Monitor, Seen};

/// The first number of the agent's descriptors: what a launcher would choose.
const FIRST: RawFd = 3;

/// A program that is running.
#[derive(Debug)]
pub(crate) struct Child(Option<std::process::Child>);

impl Child {
    pub(crate) fn id(&self) -> i32 {
        self.0.as_ref().expect("running").id().cast_signed()
    }

    pub(crate) fn stdin(&mut self) -> std::process::ChildStdin {
        self.0
            .as_mut()
            .expect("running")
            .stdin
            .take()
            .expect("a pipe")
    }

    pub(crate) fn stdout(&mut self) -> std::process::ChildStdout {
        self.0
            .as_mut()
            .expect("running")
            .stdout
            .take()
            .expect("a pipe")
    }

    pub(crate) fn output(mut self) -> Output {
        self.0
            .take()
            .expect("running")
            .wait_with_output()
            .expect("its end")
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.0.take().expect("running").wait().expect("its end")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A program that has ended, and what its monitor saw.
#[derive(Debug)]
pub(crate) struct Launched {
    pub(crate) seen: Vec<Seen>,
    pub(crate) output: Output,
}

impl Launched {
    pub(crate) fn text(&self) -> String {
        assert!(self.output.status.success(), "{:?}", self.output);
        String::from_utf8(self.output.stdout.clone()).expect("text")
    }
}

/// Starts a program under the agent for these monitors.
pub(crate) fn launch(command: &mut Command, monitors: &[&Monitor]) -> Child {
    launch_with(command, monitors, STATIC_TLS)
}

pub(crate) fn launch_with(command: &mut Command, monitors: &[&Monitor], static_tls: u32) -> Child {
    let mut descriptors = Vec::new();
    let mut ways = Vec::new();
    for (number, monitor) in (FIRST..).zip(monitors) {
        let right = monitor.port.make_send().expect("a right");
        let inherited = pass_port(&right, number)
            .expect("a descriptor")
            .expect("Linux");
        let numbers: Vec<u64> = inherited
            .value
            .split(':')
            .map(|text| text.parse().expect("a number"))
            .collect();
        let [parent, number, cookie] = numbers[..] else {
            panic!("{:?}", inherited.value);
        };
        ways.push(Way {
            parent: parent as u32,
            number: number as u32,
            cookie,
            deadline_ms: monitor.deadline_ms,
        });
        descriptors.push(inherited.descriptor);
        monitor.expect_end();
    }
    descriptors.push(descriptor());
    let number = FIRST as u32 + ways.len() as u32;
    let path = format!("/proc/self/fd/{number}");
    let launch = Launch::new(Some(number), true, &ways).expect("ways");
    let [audit, tunables] = [AUDIT, TUNABLES].map(|name| set(command, name));
    let variables = environment(
        launch,
        Path::new(&path),
        audit.as_deref(),
        tunables.as_deref(),
        static_tls,
    );
    command.envs(variables);
    start(command, &descriptors)
}

/// What a command says of a variable.
fn set(command: &Command, name: &str) -> Option<OsString> {
    let mut variables = command.get_envs();
    let found = variables.find(|(key, _)| *key == OsStr::new(name))?;
    found.1.map(OsStr::to_owned)
}

/// Starts a program with descriptors from [`FIRST`] on, and no others.
fn start(command: &mut Command, descriptors: &[OwnedFd]) -> Child {
    // Where none of them is in another's way.
    let high: Vec<OwnedFd> = descriptors.iter().map(|fd| above(fd, 200)).collect();
    let pairs: Vec<(RawFd, RawFd)> = high.iter().map(AsRawFd::as_raw_fd).zip(FIRST..).collect();
    // SAFETY: the closure makes system calls only.
    unsafe {
        command.pre_exec(move || {
            for (from, to) in &pairs {
                if libc::dup2(*from, *to) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            Ok(())
        })
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Child(Some(command.spawn().expect("a program")))
}

fn above(fd: &OwnedFd, number: RawFd) -> OwnedFd {
    // SAFETY: the descriptor is open; the new one is this function's alone.
    unsafe {
        let copy = libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, number);
        assert!(copy >= 0, "{}", io::Error::last_os_error());
        OwnedFd::from_raw_fd(copy)
    }
}

/// Runs a program without the agent.
pub(crate) fn plainly(command: &mut Command) -> Output {
    start(command, &[]).output()
}

/// Runs a program under the agent until its end, with a monitor that answers at once.
pub(crate) fn run(command: &mut Command) -> Launched {
    let mut monitor = Monitor::new();
    let mut child = launch(command, &[&monitor]);
    drop(child.stdin());
    let mut out = child.stdout();
    let reader = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        out.read_to_end(&mut bytes).map(|_| bytes)
    });
    let seen = monitor.all();
    let mut output = child.output();
    output.stdout = reader.join().expect("no panic").expect("a pipe");
    Launched { seen, output }
}
