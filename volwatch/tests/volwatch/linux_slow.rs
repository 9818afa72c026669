//! A file system that takes its time: it holds up looks at its volume, and nothing else.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::sys::signal::Signal;

use crate::bed::{Bed, volume};

/// `F_SETSIG` of `<fcntl.h>`.
const F_SETSIG: i32 = 10;

/// While it lives, whoever opens a file waits (fcntl(2), "Leases"); not for ever, but for `fs.lease-break-time`.
struct Held(File);

impl Held {
    /// `None` where files have no leases.
    fn new(path: &Path) -> Option<Self> {
        let held = Self(File::options().write(true).open(path).unwrap());
        // What tells that somebody waits is to end nobody.
        held.set(F_SETSIG, libc::SIGURG).unwrap();
        held.set(libc::F_SETLEASE, libc::F_WRLCK).ok()?;
        Some(held)
    }

    fn set(&self, command: i32, value: i32) -> io::Result<()> {
        // SAFETY: both commands take a number, and touch no memory.
        let code = unsafe { libc::fcntl(self.0.as_raw_fd(), command, value) };
        if code == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

/// A daemon that looks at its volume, and does not come to an end with that.
fn looking() -> Option<(Bed, Held)> {
    let bed = Bed::built();
    let Some(held) = Held::new(&bed.volume(".stamp")) else {
        eprintln!("skipped: no leases on these files");
        return None;
    };
    std::fs::write(bed.volume("src/second"), " second").unwrap();
    bed.wait_for("checking", |status| volume(status)["state"] == "checking");
    Some((bed, held))
}

#[test]
fn a_look_that_takes_its_time_holds_up_nobody() {
    let Some((bed, held)) = looking() else {
        return;
    };
    let lock = || bed.run(&["lock", "--timeout", "0", "images", "--", "true"]);
    for _ in 0..3 {
        assert_eq!(lock(), (Some(0), String::new()));
    }
    assert_eq!(bed.run(&["lock", "other", "--", "true"]).0, Some(66));
    // Nobody shuts down before it is known whether anything is stale.
    let shutdown = bed.spawn(&["shutdown-lock", "--", "sh", "-c", "exit 7"]);
    bed.wait_for("a waiter", |status| status["shutdown_waiter"].is_i64());
    let (code, text) = bed.run(&["shutdown-lock", "--", "true"]);
    assert_eq!(code, Some(75), "{text}");
    assert!(text.contains("images"), "{text}");
    assert_eq!(bed.builds(), 1);
    drop(held);
    bed.wait_for_builds(2);
    assert_eq!(shutdown.said().0, Some(7));
    assert_eq!(lock(), (Some(0), String::new()));
}

#[test]
fn a_daemon_ends_though_a_look_does_not() {
    let Some((mut bed, _held)) = looking() else {
        return;
    };
    bed.daemon().signal(Signal::SIGTERM);
    assert_eq!(bed.daemon().wait().code(), Some(0));
}
