//! Events, and locks that outlive their holder.

use std::time::Instant;

use lock_service::state::{End, Event, Happening, Mode};
use lock_service::{
    EventsError, LockClient, LockError, LockEvents, LockOptions, LockService, Wait,
};

use crate::peer::{SOON, process, resource};
use crate::watcher::{id, service};

const TRY: LockOptions = LockOptions::new().wait(Wait::Try);

fn next(events: &LockEvents) -> Event {
    let observed = events.next(SOON).unwrap().unwrap();
    assert_eq!(observed.lost, 0);
    observed.event
}

#[test]
fn observers_are_told_in_order() {
    let (service, _, volumes) = service(1);
    let client = LockClient::open(service.right()).unwrap();
    let events = client.observe().unwrap();
    let peer = process(Some(service.right()));
    assert_eq!(peer.orders.take(1, 0).unwrap(), 0);
    peer.orders.give_back(1).unwrap();
    volumes.lock(id(1), Wait::Try).unwrap().unlock(3).unwrap();
    let reboot = volumes.lock_reboot(Wait::Try).unwrap();
    let (peer, own) = (peer.child.id(), std::process::id().cast_signed());
    let expected = [
        (Some(resource(1)), peer, Happening::Locked(Mode::Exclusive)),
        (Some(resource(1)), peer, Happening::Ended(End::Unlocked(0))),
        (Some(id(1).into()), own, Happening::Locked(Mode::Exclusive)),
        (Some(id(1).into()), own, Happening::Ended(End::Unlocked(3))),
        (Some(id(1).into()), own, Happening::Failed(1)),
        (None, own, Happening::Locked(Mode::Exclusive)),
    ];
    for expected in expected {
        let event = next(&events);
        assert_eq!((event.resource, event.pid, event.happening), expected);
    }
    drop(reboot);
    assert_eq!(next(&events).happening, Happening::Ended(End::Died));
    service.stop();
    assert!(matches!(events.next(SOON), Err(EventsError::Ended)));
}

#[test]
fn a_slow_observer_is_told_how_much_it_missed() {
    let service = LockService::builder().start().unwrap();
    let client = LockClient::open(service.right()).unwrap();
    let events = client.observe().unwrap();
    let pair = || client.lock(&resource(1), &TRY).unwrap().unlock(0).unwrap();
    // Two events each, and room for 1,024.
    (0..600).for_each(|_| pair());
    (0..10).for_each(|_| drop(next(&events)));
    pair();
    let (mut lost, mut seen) = (0, 10);
    while lost == 0 {
        let observed = events.next(SOON).unwrap().unwrap();
        lost = observed.lost;
        seen += 1;
    }
    assert!(
        lost > 0 && seen + lost as usize <= 1202,
        "{seen} and {lost}"
    );
}

#[test]
fn work_outlives_its_supervisor() {
    let service = LockService::builder().start().unwrap();
    let (supervisor, worker) = (process(Some(service.right())), process(None));
    assert_eq!(supervisor.orders.take(1, 0).unwrap(), 0);
    assert_eq!(supervisor.orders.keep_for(1, worker.child.id()).unwrap(), 0);
    supervisor.child.kill().unwrap();
    supervisor.child.wait().unwrap();
    let holder = || service.handle().snapshot().locks[0].holders[0].pid;
    let begun = Instant::now();
    while holder() != worker.child.id() {
        assert!(begun.elapsed() < SOON);
    }
    let client = LockClient::open(service.right()).unwrap();
    let busy = client.lock(&resource(1), &TRY);
    assert!(matches!(busy, Err(LockError::Busy { .. })));
    worker.child.kill().unwrap();
    let wait = LockOptions::new().wait(Wait::For(SOON));
    let guard = client.lock(&resource(1), &wait).unwrap();
    assert!(guard.previous_died());
    // Who is not in sight cannot be followed.
    assert!(matches!(guard.keep_for(0), Err(LockError::Status(_))));
    // One that has ended keeps nothing.
    guard.keep_for(worker.child.id()).unwrap();
    guard.unlock(0).unwrap();
    assert_eq!(service.handle().snapshot().locks, []);
}
