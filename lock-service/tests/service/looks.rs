//! A look that hangs holds up nobody's lock.

use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use lock_service::state::{CheckOutcome, Checked, Unmount, Why};
use lock_service::{LockError, Wait};

use crate::peer::SOON;
use crate::watcher::{Asked, id, service};

#[test]
fn a_look_that_hangs_holds_up_nobody() {
    let (service, watcher, client) = service(2);
    let handle = service.handle();
    watcher.find(id(1), Checked::Looking(10));
    let (sender, outcome) = channel();
    let later = sender.clone();
    handle.begin_check(id(1), Why::Changed, move |outcome| {
        sender.send(outcome).unwrap()
    });
    // Of another reason: it has its turn afterwards.
    handle.begin_check(id(1), Why::Forced, move |outcome| {
        later.send(outcome).unwrap()
    });
    let waiter = {
        let client = client.clone();
        thread::spawn(move || client.lock_reboot(Wait::Forever).map(drop))
    };
    let begun = Instant::now();
    while service.handle().snapshot().reboot_waiter.is_none() {
        assert!(begun.elapsed() < SOON);
        thread::yield_now();
    }
    assert!(handle.snapshot().volumes[0].looking);
    for volume in [2, 1] {
        let guard = client.lock(id(volume), Wait::Try).unwrap();
        let other = client.lock(id(volume), Wait::Try);
        assert!(matches!(other, Err(LockError::Busy { .. })));
        guard.unlock(0).unwrap();
    }
    let busy = client.lock_reboot(Wait::Forever);
    assert!(matches!(busy, Err(LockError::Busy { volume: Some(name) }) if name == "volume 1"));
    assert!(outcome.try_recv().is_err());

    watcher.find(id(1), Checked::Launched(1_000_000));
    let looked = handle.looked(id(1), 10, || Checked::Clean);
    assert_eq!(looked, CheckOutcome::Clean);
    assert_eq!(outcome.recv_timeout(SOON), Ok(CheckOutcome::Clean));
    // Somebody was at work during that look, so that the one who waits had another one first.
    let running = CheckOutcome::Running(1_000_000);
    assert_eq!(outcome.recv_timeout(SOON), Ok(running));
    assert!(
        watcher
            .asked()
            .contains(&Asked::Check(id(1), Why::Shutdown))
    );
    watcher.find(id(1), Checked::Clean);
    handle.helper_exited(id(1), 1_000_000);
    waiter.join().unwrap().unwrap();
}

#[test]
fn who_waits_for_a_look_learns_that_the_service_has_stopped() {
    let (service, watcher, _) = service(1);
    let handle = service.handle();
    watcher.find(id(1), Checked::Looking(10));
    let waiting = {
        let handle = handle.clone();
        thread::spawn(move || (handle.check(id(1), Why::Changed), handle.unmount(id(1))))
    };
    let begun = Instant::now();
    while !handle.snapshot().volumes[0].looking {
        assert!(begun.elapsed() < SOON);
        thread::yield_now();
    }
    service.stop();
    let nothing = (CheckOutcome::Unknown, Unmount::Unknown);
    assert_eq!(waiting.join().unwrap(), nothing);
    let late = handle.looked(id(1), 10, || Checked::Launched(1));
    assert_eq!(late, CheckOutcome::Unknown);
}
