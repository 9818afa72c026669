//! This executable started again, and how it learns which part it plays.

use std::process::{Command, Stdio};

/// What tells a process that it is the second: the test's name, and the bootstrap name of the first if there is one.
const PART: &str = "RENDEZVOUS_TEST_PART";

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
pub(super) fn again(test: &str, part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this executable"));
    command
        .args([&listed(test), "--exact", "--nocapture", "--test-threads=1"])
        .env(PART, part)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

/// The part that this process plays in a test, if it is a second process.
pub(super) fn part_in(test: &str) -> Option<String> {
    let part = std::env::var(PART).ok()?;
    let (name, rest) = part.split_once(' ').unwrap_or((&part, ""));
    assert_eq!(name, test, "started for another test");
    Some(rest.to_owned())
}
