//! Calls that the pool's own threads make.

use std::sync::mpsc;
use std::time::Duration;

use helper_pool::{CallOptions, Loss, PoolError};

use crate::lab::{Fate, SOON, builder, pool, stats_when};

#[test]
fn jobs_have_results_in_any_order() {
    let (pool, alive) = pool(2);
    let jobs: Vec<_> = (0..200)
        .map(|value| pool.submit(move |lab| lab.echo(value)).unwrap())
        .collect();
    for (value, job) in (0..).zip(jobs) {
        assert_eq!(job.wait().unwrap(), value);
    }
    let crash = pool.submit(|lab| lab.strike(Fate::Crash as u32)).unwrap();
    let crash = crash.wait().unwrap_err();
    assert!(matches!(crash.loss(), Some(Loss::Ended(_))), "{crash:?}");
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn a_full_queue_slows_whoever_fills_it() {
    let (builder, alive) = builder();
    let pool = builder.queue(2).build().unwrap();
    let session = pool.checkout().unwrap();
    // One is with the pool's thread, two are queued.
    let mut jobs = Vec::new();
    jobs.push(pool.submit(|lab| lab.echo(0)).unwrap());
    stats_when(&pool, |stats| stats.waiting == 1);
    for value in 1..3 {
        jobs.push(pool.submit(move |lab| lab.echo(value)).unwrap());
    }
    let full = pool
        .try_submit(CallOptions::new(), |lab| lab.echo(9))
        .unwrap_err();
    assert!(matches!(full, PoolError::QueueFull(2)), "{full:?}");
    std::thread::scope(|scope| {
        let (submitted, events) = mpsc::channel();
        let pool = &pool;
        let slowed = scope.spawn(move || {
            let job = pool.submit(|lab| lab.echo(3)).unwrap();
            submitted.send(()).unwrap();
            job.wait().unwrap()
        });
        // Nothing makes room before the session ends.
        assert!(events.recv_timeout(Duration::from_millis(20)).is_err());
        session.finish();
        events.recv_timeout(SOON).unwrap();
        assert_eq!(slowed.join().unwrap(), 3);
    });
    for (value, job) in (0..).zip(jobs) {
        assert_eq!(job.wait().unwrap(), value);
    }
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn jobs_are_cancelled_and_dropped() {
    let (pool, alive) = pool(1);
    let job = pool.submit(|lab| lab.strike(Fate::Hang as u32)).unwrap();
    stats_when(&pool, |stats| stats.busy == 1);
    let job = job.wait_timeout(Duration::ZERO).unwrap_err();
    job.cancel();
    assert!(matches!(job.wait(), Err(PoolError::Cancelled)));

    let panicked = pool.submit(|_| -> Result<(), mach_interface::CallError> { panic!("ordered") });
    assert!(matches!(
        panicked.unwrap().wait(),
        Err(PoolError::JobPanicked)
    ));

    let hanging = pool.submit(|lab| lab.strike(Fate::Hang as u32)).unwrap();
    stats_when(&pool, |stats| stats.busy == 1);
    let queued = pool.submit(|lab| lab.echo(1)).unwrap();
    drop(pool);
    for job in [hanging, queued] {
        assert!(matches!(job.wait(), Err(PoolError::Stopped)));
    }
    alive.wait_for_none();
}
