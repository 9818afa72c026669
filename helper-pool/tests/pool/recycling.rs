//! Helpers that have served for long enough.

use crate::lab::{builder, pid, stats_when};

#[test]
fn after_so_many_calls() {
    let (builder, alive) = builder();
    let pool = builder.recycle_after_calls(3).build().unwrap();
    let counts: Vec<_> = (0..7)
        .map(|_| pool.call(|lab| lab.count()).unwrap())
        .collect();
    assert_eq!(counts, [1, 2, 3, 1, 2, 3, 1]);
    let total = pool.stats().total;
    assert_eq!((total.recycled, total.started), (2, 3));
    // They have ended by themselves.
    assert!(pool.stop(crate::lab::SOON));
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn above_so_much_memory() {
    let (builder, _alive) = builder();
    let pool = builder.recycle_above(64 << 20).build().unwrap();
    let before = pid(&pool);
    pool.call(|lab| lab.grow(1 << 20, 0)).unwrap();
    assert_eq!(pid(&pool), before);
    pool.call(|lab| lab.grow(128 << 20, 0)).unwrap();
    assert_ne!(pid(&pool), before);
    stats_when(&pool, |stats| stats.total.recycled == 1);
}
