//! What fails a launch.

use std::fs::File;

use super::{failure, setting, shell};
use crate::{LaunchStep, Launcher, SettingError};

#[test]
fn a_program_that_is_not_there_is_named_with_the_errno() {
    let error = failure(Launcher::new("/no/such/program"));
    assert_eq!(error.program(), "/no/such/program");
    assert_eq!(error.step(), LaunchStep::Spawn);
    assert_eq!(error.raw_os_error(), Some(libc::ENOENT));
    assert_eq!(
        error.to_string(),
        "cannot launch /no/such/program: executing it"
    );

    let error = failure(Launcher::new("/dev/null"));
    assert_eq!(
        (error.step(), error.raw_os_error()),
        (LaunchStep::Spawn, Some(libc::EACCES))
    );
}

#[test]
fn a_directory_that_is_none_is_the_step_that_failed() {
    let error = failure(shell("true").current_dir("/no/such/directory"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOENT)));
    let error = failure(shell("true").current_dir(""));
    assert_eq!(error.step(), LaunchStep::CurrentDirectory);
    let error = failure(shell("true").current_dir("/dev/null"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOTDIR)));
    let error = failure(Launcher::new("true").current_dir("/dev/null"));
    let step = (error.step(), error.raw_os_error());
    assert_eq!(step, (LaunchStep::CurrentDirectory, Some(libc::ENOTDIR)));
    // The program's fault, though there is a directory.
    let error = failure(Launcher::new("/no/such/program").current_dir("/"));
    assert_eq!(error.step(), LaunchStep::Spawn);
}

#[test]
fn what_no_child_can_have_is_refused() {
    let null = || File::open("/dev/null").unwrap();
    let error = failure(shell("true").fd(1, null()));
    assert_eq!(
        (error.step(), setting(&error)),
        (LaunchStep::Descriptor(1), &SettingError::StandardStream)
    );
    let error = failure(shell("true").fd(5, null()).fd(5, null()));
    assert_eq!(
        (error.step(), setting(&error)),
        (LaunchStep::Descriptor(5), &SettingError::Collision)
    );
    let error = failure(shell("true").env("A=B", ""));
    assert_eq!(error.step(), LaunchStep::Environment);
    let error = failure(shell("true").arg("a\0b"));
    assert_eq!(error.step(), LaunchStep::Arguments);
    let error = failure(shell("true").base_id("a/b"));
    assert_eq!(error.step(), LaunchStep::Server);
}
