//! One helper for a sequence of calls.

use helper_pool::{Loss, PoolError};
use nix::sys::signal::Signal;

use crate::lab::{Fate, pid, pool, signal, stats_when};

#[test]
fn a_session_has_its_helper_to_itself_and_gives_it_back() {
    let (pool, alive) = pool(2);
    let mut one = pool.checkout().unwrap();
    let mut other = pool.checkout().unwrap();
    assert_ne!(one.pid(), other.pid());
    for count in 1..4 {
        assert_eq!(one.call(|lab| lab.count()).unwrap(), count);
    }
    assert_eq!(other.call(|lab| lab.count()).unwrap(), 1);
    let first = one.pid();
    one.finish();
    assert_eq!(pid(&pool), first);
    other.finish();
    assert_eq!(pool.stats().total.started, 2);
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn a_session_that_is_dropped_costs_its_helper() {
    let (pool, _alive) = pool(1);
    let session = pool.checkout().unwrap();
    let before = session.pid();
    drop(session);
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.abandoned, 1);
}

#[test]
fn a_session_ends_with_its_helper() {
    let (pool, _alive) = pool(1);
    let mut session = pool.checkout().unwrap();
    let before = session.pid();
    let crash = session
        .call(|lab| lab.strike(Fate::Crash as u32))
        .unwrap_err();
    assert!(matches!(crash.loss(), Some(Loss::Ended(_))), "{crash:?}");
    let over = session.call(|lab| lab.count()).unwrap_err();
    assert!(matches!(over, PoolError::SessionOver), "{over:?}");
    session.finish();
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.abandoned, 0);
}

#[test]
fn a_session_whose_helper_was_killed_between_calls() {
    let (pool, _alive) = pool(1);
    let mut session = pool.checkout().unwrap();
    session.call(|lab| lab.count()).unwrap();
    signal(session.pid(), Signal::SIGKILL);
    let killed = session.call(|lab| lab.count()).unwrap_err();
    assert!(matches!(killed.loss(), Some(Loss::Ended(_))), "{killed:?}");
    drop(session);
    stats_when(&pool, |stats| stats.idle == 1);
}
