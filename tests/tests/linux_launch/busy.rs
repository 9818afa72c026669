//! Programs that have just been written, which the system does not execute while anybody can write to them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use launcher::Launcher;
use rendezvous_tests::LONG;
use tempfile::TempDir;

fn write(program: &Path) -> File {
    let mut file = File::create(program).unwrap();
    file.write_all(&fs::read("/bin/true").unwrap()).unwrap();
    file.set_permissions(fs::Permissions::from_mode(0o700))
        .unwrap();
    file
}

#[test]
fn threads_that_write_programs_and_launch_them_do_not_disturb_each_other() {
    let folder = TempDir::new().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..40 {
                    let program = folder.join(format!("{thread}.{round}"));
                    // A process that another thread makes at this moment has a copy of the descriptor.
                    drop(write(&program));
                    // With ports and without, which takes another way.
                    let mut launcher = Launcher::new(&program);
                    if round % 2 == 0 {
                        launcher.additional_data(b"data");
                    }
                    assert!(launcher.status().unwrap().success());
                    fs::remove_file(&program).unwrap();
                }
            });
        }
    });
}

#[test]
fn a_program_that_another_process_still_has_open_is_tried_again() {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("held");
    let held = write(&program);
    // As a process has it that another thread is making, for as long as this one reads.
    let (end, begin) = io::pipe().unwrap();
    let mut launcher = Launcher::new("/bin/cat");
    let holder = launcher.stdin(end).fd(5, held).spawn().unwrap();
    drop(launcher);
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        drop(begin);
    });
    assert!(Launcher::new(&program).status().unwrap().success());
    releasing.join().unwrap();
    assert!(holder.wait().unwrap().success());
}

#[test]
fn a_program_that_stays_open_is_not_waited_for_long() {
    let folder = TempDir::new().unwrap();
    let program = folder.path().join("open");
    let open = write(&program);
    let begun = Instant::now();
    let error = Launcher::new(&program).spawn().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(libc::ETXTBSY), "{error:?}");
    assert!(begun.elapsed() < LONG / 4);
    drop(open);
    assert!(Launcher::new(&program).status().unwrap().success());
}
