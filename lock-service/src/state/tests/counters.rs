//! Attempts, failures and what they stop.

use super::world::Bench;
use crate::state::{ATTEMPT_LIMIT, CheckOutcome, Checked, FAILURE_LIMIT, Unmount, Why};

/// Has a volume's helper launched.
fn launch(bench: &mut Bench, pid: i32, why: Why) {
    bench.find(1, Checked::Launched(pid));
    assert_eq!(bench.check(1, why), CheckOutcome::Launched(pid));
}

#[test]
fn any_success_begins_anew() {
    let mut bench = Bench::new(1);
    bench.find(1, Checked::Failed);
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Failed);
    assert_eq!(bench.counters(1), (1, 1));
    launch(&mut bench, 7, Why::Changed);
    bench.lock(7, 1, false);
    assert!(bench.unlock(7, 1, 3));
    // Its failure has been counted: that it exits is no other one.
    bench.exit(1, 7);
    assert_eq!(bench.counters(1), (2, 2));
    bench.lock(8, 1, false);
    bench.die(8);
    assert_eq!(bench.counters(1), (2, 3));
    bench.lock(9, 1, false);
    bench.unlock(9, 1, 0);
    assert_eq!(bench.counters(1), (0, 0));
}

#[test]
fn a_helper_fails_once_in_whatever_way() {
    let mut bench = Bench::new(1);
    launch(&mut bench, 7, Why::Changed);
    bench.exit(1, 7);
    bench.exit(1, 7);
    assert_eq!(bench.counters(1), (1, 1));

    // It dies while it holds: both its port's end and its own are told, in either order.
    launch(&mut bench, 8, Why::Changed);
    bench.lock(8, 1, false);
    bench.die(8);
    bench.exit(1, 8);
    assert_eq!(bench.counters(1), (2, 2));
    launch(&mut bench, 9, Why::Changed);
    bench.lock(9, 1, false);
    let waiter = bench.lock(10, 1, true);
    bench.exit(1, 9);
    bench.die(9);
    assert_eq!(bench.counters(1), (3, 3));
    assert_eq!(bench.status(waiter), Some(0));

    // One that has unlocked is done, though it runs.
    bench.unlock(10, 1, 0);
    launch(&mut bench, 11, Why::Changed);
    bench.lock(11, 1, false);
    bench.unlock(11, 1, 0);
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Clean);
    bench.exit(1, 11);
    assert_eq!(bench.counters(1), (0, 0));
}

#[test]
fn what_is_forced_counts_nothing() {
    let mut bench = Bench::new(1);
    bench.find(1, Checked::Failed);
    bench.check(1, Why::Changed);
    for end in [0, 1] {
        launch(&mut bench, 7, Why::Forced);
        bench.lock(7, 1, false);
        bench.unlock(7, 1, end);
        bench.exit(1, 7);
    }
    launch(&mut bench, 8, Why::Forced);
    bench.exit(1, 8);
    bench.find(1, Checked::Failed);
    assert_eq!(bench.check(1, Why::Forced), CheckOutcome::Failed);
    assert_eq!(bench.counters(1), (1, 1));
}

#[test]
fn failures_stop_shutdown_and_unmount_only() {
    let mut bench = Bench::new(1);
    for _ in 0..FAILURE_LIMIT {
        bench.find(1, Checked::Failed);
        assert_eq!(bench.check(1, Why::Shutdown), CheckOutcome::Failed);
    }
    bench.find(1, Checked::Launched(7));
    assert_eq!(bench.check(1, Why::Shutdown), CheckOutcome::GivenUp);
    assert_eq!(bench.unmount(1), Unmount::Allowed);
    let ticket = bench.reboot(20, false);
    assert_eq!(bench.status(ticket), Some(0));
    bench.die(20);
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Launched(7));
}

#[test]
fn attempts_stop_everything_but_force() {
    let mut bench = Bench::new(1);
    for pid in 1..=ATTEMPT_LIMIT.cast_signed() {
        launch(&mut bench, pid, Why::Changed);
        bench.exit(1, pid);
    }
    assert_eq!(bench.counters(1), (ATTEMPT_LIMIT, ATTEMPT_LIMIT));
    for why in [Why::Appeared, Why::Changed, Why::Shutdown, Why::Unmount] {
        assert_eq!(bench.check(1, why), CheckOutcome::GivenUp);
    }
    launch(&mut bench, 100, Why::Forced);
}

#[test]
fn a_denied_unmount_is_a_reason_to_tell_of_success() {
    use crate::state::Happening;
    let mut bench = Bench::new(1);
    bench.lock(1, 1, false);
    let denied = bench.unmount(1);
    assert_eq!(
        denied,
        Unmount::Denied {
            pid: 1,
            tries_left: 5
        }
    );
    bench.unmount(1);
    assert_eq!(bench.counters(1), (0, 1));
    bench.unlock(1, 1, 0);
    let last = bench.world.events.last().unwrap();
    assert_eq!(last.happening, Happening::Recovered(1));
}
