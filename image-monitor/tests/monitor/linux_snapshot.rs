//! Processes that nobody has prepared.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use image_monitor::{ImageKind, Snapshot, SnapshotError};

use crate::eventually;
use crate::linux_programs::compiled;

/// Kills and reaps what a test has started.
struct Running(Child);

impl Running {
    fn start(program: impl AsRef<Path>) -> Self {
        let child = Command::new(program.as_ref())
            .arg("600")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn pid(&self) -> i32 {
        self.0.id().cast_signed()
    }

    /// Once it has come so far that its loader has nothing more to do.
    fn settled(&self) -> Snapshot {
        let mut found = None;
        eventually("a list of images with libc", || {
            found = Snapshot::of(self.pid()).ok();
            found.as_ref().is_some_and(has_libc)
        });
        found.unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

fn has_libc(snapshot: &Snapshot) -> bool {
    let mut images = snapshot.images.present();
    images.any(|image| image.path.ends_with("libc.so.6"))
}

#[test]
fn a_program_is_read_while_it_sleeps() {
    let sleep = Running::start("sleep");
    let snapshot = sleep.settled();
    assert_eq!(snapshot.program.file_name(), Some("sleep".as_ref()));
    let of_kind = |kind| {
        let images = snapshot.images.present();
        images.filter(|image| image.kind == kind).count()
    };
    assert_eq!(
        (of_kind(ImageKind::Program), of_kind(ImageKind::Loader)),
        (1, 1)
    );
    for image in snapshot.images.present() {
        assert!(image.size().is_some(), "{image:?}");
        assert!(image.contains(image.load_address));
    }
}

#[test]
fn a_program_at_fixed_addresses_is_found_at_them() {
    let source = "#include <unistd.h>\nint main(void) { return pause(); }";
    let Some(program) = compiled(source, &["-no-pie"]) else {
        return;
    };
    let running = Running::start(program.path());
    let snapshot = running.settled();
    let image = snapshot.images.find(0x40_0000).unwrap();
    assert_eq!(image.image.path, program.path().canonicalize().unwrap());
    assert_eq!((image.offset, image.file_offset), (0, Some(0)));
    assert_eq!(image.image.kind, ImageKind::Program);
}

#[test]
fn a_static_program_has_no_list() {
    let source = "#include <unistd.h>\nint main(void) { write(1, \"\", 1); return pause(); }";
    let Some(program) = compiled(source, &["-static"]) else {
        return;
    };
    let running = Running::start(program.path());
    eventually("the shell has become the program", || {
        let exe = std::fs::read_link(format!("/proc/{}/exe", running.pid()));
        exe.is_ok_and(|exe| exe == program.path().canonicalize().unwrap())
    });
    let error = Snapshot::of(running.pid()).unwrap_err();
    assert!(matches!(error, SnapshotError::NoList { .. }), "{error}");
}

#[test]
fn who_is_gone_or_not_to_be_looked_at_is_named() {
    let mut child = Command::new("true").spawn().unwrap();
    let pid = child.id().cast_signed();
    child.wait().unwrap();
    assert!(matches!(Snapshot::of(pid), Err(SnapshotError::Gone { .. })));
    if nix::unistd::geteuid().is_root() {
        println!("skipped for root, who may look at every process");
        return;
    }
    let error = Snapshot::of(1).unwrap_err();
    assert!(
        matches!(error, SnapshotError::Denied { pid: 1, .. }),
        "{error}"
    );
}
