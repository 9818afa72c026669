//! A service in a process of its own: what it holds, and what its end means to clients.

use std::thread;

use lock_service::{LockClient, LockError, LockOptions, LockService, VolumeClient, Wait};

use crate::peer::{Process, SOON, process, resource};
use crate::watcher::id;

fn daemon() -> (Process, mach_ports::SendRight) {
    let daemon = process(None);
    let right = daemon.orders.serve(2).unwrap();
    (daemon, right)
}

#[test]
fn clients_learn_that_the_service_died() {
    let (daemon, right) = daemon();
    let client = VolumeClient::new(right.clone());
    let session = LockClient::open(right.clone()).unwrap();
    let guard = client.lock(id(1), Wait::Try).unwrap();
    let lock = session.lock(&resource(1), &LockOptions::new()).unwrap();
    let waiters = [
        thread::spawn({
            let client = client.clone();
            move || client.lock(id(1), Wait::Forever).map(drop)
        }),
        thread::spawn({
            let client = client.clone();
            move || client.lock_reboot(Wait::Forever).map(drop)
        }),
        thread::spawn({
            let session = session.clone();
            move || session.lock(&resource(1), &LockOptions::new()).map(drop)
        }),
    ];
    let begun = std::time::Instant::now();
    loop {
        let snapshot = session.snapshot().unwrap();
        let waiting: usize = snapshot.locks.iter().map(|lock| lock.waiters.len()).sum();
        if waiting == 2 && snapshot.reboot_waiter.is_some() {
            break;
        }
        assert!(begun.elapsed() < SOON, "{snapshot:?}");
    }
    daemon.child.kill().unwrap();
    for waiter in waiters {
        let error = waiter.join().unwrap().unwrap_err();
        assert!(error.service_is_gone(), "{error:?}");
    }
    for error in [
        guard.unlock(0),
        lock.unlock(0),
        client.lock(id(1), Wait::Try).map(drop),
    ] {
        let error = error.unwrap_err();
        assert!(error.service_is_gone(), "{error:?}");
    }

    // A new one knows nothing of the locks before.
    let (_daemon, right) = self::daemon();
    let client = VolumeClient::new(right.clone());
    client.lock(id(1), Wait::Try).unwrap().unlock(0).unwrap();
    let session = LockClient::open(right).unwrap();
    let lock = session.lock(&resource(1), &LockOptions::new()).unwrap();
    assert!(!lock.previous_died());
    assert_eq!(session.snapshot().unwrap().volumes[0].failures, 0);
}

#[test]
fn a_service_that_is_stopped_lets_everybody_go() {
    let service = LockService::builder().start().unwrap();
    let session = LockClient::open(service.right()).unwrap();
    let lock = session.lock(&resource(1), &LockOptions::new()).unwrap();
    let waiter = thread::spawn({
        let session = session.clone();
        move || session.lock(&resource(1), &LockOptions::new()).map(drop)
    });
    crate::volumes::until_waiting(&service, 1);
    let handle = service.handle();
    service.stop();
    assert!(waiter.join().unwrap().unwrap_err().service_is_gone());
    assert!(matches!(lock.unlock(0), Err(error) if error.service_is_gone()));
    assert_eq!(handle.snapshot().locks, []);
}

/// Ten thousand where it is fast, by `cargo test --release`.
const PAIRS: u32 = if cfg!(debug_assertions) { 500 } else { 10_000 };

#[test]
fn locks_and_unlocks_leave_nothing() {
    let (daemon, right) = daemon();
    let peer = process(Some(right.clone()));
    let volume = id(1).into_bytes();
    let stranger = VolumeClient::new(right);
    // What is made once and kept by design is made in the first rounds; every way to be refused is one as well.
    let round = |pairs| {
        peer.orders.pairs(volume, pairs).unwrap();
        assert_eq!(peer.orders.lock(volume, 0).unwrap(), 0);
        assert!(matches!(
            stranger.lock(id(1), Wait::Try),
            Err(LockError::Busy { .. })
        ));
        assert!(matches!(
            stranger.lock(id(9), Wait::Try),
            Err(LockError::Unknown)
        ));
        assert!(matches!(
            stranger.lock_reboot(Wait::Try),
            Err(LockError::Busy { .. })
        ));
        assert_eq!(peer.orders.unlock(volume, 1).unwrap(), 0);
    };
    round(50);
    let all = || [daemon.orders.held().unwrap(), peer.orders.held().unwrap()];
    let before = all();
    round(PAIRS);
    let begun = std::time::Instant::now();
    // The last of what the service lets go may be on its way.
    while all() != before {
        assert!(begun.elapsed() < SOON, "{before:?} became {:?}", all());
    }
}
