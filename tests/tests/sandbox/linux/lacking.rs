//! Where a part of the lock cannot be had: the kernel lacks it, or other threads are there.

use launcher::Profile;

use super::super::{can_lock_up, lines, locked};

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
fn threads_that_have_ended_are_no_hindrance() {
    if !can_lock_up() {
        return;
    }
    let said = said(&["threads:30", "--enter", "open:/etc/passwd"]);
    assert_eq!(said, ["sum 435", "entered without 0", "EACCES"]);
}

#[test]
fn a_kernel_without_landlock_is_named() {
    if !can_lock_up() {
        return;
    }
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

/// A kernel that makes no namespaces, as this one to who asks in vain.
#[test]
fn a_system_without_namespaces_is_named() {
    let said = said(&[
        "no-unshare",
        "--network:loopback",
        "--enter",
        "fork",
        "--network:loopback",
        "--without:loopback",
        "--enter",
        "serve-itself",
        "fork",
    ]);
    assert!(said[1].contains("(Loopback)"), "{said:?}");
    assert_eq!(said[2], "done");
    if can_lock_up() {
        assert_eq!(said[3..], ["entered without 1", "done", "EPERM"]);
    }
}

#[test]
fn a_launcher_says_what_is_missing() {
    let mut launcher = locked(&["no-landlock", "helper-locked-up"]);
    let output = launcher.output().unwrap();
    let said = lines(&output);
    assert_eq!(
        said[1], "Lock: this system cannot lock which files can be opened (Files)",
        "{output:?}"
    );
}

/// What calls about one's own memory, threads and semaphores read.
#[test]
fn a_process_reads_what_proc_says_of_itself() {
    if !can_lock_up() {
        return;
    }
    let files =
        ["maps", "smaps", "statm", "mountinfo"].map(|file| format!("read-all:/proc/self/{file}"));
    let mut commands = vec!["--enter", "list:/proc/self/task", "list:/proc/self/fd"];
    commands.extend(files.iter().map(String::as_str));
    let said = said(&commands);
    assert_eq!(said[1..3], ["done", "done"]);
    assert!(
        said[3..].iter().all(|line| line.ends_with(" bytes")),
        "{said:?}"
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
    if !can_lock_up() {
        return;
    }
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
