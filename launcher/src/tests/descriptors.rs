//! Standard streams and other descriptors.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};

use super::{failure, output, pipe_with, setting, shell};
use crate::{SettingError, Stdio};

#[test]
fn streams_are_pipes_files_and_null() {
    let mut child = shell("cat; echo error >&2")
        .stdin(Stdio::Pipe)
        .stdout(Stdio::Pipe)
        .stderr(Stdio::Pipe)
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"through").unwrap();
    let (mut out, mut err) = (String::new(), String::new());
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut out)
        .unwrap();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut err)
        .unwrap();
    assert_eq!((&*out, &*err), ("through", "error\n"));
    assert!(child.wait().unwrap().success());

    assert_eq!(output(shell("cat").stdin(Stdio::Null)), "");
    assert_eq!(output(shell("cat").stdin(pipe_with(b"file"))), "file");
}

#[test]
fn descriptors_have_their_numbers() {
    let mut launcher = shell("cat <&4; cat <&9; cat <&3");
    launcher
        .fd(9, pipe_with(b"nine "))
        .fd(3, pipe_with(b"three"))
        .fd(4, pipe_with(b"four "));
    assert_eq!(output(launcher), "four nine three");
}

#[test]
fn descriptors_may_change_places() {
    // Each one's number is the other's target.
    let (a, b) = (pipe_with(b"a"), pipe_with(b"b"));
    let (a_number, b_number) = (a.as_raw_fd(), b.as_raw_fd());
    // The shell's redirections know one digit: cat reads by name.
    let script = format!("cat /dev/fd/{a_number} /dev/fd/{b_number}");
    assert_eq!(output(shell(&script).fd(a_number, b).fd(b_number, a)), "ba");
    // And one that is already where it is to be loses its close-on-exec flag.
    let c = pipe_with(b"c");
    let number = c.as_raw_fd();
    assert_eq!(
        output(shell(&format!("cat /dev/fd/{number}")).fd(number, c)),
        "c"
    );
}

#[test]
fn the_largest_number_that_is_offered_can_be_had() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    // More than enough for these tests, and not too many for a shell.
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, soft.min(4096), hard).unwrap();
    let null = || File::open("/dev/null").unwrap();
    let error = failure(shell("true").fd(i32::MAX, null()));
    let SettingError::OutOfRange { max } = *setting(&error) else {
        panic!("{error:?}");
    };
    let script = format!("[ -e /dev/fd/{max} ] && echo there");
    assert_eq!(output(shell(&script).fd(max, null())), "there\n");
}

#[test]
fn nothing_else_is_open_in_the_child() {
    // Not close-on-exec: as descriptors are that C code opens.
    let leaky = File::open("/dev/null").unwrap();
    let copies: Vec<OwnedFd> = (0..3).map(|_| inheritable(&leaky)).collect();
    let highest = copies.iter().map(AsRawFd::as_raw_fd).max().unwrap();
    let script = format!(
        "for fd in $(seq 3 {}); do [ -e /dev/fd/$fd ] && echo $fd; done; true",
        highest + 20
    );
    // The shell opens none itself for this.
    let passed = highest + 10;
    let mut launcher = shell(&script);
    launcher.fd(passed, File::open("/dev/null").unwrap());
    assert_eq!(output(launcher), format!("{passed}\n"));
}

fn inheritable(file: &File) -> OwnedFd {
    use std::os::fd::FromRawFd;
    // SAFETY: duplicates an open descriptor; the result is nobody else's.
    unsafe {
        let copy = libc::dup(file.as_raw_fd());
        assert!(copy >= 0);
        OwnedFd::from_raw_fd(copy)
    }
}
