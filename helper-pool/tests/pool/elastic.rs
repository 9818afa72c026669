//! As many helpers as there is work for.

use std::time::Duration;

use crate::lab::{Fate, builder, pid, stats_when};

#[test]
fn helpers_come_with_work_and_go_without() {
    let (builder, alive) = builder();
    let pool = builder
        .helpers(0..=3)
        .idle_time(Duration::from_millis(20))
        .build()
        .unwrap();
    assert_eq!(pool.stats().starting, 0);
    let sessions = [(); 3].map(|()| pool.checkout().unwrap());
    assert_eq!(pool.stats().busy, 3);
    for session in sessions {
        session.finish();
    }
    let stats = stats_when(&pool, |stats| stats.idle == 0);
    assert_eq!(
        (stats.total.started, stats.total.retired),
        (3, 3),
        "{stats:?}"
    );
    // And come again.
    pid(&pool);
    drop(pool);
    alive.wait_for_none();
}

#[test]
fn the_least_number_stays() {
    let (builder, _alive) = builder();
    let pool = builder
        .helpers(1..=2)
        .idle_time(Duration::ZERO)
        .build()
        .unwrap();
    let (one, other) = (pool.checkout().unwrap(), pool.checkout().unwrap());
    one.finish();
    other.finish();
    let stats = stats_when(&pool, |stats| stats.total.retired == 1);
    assert_eq!(stats.idle, 1, "{stats:?}");
}

#[test]
fn a_spare_takes_the_place_of_a_lost_helper() {
    let (builder, _alive) = builder();
    let pool = builder.spares(1).build().unwrap();
    stats_when(&pool, |stats| stats.idle == 2);
    pool.call(|lab| lab.strike(Fate::Crash as u32)).unwrap_err();
    // It was there before: no start is waited for.
    let started = pool.stats().total.started;
    let options = helper_pool::CallOptions::new().wait(Duration::ZERO);
    pool.call_with(&options, |lab| lab.echo(1)).unwrap();
    assert!(started <= 3);
    stats_when(&pool, |stats| stats.idle == 2 && stats.total.started == 3);
}

#[test]
fn spares_do_not_work_beside_the_most() {
    let (builder, _alive) = builder();
    let pool = builder.spares(1).build().unwrap();
    stats_when(&pool, |stats| stats.idle == 2);
    let session = pool.checkout().unwrap();
    let options = helper_pool::CallOptions::new().wait(Duration::ZERO);
    assert!(pool.checkout_with(&options).is_err());
    session.finish();
}
