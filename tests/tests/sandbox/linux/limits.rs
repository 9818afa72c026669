//! Memory, processor time and descriptors beyond the limit, what a launcher sets besides, and what it leaves behind.

use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use launcher::Profile;
use mach_ports::platform;
use rendezvous_tests::LONG;
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::second::alone;
use sandbox::{Network, Part};

use super::super::{can_lock_up, lines, locked};

const MEGABYTE: u64 = 1 << 20;

#[test]
fn memory_ends_at_the_limit() {
    if !can_lock_up() {
        return;
    }
    let commands = ["allocate:1000000", "allocate:1000000000"];
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

#[test]
fn launches_leave_nothing_behind() {
    if !can_lock_up() {
        return;
    }
    alone("launches_leave_nothing_behind", || {
        let launch = || {
            let profile = Profile::ports_only().network(Network::Loopback);
            let profile = profile.accept_without(Part::Loopback);
            let output = locked(&["say:x"]).profile(profile).output().unwrap();
            assert_eq!(lines(&output), ["x"]);
            let missing = Profile::ports_only().read("/no/such/path");
            assert!(locked(&["say:x"]).profile(missing).spawn().is_err());
            assert!(platform::wait_for_closings(LONG));
        };
        launch();
        let before = descriptors();
        for _ in 0..5 {
            launch();
        }
        // The queue that watches for exits closes its own.
        let deadline = Instant::now() + LONG;
        while descriptors() > before {
            assert!(Instant::now() < deadline, "{} > {before}", descriptors());
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
