//! Helpers that can do nothing besides their ports.

use helper_pool::{Loss, PoolError, StartCause};
use launcher::Profile;
use sandbox::Namespace;

use crate::lab::{Fate, builder, pid, pool};

#[test]
fn helpers_work_crash_and_end_under_the_strictest_profile() {
    let missing = Profile::ports_only().missing();
    if !missing.is_empty() {
        eprintln!("skipped: this system cannot lock {missing:?}");
        return;
    }
    let (builder, alive) = builder();
    let pool = builder
        .profile(Profile::ports_only())
        .helpers(2)
        .calls_per_helper(2)
        .recycle_after_calls(20)
        .build()
        .unwrap();
    assert_eq!(pool.call(|lab| lab.peek()).unwrap(), 0);
    for value in 0..50 {
        assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value);
    }
    pool.call(|lab| lab.grow(8 << 20, 0)).unwrap();
    for fate in [Fate::Crash, Fate::Panic] {
        let lost = match pool.call(|lab| lab.strike(fate as u32)).unwrap_err() {
            PoolError::Lost(lost) => lost,
            other => panic!("{other:?}"),
        };
        assert!(
            lost.stderr().contains("last words before"),
            "{}",
            lost.stderr()
        );
        assert!(
            matches!(lost.loss(), Loss::Ended(_) | Loss::Panicked),
            "{lost}"
        );
    }
    pid(&pool);
    assert!(pool.stop(crate::lab::SOON));
    drop(pool);
    alive.wait_for_none();
}

/// Each is the first of its own processes, and names nobody, its parent included.
#[test]
fn helpers_have_walls_of_their_own() {
    let profile = Profile::ports_only()
        .namespace(Namespace::Pid)
        .namespace(Namespace::Ipc)
        .namespace(Namespace::Network);
    let missing = profile.missing();
    if !missing.is_empty() {
        eprintln!("skipped: this system cannot lock {missing:?}");
        return;
    }
    let (builder, alive) = builder();
    let pool = builder.profile(profile).helpers(2).build().unwrap();
    for fate in [Fate::Crash, Fate::Panic] {
        for value in 0..3 {
            assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value);
        }
        let struck = pool.call(|lab| lab.strike(fate as u32)).unwrap_err();
        assert!(struck.loss().is_some(), "{fate:?}: {struck:?}");
    }
    assert_eq!(pool.call(|lab| lab.echo(7)).unwrap(), 7);
    assert!(pool.stop(crate::lab::SOON));
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn without_a_profile_helpers_see_the_file_system() {
    let (pool, _alive) = pool(1);
    assert_eq!(pool.call(|lab| lab.peek()).unwrap(), 1);
}

#[test]
fn what_cannot_be_locked_is_said_at_once() {
    let profile = Profile::ports_only().read("/nowhere/at-all");
    let pool = builder().0.profile(profile).build().unwrap();
    match pool.call(|lab| lab.peek()).unwrap_err() {
        PoolError::NoHelper(error) => {
            assert!(
                matches!(error.last().cause(), StartCause::Launch(_)),
                "{error}"
            );
            assert!(error.to_string().contains("/nowhere/at-all"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(pool.stats().total.start_failures, 1);
}
