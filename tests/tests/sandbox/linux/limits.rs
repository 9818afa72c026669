//! Memory, processor time and descriptors beyond the limit, and what a launcher sets besides.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use launcher::Profile;

use super::super::{can_lock_up, lines, locked};

const MEGABYTE: u64 = 1 << 20;

#[test]
fn memory_ends_at_the_limit() {
    if !can_lock_up() {
        return;
    }
    let commands = ["allocate:1000000", "allocate:2000000000"];
    let free = locked(&commands).output().unwrap();
    assert_eq!(lines(&free), ["done", "done"]);
    let profile = Profile::ports_only().memory(600 * MEGABYTE);
    let imposed = locked(&commands).profile(profile).output().unwrap();
    assert_eq!(lines(&imposed), ["done", "ENOMEM"]);
    let limit = format!("--memory:{}", 600 * MEGABYTE);
    let commands = [&[&*limit, "--enter"], &commands[..]].concat();
    let entered = locked(&commands).output().unwrap();
    assert_eq!(lines(&entered)[1..], ["done", "ENOMEM"]);
}

#[test]
fn descriptors_end_at_the_limit() {
    if !can_lock_up() {
        return;
    }
    let commands = ["descriptors:10", "descriptors:100", "raise-limits"];
    let free = locked(&commands[..2]).output().unwrap();
    assert_eq!(lines(&free), ["done", "done"]);
    let profile = Profile::ports_only().descriptors(64);
    let imposed = locked(&commands).profile(profile).output().unwrap();
    assert_eq!(lines(&imposed), ["done", "EMFILE", "EPERM"]);
    let commands = [&["--descriptors:64", "--enter"], &commands[..]].concat();
    let entered = locked(&commands).output().unwrap();
    assert_eq!(lines(&entered)[1..], ["done", "EMFILE", "EPERM"]);
}

#[test]
fn processor_time_ends_at_the_limit() {
    if !can_lock_up() {
        return;
    }
    let profile = Profile::ports_only().cpu_time(Duration::from_millis(1));
    let output = locked(&["spin"]).profile(profile).output().unwrap();
    assert_eq!(output.status.signal(), Some(libc::SIGXCPU));
}

#[test]
fn a_launcher_sets_the_umask() {
    let output = locked(&["umask"]).umask(0o027).output().unwrap();
    assert_eq!(lines(&output), ["27"]);
}
