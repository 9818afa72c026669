//! Looks that take their time.

use super::world::{Bench, caller, id};
use crate::state::{CheckOutcome, Checked, NewVolume, Unmount, Why};

/// A look at a volume that begins, with this number.
fn begin(bench: &mut Bench, volume: u128, why: Why, look: u64) {
    bench.find(volume, Checked::Looking(look));
    assert_eq!(bench.check(volume, why), CheckOutcome::Looking);
    assert_eq!(bench.machine.looking(id(volume)), Some(look));
}

fn busy(bench: &Bench, ticket: crate::state::Ticket) -> Option<&str> {
    let answer = bench.world.answers.get(&ticket)?;
    assert_eq!(answer.status.get(), libc::EBUSY);
    answer.busy.as_deref()
}

#[test]
fn locks_go_on_while_a_volume_is_looked_at() {
    let mut bench = Bench::new(2);
    begin(&mut bench, 1, Why::Changed, 10);
    assert_eq!(bench.check(1, Why::Forced), CheckOutcome::Looking);
    for volume in [1, 2] {
        let ticket = bench.lock(5, volume, false);
        assert_eq!(bench.status(ticket), Some(0));
    }
    // Nothing is launched beside whoever is at work.
    let launch = || panic!("it is locked");
    let world = &mut bench.world;
    let outcome = bench.machine.looked(id(1), 10, launch, world);
    assert_eq!(outcome, CheckOutcome::Locked(5));
    assert_eq!(bench.counters(1), (0, 0));
    assert!(bench.unlock(5, 1, 0));
    begin(&mut bench, 1, Why::Changed, 11);
    let launched = bench.looked(1, 11, Checked::Launched(7));
    assert_eq!(launched, CheckOutcome::Launched(7));
    assert_eq!(bench.counters(1), (1, 0));
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Running(7));
}

#[test]
fn a_look_at_a_volume_that_is_another_by_now_counts_for_nothing() {
    let mut bench = Bench::new(1);
    begin(&mut bench, 1, Why::Changed, 10);
    bench.appear(1);
    assert_eq!(bench.machine.looking(id(1)), None);
    let late = bench.looked(1, 10, Checked::Launched(7));
    assert_eq!(late, CheckOutcome::Unknown);
    begin(&mut bench, 1, Why::Changed, 11);
    assert_eq!(bench.looked(1, 10, Checked::Failed), CheckOutcome::Unknown);
    assert_eq!(bench.looked(1, 11, Checked::Failed), CheckOutcome::Failed);
    assert_eq!(bench.counters(1), (1, 1));
}

#[test]
fn a_shutdown_waits_for_looks_though_its_caller_does_not_wait_for_volumes() {
    let mut bench = Bench::new(3);
    for (volume, look) in [(1, 10), (2, 20)] {
        bench.find(volume, Checked::Looking(look));
    }
    let tries = [bench.reboot(5, false), bench.reboot(6, false)];
    let waits = bench.reboot(7, true);
    // There is one place for those who wait, and it is taken.
    let refused = bench.reboot(8, true);
    assert_eq!(busy(&bench, refused), Some("volume 1"));
    let open = [tries[0], tries[1], waits];
    assert_eq!(open.map(|ticket| bench.status(ticket)), [None; 3]);
    assert_eq!(bench.machine.snapshot(bench.now).reboot_waiter, Some(7));
    assert_eq!(bench.looked(1, 10, Checked::Clean), CheckOutcome::Clean);
    assert_eq!(open.map(|ticket| bench.status(ticket)), [None; 3]);
    // The first that launches is told.
    bench.looked(2, 20, Checked::Launched(70));
    for ticket in tries {
        assert_eq!(busy(&bench, ticket), Some("volume 2"));
    }
    assert_eq!(bench.status(waits), None);
    // All are looked at again once it is done.
    bench.world.looked.clear();
    bench.find(1, Checked::Looking(11));
    bench.exit(2, 70);
    assert_eq!(bench.world.looked.len(), 3);
    assert_eq!(bench.status(waits), None);
    bench.looked(1, 11, Checked::Clean);
    assert_eq!(bench.status(waits), Some(0));
    assert_eq!(bench.check(1, Why::Forced), CheckOutcome::ShuttingDown);
    bench.die(7);
    assert!(bench.machine.clients.is_empty());
}

