//! What works inside.

use std::io::Write;

use launcher::{Launcher, Profile, Stdio};

use super::{both, can_have_helpers, can_lock_up, lines, locked};

#[test]
fn threads_start_and_end() {
    if !can_lock_up() {
        return;
    }
    for mut launcher in both(&["threads:20"]) {
        let output = launcher.output().unwrap();
        assert_eq!(lines(&output).last().unwrap(), "sum 190", "{output:?}");
    }
}

#[test]
fn a_panic_ends_its_thread_and_says_where_it_was() {
    if !can_lock_up() {
        return;
    }
    for mut launcher in both(&["panic"]) {
        let output = launcher.env("RUST_BACKTRACE", "1").output().unwrap();
        assert_eq!(lines(&output).last().unwrap(), "panicked true");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("on purpose"), "{said}");
        assert!(said.contains("locked::work::deep_inside"), "{said}");
    }
}

#[test]
fn mach_calls_are_as_the_model_says() {
    if !can_lock_up() {
        return;
    }
    for mut launcher in both(&["calls"]) {
        let output = launcher.output().unwrap();
        assert_eq!(
            lines(&output).last().unwrap(),
            "as the model says",
            "{output:?}"
        );
    }
}

#[test]
fn memory_is_shared() {
    if !can_lock_up() {
        return;
    }
    for mut launcher in both(&["shared:33554432"]) {
        let output = launcher.output().unwrap();
        assert_eq!(
            lines(&output).last().unwrap(),
            "33554432 bytes",
            "{output:?}"
        );
    }
}

#[test]
fn a_helper_has_helpers_where_the_profile_says_so() {
    if !can_have_helpers() {
        return;
    }
    let program = format!("--execute:{}", env!("CARGO_BIN_EXE_locked"));
    let commands = [
        "--processes",
        &program,
        "--read:/dev/null",
        "--enter",
        "helper:say:hello",
    ];
    let output = locked(&commands).output().unwrap();
    assert_eq!(lines(&output), ["entered without 0", "hello"], "{output:?}");
}

#[test]
fn a_helper_locks_its_own_helpers_up_further() {
    if !can_have_helpers() {
        return;
    }
    let program = format!("--execute:{}", env!("CARGO_BIN_EXE_locked"));
    let commands = [
        "--processes",
        &program,
        "--read:/etc",
        "--enter",
        "helper:read-all:/etc/passwd",
        "locked-helper:read-all:/etc/passwd",
        "locked-helper:threads:3",
    ];
    let output = locked(&commands).output().unwrap();
    let said = lines(&output);
    assert!(said[1].ends_with(" bytes"), "{output:?}");
    assert_eq!(said[2..], ["EACCES", "sum 3"], "{output:?}");
}

#[test]
fn a_program_that_knows_nothing_of_it_is_locked_up() {
    if !can_lock_up() {
        return;
    }
    let script = "echo hello; read line; echo $line; (exit 3) || cat /etc/passwd; cat </etc/passwd";
    let mut launcher = Launcher::new("sh");
    launcher.args(["-c", script]).stdin(a_line("world"));
    let free = launcher.output().unwrap();
    let said = lines(&free);
    assert_eq!(said[..2], ["hello", "world"]);
    assert!(said[2].starts_with("root:"), "{free:?}");
    let locked = launcher
        .stdin(a_line("world"))
        .profile(Profile::ports_only())
        .output()
        .unwrap();
    assert_eq!(lines(&locked), ["hello", "world"], "{locked:?}");
    assert!(!locked.status.success());
}

/// A pipe with a line in it, and nobody who writes more.
fn a_line(line: &str) -> Stdio {
    let (reader, mut writer) = std::io::pipe().unwrap();
    writeln!(writer, "{line}").unwrap();
    Stdio::File(reader.into())
}
