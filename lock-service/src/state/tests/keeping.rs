//! Locks that outlive their holder.

use std::time::Duration;

use super::world::{Bench, caller};
use crate::resource::Resource;
use crate::state::{ClientId, Mode, Previous, Token, Wait};
use crate::status::Status;

fn bench() -> (Bench, Resource) {
    (Bench::new(1), Resource::named("r").unwrap())
}

fn hold(bench: &mut Bench, resource: &Resource, lease: Option<Duration>) {
    bench.acquire(1, 5, resource, Mode::Exclusive, Wait::Try, lease);
    let kept = bench
        .machine
        .keep(ClientId(1), Token::of_client(5), &caller(50));
    assert_eq!(kept, Status::GRANTED);
}

#[test]
fn both_must_end() {
    for first in [1, 50] {
        let (mut bench, resource) = bench();
        hold(&mut bench, &resource, None);
        let waiter = bench.acquire(2, 1, &resource, Mode::Exclusive, Wait::Forever, None);
        bench.die(first);
        assert_eq!(bench.status(waiter), None);
        let holder = bench.machine.snapshot(bench.now).locks[0].holders[0].pid;
        assert_eq!(holder, 51 - first as i32);
        bench.die(51 - first);
        assert_eq!(bench.status(waiter), Some(0));
        assert_eq!(bench.world.answers[&waiter].previous, Previous::Died);
        bench.release(2, 1);
        assert!(bench.machine.clients.is_empty(), "{:?}", bench.machine);
    }
}

#[test]
fn the_holder_may_unlock_before() {
    let (mut bench, resource) = bench();
    hold(&mut bench, &resource, None);
    // Another one instead.
    let kept = bench
        .machine
        .keep(ClientId(1), Token::of_client(5), &caller(51));
    assert_eq!(kept, Status::GRANTED);
    bench.die(50);
    bench.release(1, 5);
    assert!(bench.machine.clients.is_empty(), "{:?}", bench.machine);
    bench.die(51);
    let nothing = bench
        .machine
        .keep(ClientId(1), Token::of_client(5), &caller(52));
    assert_eq!(nothing, Status::UNKNOWN);
    assert!(bench.machine.clients.is_empty(), "{:?}", bench.machine);
}

#[test]
fn a_lease_goes_on() {
    let (mut bench, resource) = bench();
    hold(&mut bench, &resource, Some(Duration::from_secs(5)));
    bench.die(1);
    bench.pass(Duration::from_secs(4));
    assert_eq!(bench.machine.snapshot(bench.now).locks.len(), 1);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.machine.snapshot(bench.now).locks, []);
    assert!(bench.machine.clients.is_empty(), "{:?}", bench.machine);
}

#[test]
fn a_volume_that_goes_takes_both() {
    let (mut bench, _) = bench();
    let resource = Resource::Id(super::world::id(1));
    hold(&mut bench, &resource, None);
    bench
        .machine
        .volume_disappeared(super::world::id(1), &mut bench.world);
    assert!(bench.machine.clients.is_empty(), "{:?}", bench.machine);
}
