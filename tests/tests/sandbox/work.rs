//! What works inside.

use super::{both, lines, locked};

#[test]
fn threads_start_and_end() {
    for mut launcher in both(&["threads:20"]) {
        let output = launcher.output().unwrap();
        assert_eq!(lines(&output).last().unwrap(), "sum 190", "{output:?}");
    }
}

#[test]
fn a_panic_ends_its_thread_and_says_where_it_was() {
    for mut launcher in both(&["panic"]) {
        let output = launcher.env("RUST_BACKTRACE", "1").output().unwrap();
        assert_eq!(lines(&output).last().unwrap(), "panicked true");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("on purpose"), "{said}");
        assert!(said.contains("locked::work::deep_inside"), "{said}");
    }
}

#[test]
fn memory_is_shared() {
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
