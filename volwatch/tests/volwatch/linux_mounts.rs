//! File systems that are really mounted: a tmpfs in a mount namespace of the test's own. Only root can do that.

use std::fs;
use std::path::Path;
use std::thread;

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::sys::signal::Signal;
use nix::unistd::geteuid;

use crate::bed::{Bed, ID, description, until, volume};

/// Runs a test in a mount namespace of its own, with all that it starts.
pub(crate) fn apart(test: impl FnOnce() + Send + 'static) {
    if !geteuid().is_root() {
        eprintln!("skipped: only root can mount");
        return;
    }
    // A thread's alone.
    let apart = thread::spawn(move || {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNS) {
            eprintln!("skipped: no mount namespace here: {error}");
            return;
        }
        let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
        mount(None::<&str>, "/", None::<&str>, private, None::<&str>).unwrap();
        test();
    });
    apart.join().unwrap();
}

fn mount_tmpfs(at: &Path) {
    fs::create_dir_all(at).unwrap();
    mount(
        Some("volwatch"),
        at,
        Some("tmpfs"),
        MsFlags::empty(),
        Some("size=4m"),
    )
    .unwrap();
}

/// The daemon may look at it just now.
fn unmount(at: &Path) {
    until("an unmount", || umount2(at, MntFlags::empty()).ok());
}

/// Has a stale volume appear at `at`, described already.
fn appear(bed: &Bed, at: &Path) {
    let made = bed.path("made");
    mount_tmpfs(&made);
    fs::create_dir(made.join("src")).unwrap();
    fs::write(made.join("src/file"), "first").unwrap();
    fs::write(made.join(".volwatch.toml"), description()).unwrap();
    fs::create_dir_all(at).unwrap();
    mount(
        Some(&made),
        at,
        None::<&str>,
        MsFlags::MS_MOVE,
        None::<&str>,
    )
    .unwrap();
}

fn start(bed: &mut Bed, more: &str) {
    let settings = bed.settings(&format!("mounts = true\n{more}"));
    // Without the folder.
    let (settings, _) = settings.split_once("[[volume]]").unwrap();
    bed.start_with(settings);
}

fn quiet(bed: &Bed) {
    bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
}

fn none(bed: &Bed) {
    bed.wait_for("none", |status| {
        status["volumes"].as_array().is_some_and(Vec::is_empty)
    });
}

#[test]
fn a_tmpfs_is_mounted_changed_remounted_and_unmounted() {
    apart(|| {
        let mut bed = Bed::new();
        let at = bed.path("mounted");
        start(&mut bed, "settle = '500ms'\n");
        appear(&bed, &at);
        bed.wait_for_builds(1);
        let status = bed.wait_for("quiet", |status| volume(status)["state"] == "quiet");
        assert_eq!(volume(&status)["uuid"], ID);
        assert_eq!(volume(&status)["mounted"], true);
        assert_eq!(volume(&status)["root"], at.to_str().unwrap());

        // A thousand changes, one rebuild.
        bed.daemon().signal(Signal::SIGSTOP);
        for number in 0..1000 {
            fs::write(at.join("src/file"), number.to_string()).unwrap();
        }
        bed.daemon().signal(Signal::SIGCONT);
        bed.wait_for_builds(2);
        quiet(&bed);
        assert_eq!(fs::read(at.join("out")).unwrap(), b"999");

        // Bound elsewhere it is the same volume.
        let bound = bed.path("bound");
        fs::create_dir(&bound).unwrap();
        mount(
            Some(&at),
            &bound,
            None::<&str>,
            MsFlags::MS_BIND,
            None::<&str>,
        )
        .unwrap();
        assert_eq!(bed.run(&["rebuild", at.to_str().unwrap()]).0, Some(0));
        assert_eq!(
            bed.status().unwrap()["volumes"].as_array().unwrap().len(),
            1
        );
        unmount(&bound);

        // Read-only it is left alone, and writable again nothing is to be done.
        let remount = |flags| {
            let flags = MsFlags::MS_REMOUNT | flags;
            let remounted = || mount(None::<&str>, &at, None::<&str>, flags, None::<&str>);
            until("a remount", || remounted().ok());
        };
        remount(MsFlags::MS_RDONLY);
        none(&bed);
        remount(MsFlags::empty());
        quiet(&bed);

        // Another one at the same place, with the same id.
        unmount(&at);
        none(&bed);
        assert_eq!(bed.builds(), 2);
        appear(&bed, &at);
        bed.wait_for_builds(3);
        quiet(&bed);
        assert_eq!(bed.run(&["unmount", ID]), (Some(0), String::new()));
        none(&bed);
    });
}

