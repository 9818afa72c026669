//! Descriptions that are not to be trusted.

use std::fs;
use std::os::unix::fs::symlink;

use nix::sys::stat::{Mode, SFlag, mknod, stat};
use nix::unistd::mkfifo;

use crate::bed::{Bed, ID, description, volume};

/// Each leaves the volume unwatched, and the status says why.
#[test]
fn what_tries_to_escape_leaves_the_volume_unwatched() {
    let mut bed = Bed::new();
    let path = bed.volume(".volwatch.toml");
    let is_refused = |bed: &Bed, word: &str| {
        let status = bed.status().unwrap();
        let reason = status["left"][0]["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        assert!(reason.contains(word), "{word}: {status}");
        assert_eq!(status["volumes"].as_array().map(Vec::len), Some(0));
        assert_eq!(bed.run(&["lock", ID, "--", "true"]).0, Some(66));
    };
    bed.describe(&format!("{}command = ['touch', '/tmp/x']\n", description()));
    bed.start("");
    is_refused(&bed, "unknown field");
    let again = |bed: &mut Bed| {
        bed.daemon().signal(nix::sys::signal::Signal::SIGTERM);
        bed.daemon().wait();
        bed.start("");
    };
    for (text, word) in [
        ("id = 'x'", "UUID"),
        ("sources = ['../x']\nstamps = ['s']", "not a plain path"),
        (
            "sources = ['/etc/passwd']\nstamps = ['s']",
            "not a plain path",
        ),
        ("sources = ['src']\nstamps = ['src/s']", "is written"),
        ("\0\u{1}", "refused"),
    ] {
        bed.describe(text);
        again(&mut bed);
        is_refused(&bed, word);
    }
    fs::remove_file(&path).unwrap();
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    again(&mut bed);
    is_refused(&bed, "not a regular file");
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    again(&mut bed);
    is_refused(&bed, "by a link");
    fs::remove_file(&path).unwrap();
    fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
    again(&mut bed);
    is_refused(&bed, "larger than");
    assert_eq!(bed.builds(), 0);
}

/// A FIFO would have its reader wait, and a device may do anything.
#[test]
fn what_is_no_file_is_not_opened_wherever_it_stands() {
    let mut bed = Bed::new();
    let mut names = vec!["fifo"];
    mkfifo(&bed.volume("fifo"), Mode::S_IRWXU).unwrap();
    mkfifo(&bed.volume("src/fifo"), Mode::S_IRWXU).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(bed.volume("socket"));
    names.extend(socket.as_ref().map(|_| "socket"));
    // An ordinary user makes no devices.
    let zero = stat("/dev/zero").unwrap().st_rdev;
    let device = |path: &str| mknod(&bed.volume(path), SFlag::S_IFCHR, Mode::S_IRWXU, zero);
    if device("device").and_then(|()| device("src/device")).is_ok() {
        names.push("device");
    }
    bed.start("startup_delay = '1h'\nhelper = { command = ['true'] }\n");
    for name in &names {
        // As a source it is recorded by what it is, as a stamp it is none.
        bed.describe(&format!(
            "id = '{ID}'\nsources = ['src', '{name}']\nstamps = ['s']\n"
        ));
        assert_eq!(bed.run(&["rebuild", "images"]).0, Some(0), "{name}");
        bed.wait_for("done", |status| volume(status)["helper"].is_null());
        bed.describe(&format!(
            "id = '{ID}'\nsources = ['src']\nstamps = ['{name}']\n"
        ));
        assert_eq!(bed.run(&["rebuild", "images"]).0, Some(70), "{name}");
        let status = bed.status().unwrap();
        let trouble = volume(&status)["trouble"].as_str().unwrap();
        assert!(trouble.contains("not a regular file"), "{trouble}");
    }
    // Nor is it as the description.
    for name in names {
        fs::rename(bed.volume(name), bed.volume(".volwatch.toml")).unwrap();
        assert_eq!(bed.run(&["rebuild", "images"]).0, Some(70), "{name}");
        let status = bed.status().unwrap();
        let trouble = volume(&status)["trouble"].as_str().unwrap();
        assert!(trouble.contains("not a regular file"), "{trouble}");
    }
}

#[test]
fn a_link_among_the_sources_is_not_followed_and_no_stamp_is_written_by_one() {
    let mut bed = Bed::new();
    let outside = bed.path("outside");
    fs::create_dir(&outside).unwrap();
    symlink(&outside, bed.volume("way")).unwrap();
    bed.describe(&format!(
        "id = '{ID}'\nsources = ['src']\nstamps = ['way/stamp']\n"
    ));
    bed.start("");
    let status = bed.wait_for("trouble", |status| volume(status)["trouble"].is_string());
    let trouble = volume(&status)["trouble"].as_str().unwrap();
    assert!(trouble.contains("by a link"), "{trouble}");
    assert_eq!(bed.run(&["rebuild", "--force", "images"]).0, Some(0));
    bed.wait_for_builds(1);
    bed.wait_for("done", |status| volume(status)["helper"].is_null());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
}

#[test]
fn a_description_that_changes_is_read_anew_and_locks_survive() {
    let bed = Bed::built();
    let gate = bed.gate("holder");
    let mut holder = bed.spawn(&["lock", "images", "--", "sh", "-c", &gate.script()]);
    gate.wait();
    fs::create_dir(bed.volume("more")).unwrap();
    bed.describe(&description().replace("'src'", "'src', 'more'"));
    let waiter = bed.spawn(&["lock", "images", "--", "sh", "-c", "exit 9"]);
    bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
    assert_eq!(bed.builds(), 1, "it is locked");
    gate.open();
    assert!(holder.wait().success());
    assert_eq!(waiter.said().0, Some(9));
    bed.wait_for_builds(2);
    // The new source counts, also by what is in it.
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
    fs::write(bed.volume("more/file"), "x").unwrap();
    bed.wait_for_builds(3);
    // One that is refused changes nothing until it is mended.
    bed.describe("x");
    bed.wait_for("trouble", |status| volume(status)["trouble"].is_string());
    fs::remove_file(bed.volume(".volwatch.toml")).unwrap();
    bed.wait_for("trouble", |status| {
        volume(status)["trouble"]
            .as_str()
            .is_some_and(|text| text.contains("gone"))
    });
    assert_eq!(bed.run(&["lock", "images", "--", "true"]).0, Some(0));
    let builds = bed.builds();
    bed.describe(&description());
    bed.wait_for_builds(builds + 1);
}
