//! Ten thousand resources and a thousand waiters.

use lock_service::{LockClient, LockOptions, LockService, Wait};
use nix::sys::resource::{Resource, getrlimit};

use crate::peer::{process, resource};

/// Ten thousand where it is fast, by `cargo test --release`.
const RESOURCES: u64 = if cfg!(debug_assertions) {
    2_000
} else {
    10_000
};
/// Each costs the service a descriptor, of which one client has half at most.
const WAITERS: u64 = 1_000;

#[test]
fn many_resources_and_many_waiters() {
    let (_, limit) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let waiters = WAITERS.min(limit / 4);
    let service = LockService::builder().start().unwrap();
    let peer = process(Some(service.right()));
    let client = LockClient::open(service.right()).unwrap();
    for number in 0..RESOURCES {
        client
            .lock(&resource(number), &LockOptions::new().wait(Wait::Try))
            .unwrap()
            .leak();
    }
    assert_eq!(client.snapshot().unwrap().locks.len(), RESOURCES as usize);
    peer.orders.queue_up(waiters).unwrap();
    let name = "resource 0";
    let waiting = || {
        let locks = service.handle().snapshot().locks;
        let lock = locks.into_iter().find(|lock| lock.name == name).unwrap();
        (lock.holders.len(), lock.waiters.len())
    };
    assert_eq!(waiting(), (1, waiters as usize));
    // All of the first client's locks go at once, and the waiters have their turns.
    drop(client);
    assert_eq!(peer.orders.take_turns().unwrap(), waiters);
    assert_eq!(service.handle().snapshot().locks, []);
}
