//! The interface of volumes: its statuses in their order, its waiters, and shutting down.

use std::thread;

use lock_service::state::{CheckOutcome, Checked, Policy, Unmount, Why};
use lock_service::wire::VolumeLocksClient;
use lock_service::{LockError, LockService, Status, VolumeClient, Wait};
use mach_interface::CallError;
use mach_ports::{ReceiveRight, ReturnCode};

use crate::peer::{SOON, process};
use crate::watcher::{Asked, Watcher, id, service, volume};

const FAILURE: ReturnCode = ReturnCode::new(5);

/// What a client in C sees.
struct Bare(VolumeLocksClient, ReceiveRight);

impl Bare {
    fn of(service: &LockService) -> Self {
        let calls = VolumeLocksClient::new(service.right()).with_timeout(SOON);
        Self(calls, ReceiveRight::new().unwrap())
    }

    fn lock(&self, number: u128) -> Status {
        let (volume, port) = (id(number).into_bytes(), Some(&self.1));
        Status::new(self.0.lock_volume(port, volume, 0).unwrap())
    }

    fn reboot(&self) -> (String, Status) {
        let (name, status) = self.0.lock_reboot(Some(&self.1), 0).unwrap();
        (name.into_string().unwrap(), Status::new(status))
    }

    fn unlock(&self, number: u128) -> Result<(), ReturnCode> {
        match self
            .0
            .unlock_volume(Some(&self.1), id(number).into_bytes(), 0)
        {
            Err(CallError::Failed(code)) => Err(code),
            other => {
                other.unwrap();
                Ok(())
            }
        }
    }
}

#[test]
fn statuses_come_in_their_order() {
    let other_user = LockService::builder()
        .policy(Policy::new().user(u32::MAX - 7))
        .start()
        .unwrap();
    let stranger = Bare::of(&other_user);
    // Not the user comes first, also where nothing is set up.
    assert_eq!(stranger.lock(1), Status::NOT_PERMITTED);
    assert_eq!(stranger.reboot(), (String::new(), Status::NOT_PERMITTED));
    assert_eq!(stranger.unlock(1), Ok(()));
    // Also if it brings no port.
    let calls = &stranger.0;
    let volume_1 = id(1).into_bytes();
    let status = calls.lock_volume(None, volume_1, 0).unwrap();
    assert_eq!(Status::new(status), Status::NOT_PERMITTED);
    let (_, status) = calls.lock_reboot(None, 0).unwrap();
    assert_eq!(Status::new(status), Status::NOT_PERMITTED);
    calls.unlock_volume(None, volume_1, 0).unwrap();

    let service = LockService::builder().start().unwrap();
    let (one, other) = (Bare::of(&service), Bare::of(&service));
    assert_eq!(one.lock(1), Status::NOT_READY);
    // Not set up comes before the reboot lock, and that before unknown.
    let shutting_down = VolumeClient::new(service.right())
        .lock_reboot(Wait::Try)
        .unwrap();
    assert_eq!(one.lock(1), Status::NOT_READY);
    service.handle().set_ready();
    assert_eq!(one.lock(1), Status::SHUTTING_DOWN);
    assert_eq!(one.reboot(), (String::new(), Status::ALREADY));
    drop(shutting_down);
    while one.lock(1) == Status::SHUTTING_DOWN {
        thread::yield_now();
    }
    assert_eq!(one.lock(1), Status::UNKNOWN);
    assert_eq!(one.unlock(1), Err(FAILURE));

    service.handle().volume_appeared(volume(1));
    assert_eq!(one.unlock(1), Err(FAILURE));
    assert_eq!(one.lock(1), Status::GRANTED);
    assert_eq!(other.lock(1), Status::BUSY);
    assert_eq!(one.lock(1), Status::BUSY);
    assert_eq!(other.reboot(), ("volume 1".to_owned(), Status::BUSY));
    assert_eq!(other.unlock(1), Err(FAILURE));
    assert_eq!(one.unlock(1), Ok(()));
    assert_eq!(other.lock(1), Status::GRANTED);
    // A client without a port could never be found dead.
    let nobody = one.0.lock_volume(None, id(1).into_bytes(), 0).unwrap();
    assert_eq!(Status::new(nobody), Status::BUSY);
    assert_eq!(other.unlock(1), Ok(()));
    let nobody = one.0.lock_volume(None, id(1).into_bytes(), 0).unwrap();
    assert_eq!(Status::new(nobody), Status::INVALID);
    let nobody = one.0.unlock_volume(None, id(1).into_bytes(), 0);
    assert!(matches!(nobody, Err(CallError::Failed(FAILURE))));
    let (_, nobody) = one.0.lock_reboot(None, 1).unwrap();
    assert_eq!(Status::new(nobody), Status::INVALID);
}

