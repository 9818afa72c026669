//! `portctl` on a program that lends its task port: this executable, which it starts again.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use mach_ports::ReceiveRight;
use rendezvous_client::{ConnectOptions, RendezvousClient};

/// `portctl` with these arguments, on this executable as the program `part`.
fn portctl(arguments: &[&str], part: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portctl"));
    command
        .args(arguments)
        .arg("--")
        .arg(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", part]);
    command
}

/// The program: it lends its task port, makes ports as it is told, and ends with its input.
#[test]
#[ignore = "a program that the other tests start"]
fn makes_ports() {
    let client = RendezvousClient::connect(&ConnectOptions::new().offer_task_port(true)).unwrap();
    assert!(client.lends_task_port());
    let mut ports = Vec::new();
    for line in std::io::stdin().lock().lines() {
        for _ in 0..line.unwrap().parse().unwrap() {
            ports.push(ReceiveRight::new().unwrap());
        }
        println!("made {}", ports.len());
    }
}

/// A program that leaks a port every millisecond.
#[test]
#[ignore = "a program that the other tests start"]
fn leaks_ports() {
    let _client = RendezvousClient::connect(&ConnectOptions::new().offer_task_port(true)).unwrap();
    let mut ports = Vec::new();
    // Until it is killed, or a minute at most.
    for _ in 0..60_000 {
        ports.push(ReceiveRight::new().unwrap());
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A program that lends nothing.
#[test]
#[ignore = "a program that the other tests start"]
fn lends_nothing() {}

fn json(output: &Output) -> Vec<serde_json::Value> {
    let text = String::from_utf8_lossy(&output.stderr);
    let lines = text.lines().filter(|line| line.starts_with('{'));
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn run_shows_what_changes_until_the_program_ends() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    let arguments = [
        "run",
        "--json",
        "--interval",
        "1",
        "--output",
        file.to_str().unwrap(),
    ];
    let mut child = portctl(&arguments, "makes_ports")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let last = || {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let last = text.lines().last()?;
        serde_json::from_str::<serde_json::Value>(last).ok()
    };
    let receive_rights = || {
        let last = last()?;
        let names = last["names"].as_array()?.iter();
        Some(names.filter(|name| name["rights"]["receive"] == 1).count())
    };
    input.write_all(b"7\n").unwrap();
    while said.next().unwrap().unwrap() != "made 7" {}
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    // Its own seven, and those of the library.
    while receive_rights().is_none_or(|count| count < 7) {
        assert!(std::time::Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(1));
    }
    // `portctl` itself is at the other end of the task port, on Linux.
    if cfg!(target_os = "linux") {
        let peers = last().unwrap()["names"].as_array().unwrap().clone();
        let of_portctl = |name: &&serde_json::Value| name["peers"][0] == child.id();
        let seen: Vec<_> = peers.iter().filter(of_portctl).collect();
        assert!(
            seen.iter().any(|name| name["rights"]["receive"] == 1),
            "{peers:?}"
        );
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn leaks_are_what_has_grown() {
    let arguments = ["leaks", "--json", "--after", "10", "--wait", "500"];
    let output = portctl(&arguments, "leaks_ports").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let grown = &json(&output)[0];
    assert_eq!(grown["what"], "grown");
    assert!(!grown["names"].as_array().unwrap().is_empty());

    let mut quiet = portctl(&arguments, "makes_ports")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // The program ends with it.
    let input = quiet.stdin.take();
    assert_eq!(quiet.wait().unwrap().code(), Some(0));
    drop(input);
}

#[test]
fn a_program_that_lends_nothing_is_said_to() {
    let output = portctl(&["run"], "lends_nothing").output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("offer_task_port"), "{text}");
    let output = portctl(&["leaks"], "lends_nothing").output().unwrap();
    assert_eq!(output.status.code(), Some(125));
    let output = Command::new(env!("CARGO_BIN_EXE_portctl"))
        .args(["run", "--", "/nowhere"])
        .output();
    assert_eq!(output.unwrap().status.code(), Some(125));
}
