//! More changes than the kernel keeps (`fs.inotify.max_queued_events`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use volwatch::VolumeId;
use volwatch::beneath::Root;
use volwatch::description;
use volwatch::watch::{Noticed, Watching};

use crate::bed::{Bed, LONG};

fn most() -> usize {
    let limit = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    limit.trim().parse().unwrap()
}

/// As many changes, none of which the kernel takes for the one before.
fn flood(files: &[PathBuf; 2]) {
    for number in 0..most() + 100 {
        let mode = 0o600 + u32::try_from(number % 7).unwrap();
        fs::set_permissions(&files[number % 2], fs::Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn changes_that_were_lost_are_told_as_such() {
    let bed = Bed::new();
    let root = Root::open(&bed.volume("")).unwrap();
    let names = [PathBuf::from(".volwatch.toml")];
    let description = description::load(&root, &names).unwrap().unwrap();
    let files = [bed.volume("src/file"), bed.volume("src/other")];
    fs::write(&files[1], "").unwrap();

    let id = VolumeId::from_u128(1);
    let (sender, noticed) = channel();
    let gate = Arc::new(Mutex::new(()));
    let (passed, shut) = (Arc::clone(&gate), gate.lock().unwrap());
    let tell = move |what| {
        let _ = sender.send(what);
        drop(passed.lock());
    };
    let _watching = Watching::begin(id, &bed.volume(""), &description, tell).unwrap();
    fs::write(&files[0], "changed").unwrap();
    // From here on nobody reads what the kernel tells.
    assert_eq!(noticed.recv_timeout(LONG), Ok(Noticed::Changed(id)));
    flood(&files);
    drop(shut);
    loop {
        match noticed.recv_timeout(LONG) {
            Ok(Noticed::Changed(_)) => {}
            lost => break assert_eq!(lost, Ok(Noticed::Moved(id))),
        }
    }
}

#[test]
fn a_daemon_that_lost_changes_looks_all_the_same() {
    let mut bed = Bed::built();
    let beside = [bed.volume("src/a"), bed.volume("src/b")];
    beside.iter().for_each(|file| fs::write(file, "").unwrap());
    bed.wait_for_builds(2);
    bed.daemon().signal(nix::sys::signal::Signal::SIGSTOP);
    flood(&beside);
    // This one is told to nobody.
    fs::write(bed.volume("src/file"), "last").unwrap();
    bed.daemon().signal(nix::sys::signal::Signal::SIGCONT);
    crate::bed::until("the last change", || {
        let built = fs::read_to_string(bed.volume("out")).ok()?;
        built.contains("last").then_some(())
    });
}