/// Waits until so many wait for the first lock.
pub(crate) fn until_waiting(service: &LockService, waiters: usize) {
    let waiting = || {
        let locks = service.handle().snapshot().locks;
        locks.first().map_or(0, |lock| lock.waiters.len())
    };
    let begun = std::time::Instant::now();
    while waiting() != waiters {
        assert!(begun.elapsed() < SOON, "{} wait", waiting());
        thread::yield_now();
    }
}

#[test]
fn who_came_first_is_served_first() {
    let (service, watcher, client) = service(1);
    let first = client.lock(id(1), Wait::Forever).unwrap();
    let (told, order) = std::sync::mpsc::channel();
    let waiters: Vec<_> = (1..=8)
        .map(|number| {
            let (client, told) = (client.clone(), told.clone());
            let waiter = thread::spawn(move || {
                let guard = client.lock(id(1), Wait::Forever).unwrap();
                told.send(number).unwrap();
                guard.unlock(0).unwrap();
            });
            until_waiting(&service, number);
            waiter
        })
        .collect();
    first.unlock(0).unwrap();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert_eq!(
        order.try_iter().collect::<Vec<_>>(),
        (1..=8).collect::<Vec<_>>()
    );
    let owners = watcher.asked();
    assert_eq!(owners.len(), 18, "{owners:?}");
    for pair in owners.chunks(2) {
        assert_eq!(
            pair,
            [Asked::Owners(id(1), true), Asked::Owners(id(1), false)]
        );
    }
}

#[test]
fn who_gives_up_is_not_in_the_way() {
    let (service, _, client) = service(1);
    let first = client.lock(id(1), Wait::Try).unwrap();
    let short = std::time::Duration::from_millis(5);
    assert!(matches!(
        client.lock(id(1), Wait::For(short)),
        Err(LockError::TimedOut)
    ));
    assert!(matches!(
        client.lock(id(1), Wait::Try),
        Err(LockError::Busy { .. })
    ));
    first.unlock(0).unwrap();
    client
        .lock(id(1), Wait::Forever)
        .unwrap()
        .unlock(0)
        .unwrap();
    until_waiting(&service, 0);
    assert_eq!(service.handle().snapshot().locks, []);
}

#[test]
fn who_waits_no_more_is_passed_over_though_its_port_lives() {
    let (service, _, client) = service(1);
    let Bare(calls, port) = Bare::of(&service);
    let hasty = calls.with_timeout(std::time::Duration::from_millis(1));
    let peer = process(Some(service.right()));
    let volume = id(1).into_bytes();
    for _ in 0..20 {
        let guard = client.lock(id(1), Wait::Try).unwrap();
        let asked = hasty.lock_volume(Some(&port), volume, 1);
        assert!(matches!(asked, Err(CallError::NoReplyInTime)));
        assert!(peer.orders.give_up(volume).unwrap());
        guard.unlock(0).unwrap();
        client.lock(id(1), Wait::Try).unwrap().unlock(0).unwrap();
    }
    // In its turn it can have it all the same.
    let patient = hasty.with_timeout(SOON);
    let locked = patient.lock_volume(Some(&port), volume, 0).unwrap();
    assert_eq!(Status::new(locked), Status::GRANTED);
}

#[test]
fn a_volume_that_disappears_is_unknown_to_those_who_wait() {
    let (service, _, client) = service(2);
    let handle = service.handle();
    let guard = client.lock(id(1), Wait::Try).unwrap();
    let waiter = {
        let client = client.clone();
        thread::spawn(move || client.lock(id(1), Wait::Forever).map(drop))
    };
    until_waiting(&service, 1);
    assert!(handle.volume_disappeared(id(1)));
    assert!(!handle.volume_disappeared(id(1)));
    assert!(matches!(waiter.join().unwrap(), Err(LockError::Unknown)));
    assert!(matches!(guard.unlock(0), Err(LockError::NotHeld)));

    // One that replaces another is a new one.
    let guard = client.lock(id(2), Wait::Try).unwrap();
    handle.volume_appeared(volume(2));
    let second = client.lock(id(2), Wait::Try).unwrap();
    assert!(matches!(guard.unlock(0), Err(LockError::NotHeld)));
    second.unlock(0).unwrap();
}

