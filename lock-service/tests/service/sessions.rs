//! Locks in general: names, ids, sharing, leases.

use std::thread;
use std::time::Duration;

use lock_service::state::{Policy, Previous};
use lock_service::{LockClient, LockError, LockOptions, LockService, Resource, Wait};

use crate::peer::{SOON, resource};
use crate::volumes::until_waiting;
use crate::watcher::{id, service};

fn open(service: &LockService) -> LockClient {
    LockClient::open(service.right()).unwrap()
}

const TRY: LockOptions = LockOptions::new().wait(Wait::Try);

#[test]
fn shared_locks_are_held_together_and_in_turn() {
    let service = LockService::builder().start().unwrap();
    let (one, other) = (open(&service), open(&service));
    let first = one.lock(&resource(1), &TRY.shared()).unwrap();
    let second = other.lock(&resource(1), &TRY.shared()).unwrap();
    let alone = one.lock(&resource(1), &TRY);
    assert!(matches!(alone, Err(LockError::Busy { .. })));
    let writer = {
        let one = one.clone();
        thread::spawn(move || one.lock(&resource(1), &LockOptions::new()).unwrap())
    };
    until_waiting(&service, 1);
    // Nobody passes who waits, though the lock could be shared.
    let late = other.lock(&resource(1), &TRY.shared());
    assert!(matches!(late, Err(LockError::Busy { .. })));
    drop(first);
    second.unlock(0).unwrap();
    let writer = writer.join().unwrap();
    let readers: Vec<_> = (1..=3)
        .map(|count| {
            let other = other.clone();
            let reader = thread::spawn(move || {
                other
                    .lock(&resource(1), &LockOptions::new().shared())
                    .unwrap()
            });
            until_waiting(&service, count);
            reader
        })
        .collect();
    writer.unlock(0).unwrap();
    let readers: Vec<_> = readers
        .into_iter()
        .map(|reader| reader.join().unwrap())
        .collect();
    let held = one.snapshot().unwrap().locks;
    assert_eq!(held[0].holders.len(), 3);
    assert!(held[0].holders.iter().all(|holder| holder.shared));
    drop(readers);
    assert_eq!(one.snapshot().unwrap().locks, []);
}

#[test]
fn a_lease_ends_by_itself() {
    let service = LockService::builder().start().unwrap();
    let client = open(&service);
    let short = TRY.lease(Duration::from_millis(5));
    let guard = client.lock(&resource(1), &short).unwrap();
    let next = client
        .lock(&resource(1), &LockOptions::new().wait(Wait::For(SOON)))
        .unwrap();
    assert_eq!(next.previous(), Previous::Expired);
    assert!(matches!(guard.renew(None), Err(LockError::NotHeld)));
    assert!(matches!(guard.unlock(0), Err(LockError::NotHeld)));
    next.unlock(0).unwrap();

    // A lease that is renewed, or taken away, does not end.
    let guard = client.lock(&resource(1), &TRY.lease(SOON)).unwrap();
    guard.renew(None).unwrap();
    let ends = client.snapshot().unwrap().locks[0].holders[0].ends_in_ms;
    assert_eq!(ends, None);
    guard.renew(Some(SOON)).unwrap();
    let ends = client.snapshot().unwrap().locks[0].holders[0].ends_in_ms;
    assert!(ends.is_some());
    guard.unlock(0).unwrap();
}

#[test]
fn waits_end_in_time() {
    let service = LockService::builder().start().unwrap();
    let client = open(&service);
    let guard = client.lock(&resource(1), &TRY).unwrap();
    let wait = LockOptions::new().wait(Wait::For(Duration::from_millis(5)));
    let late = client.lock(&resource(1), &wait);
    assert!(matches!(late, Err(LockError::TimedOut)));
    assert_eq!(client.snapshot().unwrap().locks[0].waiters, []);
    drop(guard);
    assert!(client.lock(&resource(1), &wait).is_ok());
}

#[test]
fn a_session_that_is_dropped_lets_go() {
    let service = LockService::builder().start().unwrap();
    let client = open(&service);
    let guard = client.lock(&resource(1), &TRY).unwrap();
    let other = open(&service);
    let waiter = thread::spawn(move || {
        let wait = LockOptions::new().wait(Wait::For(SOON));
        other.lock(&resource(1), &wait).unwrap().previous()
    });
    until_waiting(&service, 1);
    guard.leak();
    drop(client);
    assert_eq!(waiter.join().unwrap(), Previous::Died);
}

#[test]
fn volumes_and_ids_are_one() {
    let (service, _, volumes) = service(1);
    let client = open(&service);
    let guard = client.lock(&Resource::Id(id(1)), &TRY).unwrap();
    assert!(matches!(
        volumes.lock(id(1), Wait::Try),
        Err(LockError::Busy { .. })
    ));
    guard.unlock(1).unwrap();
    assert_eq!(client.snapshot().unwrap().volumes[0].failures, 1);
    let guard = volumes.lock(id(1), Wait::Try).unwrap();
    let busy = client.lock(&Resource::Id(id(1)), &TRY.shared());
    assert!(matches!(busy, Err(LockError::Busy { .. })));
    guard.unlock(0).unwrap();
    let reboot = volumes.lock_reboot(Wait::Try).unwrap();
    let late = client.lock(&Resource::Id(id(1)), &TRY);
    assert!(matches!(late, Err(LockError::ShuttingDown)));
    // What is no volume does not care.
    client
        .lock(&Resource::Id(id(2)), &TRY)
        .unwrap()
        .unlock(0)
        .unwrap();
    drop(reboot);
}

#[test]
fn others_are_not_let_in() {
    let service = LockService::builder()
        .policy(Policy::new().user(u32::MAX - 7))
        .start()
        .unwrap();
    let refused = LockClient::open(service.right());
    assert!(matches!(refused, Err(LockError::NotPermitted)));
}

#[test]
fn a_panic_unlocks_with_a_status_of_its_own() {
    let (service, _, volumes) = service(1);
    let panicked = thread::spawn(move || {
        let _guard = volumes.lock(id(1), Wait::Try).unwrap();
        panic!("ordered");
    });
    assert!(panicked.join().is_err());
    let snapshot = service.handle().snapshot();
    assert_eq!(snapshot.volumes[0].failures, 1);
    assert_eq!(snapshot.locks, []);
}
