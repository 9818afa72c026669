//! The end of a pool.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use helper_pool::PoolError;

use crate::lab::{Fate, SOON, builder, pool, stats_when};

#[test]
fn a_graceful_stop_lets_calls_end() {
    let (pool, alive) = pool(2);
    stats_when(&pool, |stats| stats.idle == 2);
    let begun = Barrier::new(2);
    thread::scope(|scope| {
        let call = scope.spawn(|| {
            pool.call(|lab| {
                begun.wait();
                begun.wait();
                lab.echo(5)
            })
        });
        begun.wait();
        let stop = scope.spawn(|| pool.stop(SOON));
        // From now on none begins, and the one in flight goes on.
        while !matches!(
            pool.call_with(
                &helper_pool::CallOptions::new().wait(Duration::ZERO),
                |lab| lab.echo(1)
            ),
            Err(PoolError::Stopped)
        ) {}
        begun.wait();
        assert_eq!(call.join().unwrap().unwrap(), 5);
        assert!(stop.join().unwrap());
    });
    assert!(matches!(pool.checkout(), Err(PoolError::Stopped)));
    let stats = pool.stats();
    assert_eq!((stats.idle, stats.busy, stats.starting), (0, 0, 0));
    // The launcher has an end of the pipe, too.
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn a_stop_does_not_wait_for_what_hangs() {
    let (pool, alive) = pool(1);
    thread::scope(|scope| {
        let call = scope.spawn(|| pool.call(|lab| lab.strike(Fate::Hang as u32)));
        stats_when(&pool, |stats| stats.busy == 1);
        assert!(!pool.stop(Duration::from_millis(10)));
        let stopped = call.join().unwrap().unwrap_err();
        assert!(matches!(stopped, PoolError::Stopped), "{stopped:?}");
    });
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn those_who_wait_are_told() {
    let (pool, _alive) = pool(1);
    let session = pool.checkout().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| pool.call(|lab| lab.echo(1)));
        stats_when(&pool, |stats| stats.waiting == 1);
        let stop = scope.spawn(|| pool.stop(SOON));
        let stopped = waiting.join().unwrap().unwrap_err();
        assert!(matches!(stopped, PoolError::Stopped), "{stopped:?}");
        session.finish();
        assert!(stop.join().unwrap());
    });
}

#[test]
fn a_pool_is_dropped_at_any_time() {
    // While its helpers start, and when some serve.
    for helpers in [0, 1, 2] {
        let (builder, alive) = builder();
        let pool = builder.helpers(2).build().unwrap();
        stats_when(&pool, |stats| stats.idle >= helpers);
        drop(pool);
        alive.wait_for_none();
    }
}

#[test]
fn senseless_settings_make_no_pool() {
    let error = builder().0.helpers(0).build().unwrap_err();
    assert_eq!(error.to_string(), "a pool has at least one helper");
}