#[test]
fn a_shutdown_waits_for_quiet() {
    let (service, watcher, client) = service(2);
    let guard = client.lock(id(2), Wait::Try).unwrap();
    match client.lock_reboot(Wait::Try) {
        Err(LockError::Busy { volume }) => assert_eq!(volume.as_deref(), Some("volume 2")),
        other => panic!("{other:?}"),
    }
    let waiter = {
        let client = client.clone();
        thread::spawn(move || client.lock_reboot(Wait::Forever).unwrap())
    };
    let begun = std::time::Instant::now();
    while service.handle().snapshot().reboot_waiter.is_none() {
        assert!(begun.elapsed() < SOON);
        thread::yield_now();
    }
    // There is one place only.
    assert!(matches!(
        client.lock_reboot(Wait::Forever),
        Err(LockError::Busy { .. })
    ));

    // The look at all volumes after the unlock launches a helper for the other one.
    watcher.find(id(1), Checked::Launched(1_000_000));
    watcher.asked();
    guard.unlock(0).unwrap();
    let looked = watcher.asked();
    for asked in [
        Asked::Owners(id(2), false),
        Asked::Check(id(1), Why::Shutdown),
        Asked::Check(id(2), Why::Shutdown),
    ] {
        assert!(looked.contains(&asked), "{looked:?}");
    }
    assert_eq!(
        service.handle().snapshot().volumes[0].helper,
        Some(1_000_000)
    );
    // It does not unlock what it was for: a failure, and it is tried again.
    watcher.find(id(1), Checked::Launched(1_000_001));
    service.handle().helper_exited(id(1), 1_000_000);
    let snapshot = service.handle().snapshot();
    assert_eq!(
        (snapshot.volumes[0].failures, snapshot.volumes[0].attempts),
        (1, 2)
    );
    assert_eq!(snapshot.reboot_holder, None);
    watcher.find(id(1), Checked::Clean);
    service.handle().helper_exited(id(1), 1_000_001);
    let held = waiter.join().unwrap();
    assert!(matches!(
        client.lock(id(1), Wait::Try),
        Err(LockError::ShuttingDown)
    ));
    assert!(matches!(
        client.lock_reboot(Wait::Forever),
        Err(LockError::Already)
    ));
    assert_eq!(
        service.handle().check(id(1), Why::Forced),
        CheckOutcome::ShuttingDown
    );
    drop(held);
    // Volumes lock again once that is known.
    let begun = std::time::Instant::now();
    let guard = loop {
        match client.lock(id(1), Wait::Try) {
            Err(LockError::ShuttingDown) => assert!(begun.elapsed() < SOON),
            other => break other.unwrap(),
        }
    };
    guard.unlock(0).unwrap();
}

#[test]
fn volumes_that_nobody_told_of_are_found_before_a_shutdown() {
    let watcher = Watcher::default();
    let service = LockService::builder()
        .volumes(watcher.clone())
        .start()
        .unwrap();
    service.handle().set_ready();
    watcher.hide(volume(5));
    watcher.hide(volume(6));
    watcher.find(id(5), Checked::Launched(1_000_000));
    watcher.find(id(6), Checked::Launched(1_000_001));
    let client = VolumeClient::new(service.right());
    match client.lock_reboot(Wait::Try) {
        Err(LockError::Busy { volume }) => assert_eq!(volume.as_deref(), Some("volume 5")),
        other => panic!("{other:?}"),
    }
    assert_eq!(service.handle().snapshot().volumes.len(), 2);
}

#[test]
fn an_unmount_is_denied_while_work_is_done() {
    let (service, watcher, client) = service(1);
    let handle = service.handle();
    let own = std::process::id().cast_signed();
    assert_eq!(handle.unmount(id(9)), Unmount::Unknown);
    assert_eq!(handle.unmount(id(1)), Unmount::Allowed);
    let guard = client.lock(id(1), Wait::Try).unwrap();
    let denied = |pid, tries_left| Unmount::Denied { pid, tries_left };
    assert_eq!(handle.unmount(id(1)), denied(own, 5));
    assert_eq!(handle.unmount(id(1)), denied(own, 4));
    assert_eq!(handle.snapshot().volumes[0].failures, 1);
    guard.unlock(0).unwrap();
    assert_eq!(handle.snapshot().volumes[0].failures, 0);
    watcher.find(id(1), Checked::Launched(1_000_000));
    assert_eq!(handle.unmount(id(1)), denied(1_000_000, 5));
    assert_eq!(handle.unmount(id(1)), denied(1_000_000, 4));
}
