//! Helpers that do not come to serve.

use std::time::Duration;

use helper_pool::{HelperPool, PoolError, StartCause, Stderr};
use launcher::{Launcher, Stdio};
use mach_interface::{ConnectError, subsystem};
use mach_ports::ReturnCode;

use crate::lab::{LabClient, SOON, lab};

/// What a pool of such a program says of it.
fn refused(
    launcher: &mut Launcher,
    deadline: Duration,
) -> (helper_pool::NoHelper, HelperPool<LabClient>) {
    let pool = HelperPool::<LabClient>::builder(launcher)
        .stderr(Stderr::Keep)
        .start_attempts(3)
        .start_deadline(deadline)
        .build()
        .unwrap();
    match pool.call(|lab| lab.echo(1)).unwrap_err() {
        PoolError::NoHelper(no_helper) => (no_helper, pool),
        other => panic!("{other:?}"),
    }
}

#[test]
fn some_in_a_row_are_an_error_that_says_why() {
    let script = "echo 'no licence for this machine' >&2; exit 3";
    let (error, pool) = refused(Launcher::new("/bin/sh").args(["-c", script]), SOON);
    assert!(error.in_a_row() >= 3);
    assert!(
        matches!(error.last().cause(), StartCause::Ended(status) if status.code() == Some(3)),
        "{error}"
    );
    let text = error.to_string();
    assert!(
        text.starts_with(
            "3 helpers in a row did not start: the helper ended at its start: exit status: 3; "
        ),
        "{text}"
    );
    assert!(
        text.ends_with("its standard error ends with:\nno licence for this machine"),
        "{text}"
    );
    // A new call is told at once, or has one more tried.
    let again = pool.call(|lab| lab.echo(1)).unwrap_err();
    assert!(matches!(again, PoolError::NoHelper(_)), "{again:?}");
    let failures = pool.stats().total.start_failures;
    assert!((3..=4).contains(&failures), "{failures}");
}

#[test]
fn a_program_that_is_not_there() {
    let (error, _pool) = refused(&mut Launcher::new("/nowhere/at-all"), SOON);
    assert!(
        matches!(error.last().cause(), StartCause::Launch(_)),
        "{error}"
    );
    assert!(error.to_string().contains("No such file"), "{error}");
}

#[test]
fn a_program_that_never_serves_is_killed() {
    let (error, _pool) = refused(
        Launcher::new("sleep").arg("1000"),
        Duration::from_millis(50),
    );
    assert!(
        matches!(error.last().cause(), StartCause::Silent(_)),
        "{error}"
    );
}

#[subsystem(base = 7000, name = "other_lab")]
trait Other {
    fn echo(&self, value: u32) -> Result<u32, ReturnCode>;
}

#[test]
fn another_interface_is_not_tried_again() {
    let (launcher, alive) = lab();
    let pool = HelperPool::<OtherClient>::builder(launcher)
        .build()
        .unwrap();
    let error = match pool.call(|other| other.echo(1)).unwrap_err() {
        PoolError::NoHelper(error) => error,
        other => panic!("{other:?}"),
    };
    assert!(
        matches!(
            error.last().cause(),
            StartCause::Interface(ConnectError::Mismatch { .. })
        ),
        "{error}"
    );
    assert_eq!(pool.stats().total.start_failures, 1);
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn what_others_still_serve_is_served() {
    let folder = tempfile::tempdir().unwrap();
    // All but the first are sent to a program that ends at once.
    let marker = folder.path().join("first");
    let script = "if mkdir \"$0\" 2>/dev/null; then exec \"$@\"; else exit 3; fi";
    let exe = std::env::current_exe().unwrap();
    let mut program = Launcher::new("/bin/sh");
    program
        .args(["-c", script])
        .arg(&marker)
        .arg(exe)
        .args(["lab::helper", "--exact", "--nocapture"])
        .env(crate::lab::HELPER, "yes")
        .stdout(Stdio::Null);
    let pool = HelperPool::<LabClient>::builder(program)
        .helpers(2)
        .start_attempts(2)
        .build()
        .unwrap();
    for value in 0..20 {
        assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value);
    }
}

#[test]
fn each_helper_is_given_ports_of_its_own() {
    let port = mach_ports::ReceiveRight::new().unwrap();
    let (builder, alive) = crate::lab::builder();
    let pool = builder
        .recycle_after_calls(1)
        .prepare(move |launcher| {
            if let Ok(right) = port.make_send() {
                launcher.port(crate::lab::NOTE, right);
            }
        })
        .build()
        .unwrap();
    for _ in 0..3 {
        assert_eq!(pool.call(|lab| lab.has_note()).unwrap(), 1);
    }
    drop(pool);
    alive.wait_for_none();
}
