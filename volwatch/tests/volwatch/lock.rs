//! `volwatch lock`.

use std::fs;

use nix::sys::signal::Signal;

use crate::bed::{Bed, is_alive, volume};

/// No helper disturbs.
pub(crate) fn bed() -> Bed {
    let mut bed = Bed::new();
    bed.start("startup_delay = '1h'\n");
    bed
}

#[test]
fn exit_statuses_tell_what_it_was_in_one_line() {
    let bed = bed();
    let lock = |command: &[&str]| bed.run(&[&["lock", "images", "--"], command].concat());
    assert_eq!(lock(&["sh", "-c", "exit 3"]), (Some(3), String::new()));
    assert_eq!(lock(&["sh", "-c", "kill -TERM $$"]).0, Some(128 + 15));
    for (arguments, status) in [
        (&["lock", "other", "--", "true"][..], 66),
        (&["rebuild", "other"], 66),
        (&["unmount", "other"], 66),
        (&["unmount", "images"], 70),
        (&["lock", "images", "--", "/nowhere"], 127),
        (&["lock", "images", "--", "/etc/passwd"], 126),
        (&["--service", "volwatch.tests.none", "status"], 69),
        (
            &[
                "--service",
                "volwatch.tests.none",
                "lock",
                "x",
                "--",
                "true",
            ],
            69,
        ),
        (&["run", "--config", "/nowhere"], 78),
    ] {
        let (code, text) = bed.run(arguments);
        assert_eq!(code, Some(status), "{arguments:?}: {text}");
        let is_line = text.starts_with("volwatch: ") || text.contains("ERROR");
        assert!(
            is_line && text.lines().count() == 1,
            "{arguments:?}: {text:?}"
        );
    }
    assert_eq!(bed.run(&["lock", "images"]).0, Some(64));
    // A second daemon of the same name.
    let config = bed.path("volwatch.toml");
    let (code, text) = bed.run(&["run", "--config", config.to_str().unwrap()]);
    assert_eq!(code, Some(75), "{text}");
    assert!(text.contains("another daemon runs"), "{text}");
}

#[test]
fn who_comes_later_waits_or_is_told_that_it_is_busy() {
    let bed = bed();
    let gate = bed.gate("first");
    let mut first = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    gate.wait();
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(75)
    );
    assert_eq!(
        bed.run(&["lock", "--timeout", "0.01", "images", "--", "true"])
            .0,
        Some(75)
    );
    assert_eq!(bed.run(&["rebuild", "--force", "images"]).0, Some(75));
    let second = bed.spawn(&["lock", "images", "--", "sh", "-c", "exit 7"]);
    let status = bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
    assert_eq!(volume(&status)["state"], "locked");
    gate.open();
    assert!(first.wait().success());
    assert_eq!(second.said(), (Some(7), String::new()));
}

#[test]
fn those_who_share_hold_together() {
    let bed = bed();
    let gates = [bed.gate("one"), bed.gate("two")];
    let mut holders: Vec<_> = gates
        .iter()
        .map(|gate| {
            bed.spawn(&[
                "lock",
                "--shared",
                "images",
                "--",
                "sh",
                "-c",
                &gate.script(),
            ])
        })
        .collect();
    for gate in &gates {
        gate.wait();
    }
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(75)
    );
    gates.iter().for_each(|gate| gate.open());
    assert!(holders.iter_mut().all(|holder| holder.wait().success()));
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(0)
    );
}

#[test]
fn a_lock_lasts_until_its_command_has_ended_though_volwatch_is_killed() {
    let bed = bed();
    let gate = bed.gate("command");
    let mut holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    let command = gate.wait();
    holder.signal(Signal::SIGKILL);
    holder.wait();
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(75)
    );
    assert!(is_alive(command));
    let next = bed.spawn(&["lock", "images", "--", "sh", "-c", "exit 5"]);
    bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
    gate.open();
    // The command has ended by itself, so nobody is told of a death.
    assert_eq!(next.said(), (Some(5), String::new()));
}

#[test]
fn a_request_to_terminate_reaches_the_command() {
    let bed = bed();
    let gate = bed.gate("command");
    let script = format!("trap 'exit 4' TERM; {}", gate.script());
    let mut holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &script]);
    gate.wait();
    holder.signal(Signal::SIGTERM);
    assert_eq!(holder.wait().code(), Some(4));
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(0)
    );
}

#[test]
fn who_waits_learns_that_the_daemon_is_gone_and_a_new_one_starts_clean() {
    let mut bed = bed();
    let gate = bed.gate("command");
    let holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    gate.wait();
    let waiter = bed.spawn(&["lock", "images", "--", "true"]);
    bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
    bed.daemon().signal(Signal::SIGKILL);
    bed.daemon().wait();
    let (code, text) = waiter.said();
    assert_eq!(code, Some(69), "{text}");
    fs::remove_file(bed.path("log")).unwrap();
    bed.start("startup_delay = '1h'\n");
    assert_eq!(
        bed.run(&["lock", "--timeout", "0", "images", "--", "true"])
            .0,
        Some(0)
    );
    // Who held it goes on, and was told.
    gate.open();
    let (code, text) = holder.said();
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("the daemon is gone") && text.lines().count() == 1,
        "{text}"
    );
}