#[test]
fn who_asks_first_has_the_lock_and_the_rest_learn_that_it_is_held() {
    let mut bench = Bench::new(1);
    bench.find(1, Checked::Looking(10));
    let tickets = [5, 6, 7].map(|client| bench.reboot(client, false));
    bench.world.deaf.insert(tickets[0]);
    bench.looked(1, 10, Checked::Clean);
    let statuses = tickets.map(|ticket| bench.status(ticket));
    assert_eq!(statuses, [None, Some(0), Some(libc::EALREADY)]);
    bench.die(6);
    assert!(bench.machine.clients.is_empty());
}

#[test]
fn a_volume_that_is_locked_is_told_before_others_have_been_looked_at() {
    let mut bench = Bench::new(2);
    bench.lock(5, 2, false);
    bench.find(1, Checked::Looking(10));
    let ticket = bench.reboot(6, false);
    assert_eq!(busy(&bench, ticket), Some("volume 2"));
}

#[test]
fn what_a_look_may_have_missed_is_looked_at_again() {
    // It began before the shutdown was asked for.
    let mut bench = Bench::new(1);
    begin(&mut bench, 1, Why::Changed, 10);
    let ticket = bench.reboot(5, false);
    bench.find(1, Checked::Looking(11));
    bench.looked(1, 10, Checked::Clean);
    assert_eq!(bench.status(ticket), None);
    bench.looked(1, 11, Checked::Clean);
    assert_eq!(bench.status(ticket), Some(0));
    bench.die(5);

    // Somebody was at work meanwhile.
    bench.find(1, Checked::Looking(12));
    let ticket = bench.reboot(6, true);
    bench.lock(7, 1, false);
    bench.unlock(7, 1, 0);
    bench.find(1, Checked::Looking(13));
    bench.looked(1, 12, Checked::Clean);
    assert_eq!(bench.status(ticket), None);
    // A forced look says nothing of what is stale.
    bench.looked(1, 13, Checked::Clean);
    assert_eq!(bench.status(ticket), Some(0));
    bench.die(6);
    begin(&mut bench, 1, Why::Forced, 14);
    let ticket = bench.reboot(8, true);
    bench.find(1, Checked::Launched(70));
    bench.looked(1, 14, Checked::Clean);
    assert_eq!(bench.status(ticket), None);
    bench.exit(1, 70);
    assert_eq!(bench.status(ticket), Some(0));
}

#[test]
fn work_elsewhere_does_not_begin_looks_anew_that_go_on() {
    let mut bench = Bench::new(2);
    bench.find(1, Checked::Looking(10));
    let ticket = bench.reboot(5, true);
    for _ in 0..3 {
        bench.lock(6, 2, false);
        bench.unlock(6, 2, 0);
    }
    bench.looked(1, 10, Checked::Clean);
    assert_eq!(bench.status(ticket), Some(0));
}

#[test]
fn volumes_that_were_not_watched_are_waited_for() {
    let mut bench = Bench::new(0);
    bench.world.surveys_slowly = true;
    let ticket = bench.reboot(5, true);
    let refused = bench.reboot(6, true);
    assert_eq!(busy(&bench, refused), None, "none is known");
    assert_eq!(bench.status(ticket), None);
    let new = |number| NewVolume {
        id: id(number),
        name: format!("volume {number}").into(),
    };
    bench.find(2, Checked::Looking(20));
    let found = vec![new(1), new(2)];
    bench.machine.surveyed(found, &mut bench.world);
    assert_eq!(bench.status(ticket), None);
    bench.looked(2, 20, Checked::Launched(70));
    bench.world.surveys_slowly = false;
    bench.exit(2, 70);
    assert_eq!(bench.status(ticket), Some(0));
}

