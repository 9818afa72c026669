//! Where a part of the lock cannot be had: the kernel lacks it, or other threads are there.

use launcher::{LaunchCause, LaunchStep, Profile};
use sandbox::{EnterError, Network, Part};

use super::super::{lines, locked};

fn said(commands: &[&str]) -> Vec<String> {
    lines(&locked(commands).output().unwrap())
}

#[test]
fn other_threads_are_refused_unless_the_kernel_can_lock_them_up() {
    let said = said(&["start-thread", "--enter", "open:/etc/passwd"]);
    assert_eq!(said[0], "started");
    if said[1].starts_with("refused") {
        assert!(
            said[1].contains("1 other threads would not be locked up"),
            "{said:?}"
        );
        // Nothing has changed.
        assert_eq!(said[2], "done");
    } else {
        assert_eq!(said[1..], ["entered without 0", "EACCES"]);
    }
}

#[test]
fn a_kernel_without_landlock_is_named() {
    let said = said(&[
        "no-landlock",
        "--enter",
        "open:/etc/passwd",
        "--without:files",
        "--enter",
        "open:/etc/passwd",
        "fork",
    ]);
    assert_eq!(said[0], "done");
    assert!(
        said[1].starts_with("refused: this system cannot lock which files can be opened (Files)"),
        "{said:?}"
    );
    assert!(said[1].contains("Profile::accept_without"), "{said:?}");
    assert_eq!(said[2..], ["done", "entered without 1", "done", "EPERM"]);
}

#[test]
fn a_kernel_without_filters_is_named() {
    let said = said(&[
        "no-filters",
        "--enter",
        "--without:calls",
        "--enter",
        "open:/etc/passwd",
        "fork",
    ]);
    assert!(
        said[1].contains("which system calls can be made (SystemCalls)"),
        "{said:?}"
    );
    assert_eq!(said[2..], ["entered without 1", "EACCES", "done"]);
}

#[test]
fn linux_cannot_tell_addresses_apart() {
    let said = said(&["--network:loopback", "--enter", "fork"]);
    assert!(said[0].contains("(Loopback)"), "{said:?}");
    assert_eq!(said[1], "done");
    let profile = Profile::ports_only().network(Network::Loopback);
    assert_eq!(profile.missing()[0].part, Part::Loopback);
    let error = locked(&["fork"]).profile(profile).spawn().unwrap_err();
    assert_eq!(error.step(), LaunchStep::Lock);
    assert!(
        matches!(error.cause(), LaunchCause::Profile(EnterError::Missing(_))),
        "{error:?}"
    );
}

#[test]
fn a_path_that_is_not_there_is_named() {
    let said = said(&["--read:/no/such/path", "--enter", "fork"]);
    assert!(
        said[0].starts_with("refused: cannot allow /no/such/path: No such file"),
        "{said:?}"
    );
    assert_eq!(said[1], "done");
}

#[test]
fn a_helper_tightens_what_was_imposed() {
    let profile = Profile::ports_only().read("/etc");
    let commands = [
        "open:/etc/passwd",
        "--enter",
        "open:/etc/passwd",
        "threads:3",
    ];
    let output = locked(&commands).profile(profile).output().unwrap();
    assert_eq!(
        lines(&output),
        ["done", "entered without 0", "EACCES", "sum 3"]
    );
}
