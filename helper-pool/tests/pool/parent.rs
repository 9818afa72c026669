//! The parent's death ends its helpers, whatever they are at.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use launcher::Profile;
use nix::sys::signal::Signal;

use crate::lab::{Fate, builder, signal};

/// Says to this program that it is such a parent.
const PARENT: &str = "HELPER_POOL_LAB_PARENT";
/// One whose helpers may do what they like.
const FREE: &str = "free";
/// One whose helpers can do nothing but serve.
const LOCKED: &str = "locked";

/// What the parent does; nothing, if this is none.
#[test]
fn doomed_parent() {
    let Ok(kind) = env::var(PARENT) else {
        return;
    };
    let (mut builder, _alive) = builder();
    if kind == LOCKED {
        builder = builder.profile(Profile::ports_only());
    }
    // What helpers write goes the same way as what this process does: they hold its standard error.
    let pool = builder
        .stderr(helper_pool::Stderr::Inherit)
        .helpers(3)
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        let idle = pool.checkout().unwrap();
        let busy = scope.spawn(|| pool.call(|lab| lab.strike(Fate::Hang as u32)));
        let other = scope.spawn(|| pool.call(|lab| lab.strike(Fate::Hang as u32)));
        drop((busy.join(), other.join(), idle));
    });
}

#[test]
fn helpers_go_with_a_parent_that_is_killed() {
    survive_none(FREE);
    if Profile::ports_only().missing().is_empty() {
        survive_none(LOCKED);
    }
}

fn survive_none(kind: &str) {
    let mut parent = Command::new(env::current_exe().unwrap())
        .args(["parent::doomed_parent", "--exact", "--nocapture"])
        .env(PARENT, kind)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(parent.stderr.take().unwrap()).lines();
    // Two are at a call that never ends, and one serves a session.
    for _ in 0..2 {
        let line = lines.next().unwrap().unwrap();
        assert_eq!(line, "last words before Hang");
    }
    signal(parent.id().cast_signed(), Signal::SIGKILL);
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(lines.count()));
    // The end of the standard error that all of them share shows that none is left.
    let rest = receiver.recv_timeout(crate::lab::SOON).unwrap();
    assert_eq!(rest, 0);
    parent.wait().unwrap();
}
