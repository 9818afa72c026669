//! Clients that die, stop, or drop their ports.

use std::thread;
use std::time::Instant;

use lock_service::{LockClient, LockError, LockOptions, LockService, Wait};

use crate::peer::{SOON, process, resource};
use crate::volumes::until_waiting;
use crate::watcher::{Asked, id, service};

fn failures(service: &LockService) -> u32 {
    service.handle().snapshot().volumes[0].failures
}

#[test]
fn a_holder_that_is_killed_hands_over() {
    let (service, watcher, client) = service(1);
    let holder = process(Some(service.right()));
    let volume = id(1).into_bytes();
    assert_eq!(holder.orders.lock(volume, 0).unwrap(), 0);
    let waiter = thread::spawn(move || client.lock(id(1), Wait::For(SOON)));
    until_waiting(&service, 1);
    watcher.asked();
    holder.child.kill().unwrap();
    let guard = waiter.join().unwrap().unwrap();
    assert_eq!(failures(&service), 1);
    // Owners back for the dead, then on for the next.
    let asked = [Asked::Owners(id(1), false), Asked::Owners(id(1), true)];
    assert_eq!(watcher.asked(), asked);
    guard.unlock(0).unwrap();
    assert_eq!(failures(&service), 0);
}

#[test]
fn a_port_that_is_dropped_is_a_death() {
    let (service, _, client) = service(1);
    let holder = process(Some(service.right()));
    let volume = id(1).into_bytes();
    assert_eq!(holder.orders.lock(volume, 0).unwrap(), 0);
    holder.orders.drop_port(volume).unwrap();
    client
        .lock(id(1), Wait::For(SOON))
        .unwrap()
        .unlock(3)
        .unwrap();
    assert_eq!(failures(&service), 2);
    assert_eq!(holder.orders.lock(volume, 0).unwrap(), 0);
    assert_eq!(holder.orders.unlock(volume, 0).unwrap(), 0);
    assert_eq!(failures(&service), 0);
}

#[test]
fn a_lock_ends_with_its_process_though_its_port_lives() {
    let (service, _, client) = service(1);
    let holder = process(Some(service.right()));
    let volume = id(1).into_bytes();
    assert_eq!(holder.orders.lock(volume, 0).unwrap(), 0);
    let port = holder.orders.hand_port(volume).unwrap();
    assert!(matches!(
        client.lock(id(1), Wait::Try),
        Err(LockError::Busy { .. })
    ));
    holder.child.kill().unwrap();
    let guard = client.lock(id(1), Wait::For(SOON)).unwrap();
    assert_eq!(failures(&service), 1);
    drop(port);
    guard.unlock(0).unwrap();
}

#[test]
fn waiters_that_are_killed_or_stopped_let_others_pass() {
    let (service, _, client) = service(1);
    let first = client.lock(id(1), Wait::Try).unwrap();
    let volume = id(1).into_bytes();
    let peers: Vec<_> = (0..3).map(|_| process(Some(service.right()))).collect();
    let waits: Vec<_> = (1..)
        .zip(&peers)
        .map(|(count, peer)| {
            let orders = peer.orders.clone();
            let wait = thread::spawn(move || orders.lock(volume, -1));
            until_waiting(&service, count);
            wait
        })
        .collect();
    peers[0].child.kill().unwrap();
    until_waiting(&service, 2);
    peers[1].stop();
    // The stopped one gets its turn, and keeps it until it dies.
    first.unlock(0).unwrap();
    until_waiting(&service, 1);
    let stopped = peers[1].child.id();
    assert_eq!(service.handle().snapshot().locks[0].holders[0].pid, stopped);
    peers[1].child.kill().unwrap();
    let results: Vec<_> = waits.into_iter().map(|wait| wait.join().unwrap()).collect();
    assert!(results[0].is_err() && results[1].is_err());
    assert_eq!(results[2].as_ref().unwrap(), &0);
    assert_eq!(peers[2].orders.unlock(volume, 0).unwrap(), 0);
}

#[test]
fn who_holds_or_waits_to_shut_down_may_die() {
    let (service, _, client) = service(1);
    let pid = |service: &LockService| {
        let snapshot = service.handle().snapshot();
        (snapshot.reboot_holder, snapshot.reboot_waiter)
    };
    let until = |expected| {
        let begun = Instant::now();
        while pid(&service) != expected {
            assert!(begun.elapsed() < SOON);
            thread::yield_now();
        }
    };
    let guard = client.lock(id(1), Wait::Try).unwrap();
    let waiter = process(Some(service.right()));
    let orders = waiter.orders.clone();
    let wait = thread::spawn(move || orders.shut_down(-1));
    until((None, Some(waiter.child.id())));
    waiter.child.kill().unwrap();
    until((None, None));
    assert!(wait.join().unwrap().is_err());
    guard.unlock(0).unwrap();

    let holder = process(Some(service.right()));
    assert_eq!(holder.orders.shut_down(0).unwrap(), 0);
    assert!(matches!(
        client.lock(id(1), Wait::Try),
        Err(LockError::ShuttingDown)
    ));
    holder.child.kill().unwrap();
    until((None, None));
    client.lock(id(1), Wait::Try).unwrap().unlock(0).unwrap();
}

#[test]
fn a_helper_that_dies_while_it_holds_fails_once() {
    use lock_service::state::{CheckOutcome, Checked, Why};
    let (service, watcher, client) = service(1);
    let helper = process(Some(service.right()));
    let pid = helper.child.id();
    watcher.find(id(1), Checked::Launched(pid));
    let handle = service.handle();
    assert_eq!(
        handle.check(id(1), Why::Changed),
        CheckOutcome::Launched(pid)
    );
    assert_eq!(
        handle.check(id(1), Why::Changed),
        CheckOutcome::Running(pid)
    );
    assert_eq!(helper.orders.lock(id(1).into_bytes(), 0).unwrap(), 0);
    assert_eq!(handle.check(id(1), Why::Changed), CheckOutcome::Locked(pid));
    helper.child.kill().unwrap();
    helper.child.wait().unwrap();
    // Told by the watcher, and noticed by the service itself, in whatever order.
    handle.helper_exited(id(1), pid);
    let _guard = client.lock(id(1), Wait::For(SOON)).unwrap();
    assert_eq!(failures(&service), 1);
}

#[test]
fn a_session_ends_with_its_process() {
    let service = LockService::builder().start().unwrap();
    let peer = process(Some(service.right()));
    assert_eq!(peer.orders.take(1, 0).unwrap(), 0);
    let client = LockClient::open(service.right()).unwrap();
    let busy = client.lock(&resource(1), &LockOptions::new().wait(Wait::Try));
    assert!(matches!(busy, Err(LockError::Busy { .. })));
    let snapshot = client.snapshot().unwrap();
    assert_eq!(snapshot.locks[0].holders[0].pid, peer.child.id());
    peer.child.kill().unwrap();
    let guard = client
        .lock(&resource(1), &LockOptions::new().wait(Wait::For(SOON)))
        .unwrap();
    assert!(guard.previous_died());
    guard.unlock(0).unwrap();
    let guard = client.lock(&resource(1), &LockOptions::new()).unwrap();
    assert!(!guard.previous_died());
}