#[test]
fn a_locked_volume_is_not_unmounted() {
    apart(|| {
        let mut bed = Bed::new();
        let at = bed.path("mounted");
        appear(&bed, &at);
        start(&mut bed, "");
        bed.wait_for_builds(1);
        quiet(&bed);
        let gate = bed.gate("holder");
        let mut holder = bed.spawn(&["lock", ID, "--", "sh", "-c", &gate.script()]);
        gate.wait();
        assert_eq!(
            umount2(&at, MntFlags::empty()),
            Err(nix::errno::Errno::EBUSY)
        );
        let (code, text) = bed.run(&["unmount", ID]);
        assert_eq!(code, Some(75));
        assert!(text.contains("5 tries left"), "{text}");
        // It can be taken away by force: who waits is told, who holds has nothing any more.
        let waiter = bed.spawn(&["lock", ID, "--", "true"]);
        bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
        umount2(&at, MntFlags::MNT_DETACH).unwrap();
        assert_eq!(waiter.said().0, Some(66));
        none(&bed);
        gate.open();
        holder.wait();
        // Nothing of it is kept.
        appear(&bed, &at);
        bed.wait_for_builds(2);
        quiet(&bed);
        unmount(&at);
        none(&bed);
    });
}

#[test]
fn an_unmount_is_denied_while_a_look_launches_and_not_without_helpers() {
    apart(|| {
        let mut bed = Bed::new();
        let at = bed.path("mounted");
        appear(&bed, &at);
        start(&mut bed, "startup_delay = '1h'\n");
        // It is stale, so that it is rebuilt first.
        let (code, text) = bed.run(&["unmount", ID]);
        assert_eq!(code, Some(75), "{text}");
        bed.wait_for_builds(1);
        let unmounted = || bed.run(&["unmount", ID]).0 == Some(0);
        until("an unmount", || unmounted().then_some(()));
        none(&bed);

        bed.daemon().signal(Signal::SIGTERM);
        bed.daemon().wait();
        appear(&bed, &at);
        let settings = format!("service = '{}'\nstartup_delay = '1h'\n", bed.service);
        bed.start_with(&settings);
        assert_eq!(bed.run(&["unmount", ID]), (Some(0), String::new()));
    });
}

#[test]
fn a_second_volume_with_the_same_id_takes_the_place_of_the_first() {
    apart(|| {
        let mut bed = Bed::new();
        let (first, second) = (bed.path("first"), bed.path("second"));
        appear(&bed, &first);
        start(&mut bed, "startup_delay = '1h'\n");
        let gate = bed.gate("holder");
        let mut holder = bed.spawn(&["lock", ID, "--", "sh", "-c", &gate.script()]);
        gate.wait();
        let waiter = bed.spawn(&["lock", ID, "--", "true"]);
        bed.wait_for("a waiter", |status| !volume(status)["waiters"][0].is_null());
        appear(&bed, &second);
        assert_eq!(waiter.said().0, Some(66));
        let at = |root: &Path| {
            let root = root.to_str().unwrap().to_owned();
            bed.wait_for("the other", move |status| {
                volume(status)["root"] == root.as_str()
            });
        };
        at(&second);
        gate.open();
        holder.wait();
        // It has its turn again.
        unmount(&second);
        at(&first);
        assert_eq!(bed.run(&["lock", ID, "--", "true"]).0, Some(0));
    });
}
