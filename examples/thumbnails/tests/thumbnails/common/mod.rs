//! Runs the program, with a deadline, and reads what it says.
#![allow(clippy::unwrap_used)] // All of this is test code, which clippy sees in test functions only.

pub(crate) mod terminal;

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal;
use nix::unistd::Pid;
use tempfile::TempDir;

/// Long enough for a machine that is busy with something else.
const DEADLINE: Duration = Duration::from_secs(120);

/// The sample of that name.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("images")
        .join(name)
}

/// The broken image of that name.
pub(crate) fn broken(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("broken")
        .join(name)
}

/// The program at work.
pub(crate) struct Run {
    child: Child,
    stderr: BufReader<ChildStderr>,
    /// Where the embedded Mach keeps bootstrap names: one is left where a program was killed.
    _names: TempDir,
    /// Where the thumbnails go.
    pub(crate) out: TempDir,
}

/// What a finished program has left.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) out: TempDir,
}

/// Starts the program on `inputs`.
pub(crate) fn start(flags: &[&str], inputs: &[PathBuf]) -> Run {
    let out = tempfile::tempdir().unwrap();
    let names = private_folder();
    // The usual ten seconds are for programs built to be fast, on machines with time for them.
    let patient: &[&str] = match flags.contains(&"--timeout") {
        true => &[],
        false => &["--timeout", "60"],
    };
    let mut child = Command::new(env!("CARGO_BIN_EXE_thumbnails"))
        .args(flags)
        .args(patient)
        .arg("--out")
        .arg(out.path())
        .args(inputs)
        .env("EMBEDDED_MACH_BOOTSTRAP_DIR", names.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stderr = BufReader::new(child.stderr.take().unwrap());
    Run {
        child,
        stderr,
        _names: names,
        out,
    }
}

fn private_folder() -> TempDir {
    let only_ours = Permissions::from_mode(0o700);
    tempfile::Builder::new()
        .permissions(only_ours)
        .tempdir()
        .unwrap()
}

/// Runs the program on `inputs` to its end.
pub(crate) fn run(flags: &[&str], inputs: &[PathBuf]) -> Finished {
    start(flags, inputs).finish()
}

impl Run {
    /// Waits until a helper says that it hangs, and returns its process id.
    pub(crate) fn hanging_helper(self) -> (Self, u32) {
        let (run, line) = within_deadline(self, |mut run| {
            let mut line = String::new();
            run.stderr.read_line(&mut line).unwrap();
            (run, line)
        });
        let pid = line
            .strip_prefix("thumbnails helper ")
            .and_then(|rest| rest.strip_suffix(": hangs, as ordered\n"));
        let pid = pid
            .unwrap_or_else(|| panic!("unexpected: {line}"))
            .parse()
            .unwrap();
        (run, pid)
    }

    /// Waits until the program is gone.
    pub(crate) fn finish(self) -> Finished {
        within_deadline(self, |mut run| {
            let (mut stdout, mut stderr) = (String::new(), String::new());
            run.child
                .stdout
                .take()
                .unwrap()
                .read_to_string(&mut stdout)
                .unwrap();
            run.stderr.read_to_string(&mut stderr).unwrap();
            Finished {
                status: run.child.wait().unwrap(),
                stdout,
                stderr,
                out: run.out,
            }
        })
    }

    /// Kills the program, but not its helpers.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }
}

/// Lets `wait` run on a thread of its own; on time-out the program is killed, and the test fails.
fn within_deadline<T: Send + 'static>(run: Run, wait: impl FnOnce(Run) -> T + Send + 'static) -> T {
    let pid = run.child.id();
    let (sender, receiver) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let _ = sender.send(wait(run));
    });
    match receiver.recv_timeout(DEADLINE) {
        Ok(value) => value,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            kill(pid);
            panic!("still running after {DEADLINE:?}");
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => match waiter.join() {
            Err(cause) => std::panic::resume_unwind(cause),
            Ok(()) => unreachable!("a value is sent before the thread ends"),
        },
    }
}

/// Ends a process as a crash would, without a chance to clean up.
pub(crate) fn kill(pid: u32) {
    let status = Command::new("/bin/sh")
        .arg("-c")
        .arg(format!("kill -9 {pid}"))
        .status()
        .unwrap();
    assert!(status.success());
}

/// Waits until a process that is nobody's child here is gone, or a corpse that its new parent leaves lying.
pub(crate) fn wait_until_gone(pid: u32) {
    let deadline = Instant::now() + DEADLINE;
    let is_corpse = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.starts_with(" Z"))
    };
    while signal::kill(Pid::from_raw(pid.cast_signed()), None) != Err(Errno::ESRCH) && !is_corpse()
    {
        assert!(Instant::now() < deadline, "process {pid} lives on");
        thread::sleep(Duration::from_millis(5));
    }
}

impl Finished {
    /// The exit code; what the program said goes into the panic if it has none.
    pub(crate) fn code(&self) -> i32 {
        self.status
            .code()
            .unwrap_or_else(|| panic!("{}: {}", self.status, self.stderr))
    }

    /// The words of an image's line in the table.
    pub(crate) fn line(&self, image: &str) -> Vec<&str> {
        let found = self
            .stdout
            .lines()
            .find(|line| line.split_whitespace().next() == Some(image));
        found
            .unwrap_or_else(|| panic!("no {image} in\n{}{}", self.stdout, self.stderr))
            .split_whitespace()
            .collect()
    }

    /// The process id of the helper that had the image.
    pub(crate) fn helper(&self, image: &str) -> u32 {
        self.line(image)[1].parse().unwrap()
    }

    /// Width and height of a picture among the thumbnails.
    pub(crate) fn size_of(&self, name: &str) -> (u32, u32) {
        image::image_dimensions(self.out.path().join(name)).unwrap()
    }
}