#[test]
fn who_dies_while_volumes_are_looked_at_is_forgotten() {
    let mut bench = Bench::new(1);
    bench.find(1, Checked::Looking(10));
    let dead = bench.reboot(5, true);
    let next = bench.reboot(6, false);
    bench.die(5);
    assert_eq!(bench.status(dead), Some(libc::ECANCELED));
    bench.looked(1, 10, Checked::Clean);
    assert_eq!(bench.status(next), Some(0));
    bench.die(6);
    assert!(bench.machine.is_idle(caller(5).client) && bench.machine.clients.is_empty());
}

#[test]
fn an_unmount_goes_by_what_holds_after_the_look() {
    let mut bench = Bench::new(1);
    begin(&mut bench, 1, Why::Unmount, 10);
    bench.looked(1, 10, Checked::Clean);
    bench.lock(5, 1, false);
    let denied = bench.machine.unmount(id(1), CheckOutcome::Clean);
    let pid = 5;
    assert_eq!(denied, Unmount::Denied { pid, tries_left: 5 });
    bench.unlock(5, 1, 0);
    let allowed = bench.machine.unmount(id(1), CheckOutcome::Clean);
    assert_eq!(allowed, Unmount::Allowed);
}

/// A volume whose helper, with process id 7, has unlocked, and whose work is being finished.
fn finishing(bench: &mut Bench) {
    bench.find(1, Checked::Launched(7));
    bench.check(1, Why::Changed);
    bench.lock(7, 1, false);
    bench.world.finishes = Some(10);
    assert!(bench.unlock(7, 1, 0));
    assert_eq!(bench.counters(1), (0, 0));
}

fn finish(bench: &mut Bench, number: u64) {
    let (now, world) = (bench.now, &mut bench.world);
    bench.machine.finished(id(1), number, now, world);
}

#[test]
fn a_lock_goes_on_once_the_work_is_finished() {
    let mut bench = Bench::new(1);
    finishing(&mut bench);
    let waiter = bench.lock(8, 1, true);
    let shutdown = bench.reboot(9, true);
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Locked(7));
    // It has unlocked, and nobody can do so for it again.
    assert!(!bench.unlock(7, 1, 0));
    bench.exit(1, 7);
    bench.die(7);
    finish(&mut bench, 11);
    assert_eq!(bench.status(waiter), None);
    assert!(bench.world.owners[&id(1)]);
    finish(&mut bench, 10);
    assert_eq!(bench.status(waiter), Some(0));
    assert!(bench.unlock(8, 1, 0));
    assert_eq!(bench.status(shutdown), Some(0));
    assert_eq!(bench.counters(1), (0, 0));
    bench.die(9);
    assert!(bench.machine.clients.is_empty() && bench.machine.locks.is_empty());
}

#[test]
fn work_on_a_volume_that_is_gone_is_finished_for_nobody() {
    let mut bench = Bench::new(1);
    finishing(&mut bench);
    let waiter = bench.lock(8, 1, true);
    bench.appear(1);
    assert_eq!(bench.status(waiter), Some(libc::ENOENT));
    bench.lock(9, 1, false);
    finish(&mut bench, 10);
    assert_eq!(bench.check(1, Why::Changed), CheckOutcome::Locked(9));
    assert!(bench.unlock(9, 1, 0));
    assert!(bench.machine.clients.is_empty() && bench.machine.locks.is_empty());
}

#[test]
fn only_a_helper_that_has_done_well_is_finished() {
    let mut bench = Bench::new(1);
    bench.find(1, Checked::Launched(7));
    bench.check(1, Why::Changed);
    bench.lock(7, 1, false);
    bench.world.finishes = Some(10);
    bench.unlock(7, 1, 1);
    bench.lock(8, 1, false);
    bench.unlock(8, 1, 0);
    assert_eq!(bench.world.finishes, Some(10));
    assert!(bench.machine.locks.is_empty());
}
