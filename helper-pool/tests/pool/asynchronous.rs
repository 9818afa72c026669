//! Calls that tasks wait for.

use std::sync::Arc;
use std::time::Duration;

use helper_pool::{CallOptions, Loss, PoolError};

use crate::lab::{Fate, builder, pool, stats_when};

#[tokio::test]
async fn tasks_of_one_thread_share_a_pool() {
    let (builder, alive) = builder();
    let pool = Arc::new(builder.helpers(2).queue(4).build().unwrap());
    let calls: Vec<_> = (0..300)
        .map(|value| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.call_async(move |lab| lab.echo(value)).await })
        })
        .collect();
    for (value, call) in (0..).zip(calls) {
        assert_eq!(call.await.unwrap().unwrap(), value);
    }
    assert!(pool.stop(Duration::from_secs(60)));
    let stopped = pool.call_async(|lab| lab.echo(1)).await.unwrap_err();
    assert!(matches!(stopped, PoolError::Stopped), "{stopped:?}");
    drop(pool);
    alive.wait_for_none();
}

#[tokio::test]
async fn a_call_that_fails_says_how() {
    let (pool, alive) = pool(1);
    let crash = pool.call_async(|lab| lab.strike(Fate::Crash as u32)).await;
    let crash = crash.unwrap_err();
    assert!(matches!(crash.loss(), Some(Loss::Ended(_))), "{crash:?}");
    let options = CallOptions::new().deadline(Duration::from_millis(50));
    let hang = pool.call_async_with(options, |lab| lab.strike(Fate::Hang as u32));
    let hang = hang.await.unwrap_err();
    assert!(matches!(hang.loss(), Some(Loss::TimedOut(_))), "{hang:?}");
    let panicked =
        pool.call_async(|_| -> Result<(), mach_interface::CallError> { panic!("ordered") });
    assert!(matches!(panicked.await, Err(PoolError::JobPanicked)));
    assert_eq!(pool.call_async(|lab| lab.echo(7)).await.unwrap(), 7);
    drop(pool);
    alive.wait_for_none();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_future_that_is_dropped_cancels_its_call() {
    let (pool, alive) = pool(1);
    let pool = Arc::new(pool);
    let hanging = {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move { pool.call_async(|lab| lab.strike(Fate::Hang as u32)).await })
    };
    stats_when(&pool, |stats| stats.busy == 1);
    // One that waits behind it is never made.
    let waiting = {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move { pool.call_async(|lab| lab.strike(Fate::Crash as u32)).await })
    };
    tokio::task::yield_now().await;
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    hanging.abort();
    assert!(hanging.await.unwrap_err().is_cancelled());
    // The helper that hung is replaced, and no other was lost.
    assert_eq!(pool.call_async(|lab| lab.echo(3)).await.unwrap(), 3);
    assert_eq!(pool.stats().total.crashed, 0);
    drop(pool);
    alive.wait_for_none();
}

#[tokio::test]
async fn a_future_may_be_dropped_at_any_point() {
    let (builder, alive) = builder();
    let pool = builder.helpers(1).queue(1).build().unwrap();
    for polls in 0..4 {
        let mut call = Box::pin(pool.call_async(move |lab| lab.echo(polls)));
        for _ in 0..polls {
            let pending = tokio::time::timeout(Duration::ZERO, &mut call).await;
            if pending.is_ok() {
                break;
            }
        }
        drop(call);
        assert_eq!(pool.call_async(|lab| lab.echo(9)).await.unwrap(), 9);
    }
    drop(pool);
    alive.wait_for_none();
}
