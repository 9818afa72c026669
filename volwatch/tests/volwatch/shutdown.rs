//! The shutdown lock.

use std::fs;

use crate::bed::{Bed, ID, description, volume};

#[test]
fn a_shutdown_waits_for_what_is_stale_and_holds_up_locks() {
    let mut bed = Bed::new();
    bed.start("startup_delay = '1h'\n");
    let gate = bed.gate("shutdown");
    let script = format!(
        "cp {} {}; {}",
        bed.path("builds").display(),
        bed.path("seen").display(),
        gate.script()
    );
    let mut shutdown = bed.spawn(&["shutdown-lock", "--", "sh", "-c", &script]);
    gate.wait();
    // It began when the volume had been rebuilt.
    assert_eq!(fs::read_to_string(bed.path("seen")).unwrap(), "x\n");
    let status = bed.status().unwrap();
    assert!(status["shutdown_holder"].is_i64(), "{status}");
    assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(75));
    assert_eq!(bed.run(&["rebuild", "--force", "images"]).0, Some(75));
    assert_eq!(bed.run(&["shutdown-lock", "--", "true"]).0, Some(75));
    gate.open();
    assert!(shutdown.wait().success());
    assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(0));
}

#[test]
fn a_shutdown_is_told_which_volume_is_busy() {
    let mut bed = Bed::new();
    bed.start("startup_delay = '1h'\n");
    let gate = bed.gate("holder");
    let mut holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    gate.wait();
    let (code, text) = bed.run(&["shutdown-lock", "--timeout", "0", "--", "true"]);
    assert_eq!(code, Some(75));
    assert!(text.contains("images"), "{text}");
    gate.open();
    assert!(holder.wait().success());
}

#[test]
fn a_volume_that_was_left_alone_is_looked_at_anew_before_a_shutdown() {
    let mut bed = Bed::new();
    fs::remove_file(bed.volume(".volwatch.toml")).unwrap();
    bed.start("");
    assert_eq!(bed.run(&["lock", ID, "--", "true"]).0, Some(66));
    bed.describe(&description());
    assert_eq!(bed.run(&["shutdown-lock", "--", "true"]).0, Some(0));
    assert_eq!(bed.builds(), 1);
    let status = bed.status().unwrap();
    assert_eq!(volume(&status)["uuid"], ID);
    // It is watched from then on.
    fs::write(bed.volume("src/second"), "x").unwrap();
    bed.wait_for_builds(2);
}
