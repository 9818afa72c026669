//! Helpers that do what they should not.

use std::fs;

use crate::bed::{Bed, is_alive, until, volume};

fn failures(bed: &Bed, count: u64) -> serde_json::Value {
    bed.wait_for("counted", |status| {
        volume(status)["failures"] == count && volume(status)["helper"].is_null()
    })
}

#[test]
fn a_helper_that_fails_is_counted_and_a_success_ends_that() {
    let mut bed = Bed::new();
    let script = format!(
        "test -e {} || exit 1; {}",
        bed.path("ready").display(),
        bed.build()
    );
    let helper = bed.helper(&script);
    bed.start(&helper);
    let status = failures(&bed, 1);
    assert_eq!(volume(&status)["attempts"], 1);
    assert!(!bed.volume(".stamp").exists());
    // A change is looked at again.
    fs::write(bed.volume("src/second"), "x").unwrap();
    failures(&bed, 2);
    // By force: counted neither way.
    assert_eq!(bed.run(&["rebuild", "--force", "images"]).0, Some(0));
    bed.wait_for("done", |status| volume(status)["helper"].is_null());
    failures(&bed, 2);
    fs::write(bed.path("ready"), "").unwrap();
    fs::write(bed.volume("src/third"), "x").unwrap();
    let status = failures(&bed, 0);
    assert_eq!(volume(&status)["attempts"], 0);
    assert_eq!(bed.builds(), 1);
}

#[test]
fn a_helper_that_does_not_unlock_has_failed() {
    let mut bed = Bed::new();
    bed.start("helper = { command = ['true'] }\n");
    failures(&bed, 1);
    assert!(!bed.volume(".stamp").exists());
}

#[test]
fn a_helper_that_cannot_be_launched_has_failed() {
    let mut bed = Bed::new();
    bed.start("helper = { command = ['/nowhere'] }\n");
    failures(&bed, 1);
    assert_eq!(bed.run(&["rebuild", "images"]).0, Some(70));
    failures(&bed, 2);
}

#[test]
fn a_helper_that_does_not_end_is_killed_with_what_it_has_started() {
    let mut bed = Bed::new();
    let gate = bed.gate("hangs");
    let helper = bed.helper(&gate.script()).replace("60s", "500ms");
    bed.start(&helper);
    failures(&bed, 1);
    // On a slow machine it may have been killed before it began.
    if let Some(command) = gate.begun() {
        until("the command's end", || (!is_alive(command)).then_some(()));
    }
    assert!(bed.log().contains("does not end"));
}

#[test]
fn what_changes_while_it_is_rebuilt_is_rebuilt_again() {
    let mut bed = Bed::new();
    let gate = bed.gate("slow");
    let first = bed.path("builds").display().to_string();
    let script = format!(
        "test -e {first} || {{ {}; }}; {}",
        gate.script(),
        bed.build()
    );
    let helper = bed.helper(&script);
    bed.start(&helper);
    gate.wait();
    fs::write(bed.volume("src/second"), "x").unwrap();
    gate.open();
    bed.wait_for_builds(2);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    assert_eq!(fs::read(bed.volume("out")).unwrap(), b"firstx");
}

#[test]
fn owners_are_told_before_and_after_each_holder() {
    let mut bed = Bed::new();
    let list = bed.path("owners");
    let command = |word: &str| {
        let list = list.display();
        format!("['sh', '-c', 'echo {word} \"$0\" >> {list}', '{{name}}']")
    };
    let owners = format!(
        "startup_delay = '1h'\nowners = {{ enable = {}, disable = {} }}\n",
        command("on"),
        command("off")
    )
    .replace("'sh', '-c', 'echo on \"$0\"", "'sh', '-c', 'echo on $0")
    .replace("'sh', '-c', 'echo off \"$0\"", "'sh', '-c', 'echo off $0");
    bed.start(&owners);
    let seen = format!("grep -c on {}", list.display());
    assert_eq!(
        bed.run(&["lock", "images", "--", "sh", "-c", &seen]).0,
        Some(0)
    );
    until("the end", || {
        (fs::read_to_string(&list).unwrap() == "on images\noff images\n").then_some(())
    });
}
