//! The example does what the README says, and is the code that the README shows.

use std::process::{Command, Stdio};

#[test]
fn the_child_greets_its_parent() {
    let output = Command::new(env!("CARGO_BIN_EXE_hello"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let lines: Vec<_> = text.lines().collect();
    let [greeting, end] = lines[..] else {
        panic!("two lines expected: {text}")
    };
    let pid = greeting
        .strip_prefix("process ")
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert_eq!(
        greeting,
        format!("process {pid} says: hello from your child")
    );
    assert_eq!(end, format!("the child {pid} ended with exit status: 0"));
}

#[test]
fn a_child_without_a_parent_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_hello"))
        .arg("child")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    let server = format!(
        "Error: cannot look up the rendezvous server `org.mach-rendezvous.MachPortRendezvousServer.{}`",
        std::process::id()
    );
    // Where it was looked for stands in between, where that is a place.
    assert!(text.starts_with(&server), "{text}");
    assert!(
        text.ends_with(
            " (was this process started by a launcher that still runs?): \
             no such service (BOOTSTRAP_UNKNOWN_SERVICE)\n"
        ),
        "{text}"
    );
}

#[test]
fn the_readme_shows_this_code() {
    let readme = include_str!("../../../README.md");
    let code = include_str!("../src/main.rs");
    assert!(
        readme.contains(&format!("```rust\n{code}```\n")),
        "README.md shows another hello than examples/hello"
    );
    assert!(code.lines().count() < 60);
}

#[test]
fn the_page_of_the_facade_shows_this_code() {
    let page = include_str!("../../../mach-rendezvous/src/lib.rs");
    let text: String = page
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();
    let code = include_str!("../src/main.rs");
    assert!(
        text.contains(&format!("```no_run\n{code}```\n")),
        "mach-rendezvous/src/lib.rs shows another hello than examples/hello"
    );
}
