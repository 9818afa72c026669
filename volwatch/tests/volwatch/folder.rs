//! A folder that is declared a volume: it works for any user.

use std::fs;
use std::time::SystemTime;

use nix::sys::signal::Signal;

use crate::bed::{Bed, ID, volume};

#[test]
fn a_stale_folder_is_rebuilt_and_then_each_change() {
    let mut bed = Bed::new();
    bed.start("");
    bed.wait_for_builds(1);
    let status = bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    assert_eq!(volume(&status)["uuid"], ID);
    assert_eq!(volume(&status)["name"], "images");
    assert_eq!(volume(&status)["failures"], 0);
    assert_eq!(fs::read(bed.volume("out")).unwrap(), b"first");

    fs::write(bed.volume("src/second"), " second").unwrap();
    bed.wait_for_builds(2);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    assert_eq!(fs::read(bed.volume("out")).unwrap(), b"first second");
    assert_eq!(bed.builds(), 2);
    // A daemon that is started anew finds nothing to do.
    bed.daemon().signal(Signal::SIGTERM);
    assert_eq!(bed.daemon().wait().code(), Some(0));
    bed.start("");
    let (status, _) = bed.run(&["rebuild", "images"]);
    assert_eq!((status, bed.builds()), (Some(0), 2));
}

#[test]
fn a_thousand_changes_within_the_settle_time_are_one_rebuild() {
    let mut bed = Bed::new();
    bed.start("settle = '500ms'\n");
    bed.wait_for_builds(1);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    // Nothing passes for the daemon meanwhile, however slow the machine is.
    bed.daemon().signal(Signal::SIGSTOP);
    for number in 0..1000 {
        fs::write(bed.volume("src/file"), number.to_string()).unwrap();
    }
    bed.daemon().signal(Signal::SIGCONT);
    bed.wait_for_builds(2);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    let (status, text) = bed.run(&["rebuild", "images"]);
    assert_eq!((status, bed.builds()), (Some(0), 2), "{text}");
    assert_eq!(fs::read(bed.volume("out")).unwrap(), b"999");
}

#[test]
fn a_file_that_was_restored_is_seen_though_it_is_older() {
    let bed = Bed::built();
    let file = fs::File::options()
        .write(true)
        .open(bed.volume("src/file"))
        .unwrap();
    // As if the clock had been set back before it was written.
    file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    bed.wait_for_builds(2);
}

#[test]
fn nothing_happens_during_the_start_up_delay_unless_it_is_asked_for() {
    let mut bed = Bed::new();
    bed.start("startup_delay = '1h'\n");
    fs::write(bed.volume("src/second"), " second").unwrap();
    let status = bed.wait_for("starting", |status| status["starting_ms"].is_u64());
    assert!(volume(&status)["next_check_ms"].as_u64().unwrap() > 1_000_000);
    assert_eq!(bed.builds(), 0);
    assert_eq!(bed.run(&["rebuild", "images"]).0, Some(0));
    bed.wait_for_builds(1);
}

#[test]
fn a_configuration_is_read_again() {
    let mut bed = Bed::built();
    let other = tempfile::tempdir().unwrap();
    fs::create_dir(other.path().join("src")).unwrap();
    fs::write(
        other.path().join(".volwatch.toml"),
        "sources = ['src']\nstamps = ['.stamp']\n",
    )
    .unwrap();
    let id = "11111111-2222-4333-8444-555555555555";
    let more = format!(
        "[[volume]]\npath = '{}'\nid = '{id}'\n",
        other.path().display()
    );
    let settings = bed.settings("") + &more;
    bed.configure(&settings);
    bed.daemon().signal(Signal::SIGHUP);
    bed.wait_for("two volumes", |status| {
        status["volumes"]
            .as_array()
            .is_some_and(|volumes| volumes.len() == 2)
    });
    // What is wrong changes nothing.
    bed.configure("sevice = 'x'");
    bed.daemon().signal(Signal::SIGHUP);
    crate::bed::until("a complaint", || bed.log().contains("sevice").then_some(()));
    assert_eq!(bed.run(&["lock", id, "--", "true"]).0, Some(0));
    let settings = bed.settings("");
    bed.configure(&settings);
    bed.daemon().signal(Signal::SIGHUP);
    bed.wait_for("one volume", |status| {
        status["volumes"]
            .as_array()
            .is_some_and(|volumes| volumes.len() == 1)
    });
}

#[test]
fn a_declared_volume_that_cannot_be_one_is_told() {
    let mut bed = Bed::new();
    fs::remove_file(bed.volume(".volwatch.toml")).unwrap();
    let missing = bed.path("missing");
    let settings = bed.settings("") + &format!("[[volume]]\npath = '{}'\n", missing.display());
    bed.start_with(&settings);
    let status = bed.status().unwrap();
    let left = |at: usize, key: &str| status["left"][at][key].as_str().unwrap();
    assert_eq!(left(0, "reason"), "it has no description");
    assert_eq!(left(1, "root"), missing.to_str().unwrap());
    assert_eq!(left(1, "reason"), "it is not there");
    assert_eq!(status["left"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_boot_updater_that_does_not_check_in_is_missed() {
    let missing = "no boot updater";
    let mut bed = Bed::new();
    bed.start("boot_updater = true\nhelper = { command = ['true'] }\n");
    crate::bed::until("a warning", || bed.log().contains(missing).then_some(()));

    let mut bed = Bed::new();
    let helper = bed.helper(&bed.build());
    bed.start(&format!(
        "boot_updater = true\nstartup_delay = '1h'\n{helper}"
    ));
    assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(0));
    assert!(bed.log().contains("the boot updater has checked in"));
}

#[test]
fn a_volume_without_a_helper_is_told_to_be_stale() {
    let mut bed = Bed::new();
    let settings = bed.settings("startup_delay = '1h'\n");
    let settings: String = settings
        .lines()
        .filter(|line| !line.starts_with("helper"))
        .map(|line| format!("{line}\n"))
        .collect();
    bed.start_with(&settings);
    assert_eq!(bed.run(&["rebuild", "images"]).0, Some(70));
    let status = bed.status().unwrap();
    let trouble = volume(&status)["trouble"].as_str().unwrap();
    assert!(trouble.contains("no helper"), "{trouble}");
}

#[test]
fn what_appears_deep_in_a_new_folder_is_noticed() {
    let bed = Bed::built();
    fs::create_dir_all(bed.volume("src/a/b")).unwrap();
    bed.wait_for_builds(2);
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    let builds = bed.builds();
    fs::write(bed.volume("src/a/b/c"), "x").unwrap();
    bed.wait_for_builds(builds + 1);
}
