//! A program under a monitor behaves as without.

use std::process::Output;

use image_monitor::{Event, Target};
use launcher::{LaunchStep, Launcher, Profile, Rendezvous, Stdio};

use crate::LONG;
use crate::fake::{Fake, recording};
use crate::linux_programs::{Compiled, compiled};
use crate::linux_real::is_there;

/// Programs and arguments whose output is the same each time.
const PROGRAMS: [&[&str]; 24] = [
    &["true"],
    &["false"],
    &["echo", "a", "b"],
    &["env"],
    &["ls", "-l", "/usr"],
    &["cat", "/proc/self/cmdline"],
    &["ls", "/proc/self/fd", "/no/such/file"],
    &["sh", "-c", "echo $0 $#; exit 9", "name", "x"],
    &["sh", "-c", "ulimit -a; umask; cat /proc/self/limits"],
    &[
        "sh",
        "-c",
        "grep -E '^(Sig[PBIC]|Shd|State)' /proc/self/status",
    ],
    &[
        "bash",
        "-c",
        "set -o pipefail; ls / | sort -r | head -3; false | true",
    ],
    &[
        "awk",
        "BEGIN { for (i = 0; i < 5; i++) print i * i; exit 3 }",
    ],
    &["sed", "-n", "1,3p", "/etc/passwd"],
    &["grep", "-c", "root", "/etc/passwd"],
    &["sort", "/etc/passwd"],
    &["wc", "-c", "/etc/passwd"],
    &["expr", "6", "*", "7"],
    &["od", "-An", "-tx1", "-N", "8", "/etc/passwd"],
    &["find", "/usr/share", "-maxdepth", "1"],
    &["tar", "--version"],
    &["git", "--version"],
    &["gcc", "--version"],
    &["perl", "-e", "print join ',', sort keys %ENV; exit 4"],
    &["openssl", "version"],
];

/// A library that says what its program begins with: descriptors, environment, signals.
const BEGINNING: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
extern char **environ;
__attribute__((constructor)) static void begin(void) {
    // The first process only, and none that it starts.
    int file = open(getenv("BEGINNING"), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return;
    for (int fd = 0; fd < 900; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0) dprintf(file, "descriptor %d: %d\n", fd, flags);
    }
    for (char **variable = environ; *variable; variable++) dprintf(file, "%s\n", *variable);
    sigset_t mask;
    sigprocmask(SIG_BLOCK, 0, &mask);
    for (int signal = 1; signal < 65; signal++) {
        struct sigaction action = {0};
        sigaction(signal, 0, &action);
        dprintf(file, "signal %d: %d %d\n", signal, sigismember(&mask, signal), action.sa_handler == SIG_DFL);
    }
}
"#;

/// Runs a program: what comes of it, and what it began with.
fn run(command: &[&str], is_watched: bool, beginning: &Compiled) -> (Output, String) {
    let (monitor, _heard) = recording();
    let said = beginning.path().with_extension("said");
    let mut launcher = Launcher::new(command[0]);
    if is_watched {
        launcher.image_monitor(&monitor);
    }
    let output = launcher
        .args(&command[1..])
        .env("LD_PRELOAD", beginning.path())
        .env("BEGINNING", &said)
        .stdin(Stdio::Null)
        .output()
        .unwrap();
    let began = std::fs::read_to_string(&said).unwrap();
    std::fs::remove_file(&said).unwrap();
    (output, began)
}

/// The agent's own descriptors are seen by who lists them; their numbers are out of the way.
fn without_the_agents(text: &[u8]) -> Vec<String> {
    let lines = String::from_utf8_lossy(text);
    let is_agents = |line: &&str| line.parse().is_ok_and(|number: u32| number > 900);
    lines
        .lines()
        .filter(|line| !is_agents(line))
        .map(str::to_owned)
        .collect()
}

#[test]
fn programs_of_the_machine_do_what_they_do_without() {
    let Some(beginning) = compiled(BEGINNING, &["-shared", "-fPIC"]) else {
        return;
    };
    let mut compared = 0;
    for command in PROGRAMS {
        if !is_there(command[0]) {
            println!("skipped: there is no {}", command[0]);
            continue;
        }
        let [(plain, began), (watched, began_watched)] =
            [false, true].map(|is_watched| run(command, is_watched, &beginning));
        assert_eq!(plain.status, watched.status, "{command:?}");
        let out = |output: &Output| without_the_agents(&output.stdout);
        assert_eq!(out(&plain), out(&watched), "{command:?}");
        assert_eq!(
            String::from_utf8_lossy(&plain.stderr),
            String::from_utf8_lossy(&watched.stderr),
            "{command:?}"
        );
        assert!(began.contains("descriptor 2: 0\n") && began.contains("\nPATH="));
        assert_eq!(began, began_watched, "{command:?}");
        compared += 1;
    }
    assert!(compared >= 20, "{compared}");
}

#[test]
fn a_watched_child_takes_its_ports_and_nobody_elses() {
    let (monitor, heard) = recording();
    let (unwatched, _events) = recording();
    let target = Target::new();
    let claim = target.claim(&unwatched).unwrap();
    let right = claim.right().unwrap();
    // The agent of the tests takes a port by the rendezvous; its program is watched by the real one.
    let mut fake = Fake::watched(right, target, Some(&monitor));
    assert_eq!(fake.ask("hello"), "sent");
    let fate = fake.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)));
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
    assert_eq!(heard.recv_timeout(LONG), Ok(Event::Main));
}

#[test]
fn a_child_that_is_locked_up_is_watched() {
    let (monitor, heard) = recording();
    let child = Launcher::new("true")
        .profile(Profile::ports_only())
        .image_monitor(&monitor)
        .spawn();
    let child = match child {
        Ok(child) => child,
        Err(error) if error.step() == LaunchStep::Lock => {
            println!("skipped: {error}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    assert!(child.wait_timeout(LONG).unwrap().unwrap().success());
    assert!(matches!(heard.recv_timeout(LONG), Ok(Event::Load(_))));
}

#[test]
fn the_users_own_settings_of_the_loader_are_the_programs() {
    let (monitor, _heard) = recording();
    let output = Launcher::new("env")
        .env_clear()
        .env("GLIBC_TUNABLES", "glibc.malloc.check=0")
        .env("WORD", "x")
        .image_monitor(&monitor)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.retain(|line| !line.starts_with("MACH_RENDEZVOUS_SERVER"));
    assert!(
        lines.contains(&"GLIBC_TUNABLES=glibc.malloc.check=0"),
        "{text}"
    );
    assert!(!text.contains("LD_AUDIT"), "{text}");
    assert!(!text.contains("IMAGE"), "{text}");
}
