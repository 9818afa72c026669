//! Calls, the wait for a helper, and cancelling.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use helper_pool::{CallOptions, CancelToken, Loss, PoolError};

use crate::lab::{Fate, builder, pid, pool, stats_when};

const AT_ONCE: Duration = Duration::ZERO;

#[test]
fn many_threads_share_few_helpers() {
    let (pool, alive) = pool(3);
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            let pool = &pool;
            scope.spawn(move || {
                for value in 0..50 {
                    let value = thread * 1000 + value;
                    assert_eq!(pool.call(|lab| lab.echo(value)).unwrap(), value);
                }
            });
        }
    });
    let stats = pool.stats();
    assert_eq!(
        (stats.total.succeeded, stats.total.started),
        (400, 3),
        "{stats:?}"
    );
    assert_eq!((stats.busy, stats.waiting), (0, 0), "{stats:?}");
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn a_routine_that_fails_costs_no_helper() {
    let (pool, _alive) = pool(1);
    let before = pid(&pool);
    let failed = pool.call(|lab| lab.fail(5)).unwrap_err();
    assert!(
        matches!(failed, PoolError::Failed(code) if code.get() == 5),
        "{failed:?}"
    );
    assert_eq!(pid(&pool), before);
    assert_eq!(pool.stats().total.failed, 1);
}

#[test]
fn several_calls_of_one_closure_meet_one_helper() {
    let (pool, _alive) = pool(2);
    let counts = pool
        .call(|lab| Ok::<_, mach_interface::CallError>([lab.count()?, lab.count()?, lab.count()?]));
    assert_eq!(counts.unwrap(), [1, 2, 3]);
}

#[test]
fn several_calls_are_in_flight_where_that_is_asked_for() {
    let (builder, _alive) = builder();
    let pool = builder.calls_per_helper(2).build().unwrap();
    thread::scope(|scope| {
        let other = scope.spawn(|| pool.call(|lab| lab.meet()));
        pool.call(|lab| lab.meet()).unwrap();
        other.join().unwrap().unwrap();
    });
    assert_eq!(pool.stats().total.started, 1);
}

#[test]
fn a_hang_costs_its_own_call_and_not_what_is_in_flight_beside_it() {
    let (builder, _alive) = builder();
    let pool = builder.calls_per_helper(2).build().unwrap();
    let hung = pid(&pool);
    let begun = Barrier::new(2);
    thread::scope(|scope| {
        let beside = scope.spawn(|| {
            pool.call(|lab| {
                begun.wait();
                let values = [lab.echo(1)?, lab.echo(2)?];
                begun.wait();
                // The other call has been given up.
                Ok::<_, mach_interface::CallError>([values[0], values[1], lab.echo(3)?])
            })
        });
        begun.wait();
        let options = CallOptions::new().deadline(Duration::from_millis(50));
        let late = pool
            .call_with(&options, |lab| lab.strike(Fate::Hang as u32))
            .unwrap_err();
        assert!(matches!(late.loss(), Some(Loss::TimedOut(_))), "{late:?}");
        begun.wait();
        assert_eq!(beside.join().unwrap().unwrap(), [1, 2, 3]);
    });
    assert_ne!(pid(&pool), hung);
}

#[test]
fn the_wait_for_a_helper_has_a_limit() {
    let (pool, _alive) = pool(1);
    let session = pool.checkout().unwrap();
    let options = CallOptions::new().wait(AT_ONCE);
    let busy = pool.call_with(&options, |lab| lab.echo(1)).unwrap_err();
    assert!(matches!(busy, PoolError::NotInTime(AT_ONCE)), "{busy:?}");
    session.finish();
    assert_eq!(pool.call_with(&options, |lab| lab.echo(1)).unwrap(), 1);
}

#[test]
fn calls_are_cancelled_in_line_and_in_flight() {
    let (pool, _alive) = pool(1);
    let before = pid(&pool);
    let token = CancelToken::new();
    let options = CallOptions::new().cancel(&token);
    thread::scope(|scope| {
        let calls = [(); 2].map(|()| {
            scope.spawn(|| pool.call_with(&options, |lab| lab.strike(Fate::Hang as u32)))
        });
        stats_when(&pool, |stats| (stats.busy, stats.waiting) == (1, 1));
        token.cancel();
        for call in calls {
            let cancelled = call.join().unwrap().unwrap_err();
            assert!(matches!(cancelled, PoolError::Cancelled), "{cancelled:?}");
        }
    });
    // Once used it ends every call.
    let again = pool.call_with(&options, |lab| lab.echo(1)).unwrap_err();
    assert!(matches!(again, PoolError::Cancelled), "{again:?}");
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.cancelled, 3);
}

#[test]
fn a_call_whose_caller_panics_costs_the_helper() {
    let (pool, _alive) = pool(1);
    let before = pid(&pool);
    let panicked = thread::scope(|scope| {
        let call = scope.spawn(|| {
            pool.call(|_| -> Result<(), mach_interface::CallError> { panic!("ordered") })
        });
        call.join().is_err()
    });
    assert!(panicked);
    assert_ne!(pid(&pool), before);
    assert_eq!(pool.stats().total.abandoned, 1);
}
