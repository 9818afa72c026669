//! Clients that lie, or do not take what they are sent.

use lock_service::state::Snapshot;
use lock_service::wire::LocksClient;
use lock_service::{LockClient, LockOptions, LockService, Status, Wait};
use mach_interface::wire;
use mach_ports::{Message, OutgoingRight, ReceiveRight, SendOptions, SendRight};

use crate::peer::{Acquire, SOON, resource};
use crate::watcher::{id, service};

const NDR: [u8; 8] = [0, 0, 0, 0, 1, 0, 0, 0];
const NOW: SendOptions = SendOptions::new();

/// Has the service answer, and with that whatever came before.
fn settled(service: &LockService) -> Snapshot {
    let client = LockClient::open(service.right()).unwrap();
    client.snapshot().unwrap()
}

#[test]
fn news_of_deaths_are_believed_of_the_kernel_only() {
    let (service, _, volumes) = service(1);
    let (client, right) = (ReceiveRight::new().unwrap(), service.right());
    let (_, session) = LocksClient::new(right.clone()).open(&client).unwrap();
    let session = session.unwrap();
    let guard = volumes.lock(id(1), Wait::Try).unwrap();
    let holder = LockClient::open(right.clone()).unwrap();
    let lock = holder.lock(&resource(1), &LockOptions::new()).unwrap();
    let kernel = |number: i32, word: u32| {
        let message = Message::new(number).bytes(&NDR);
        message.bytes(&word.to_le_bytes())
    };
    // Dead names, ports that were deleted, and ports without senders; of every name that there could be.
    for name in mach_ports::census::names().unwrap() {
        for number in [65, 70, 72] {
            for to in [&right, &session] {
                let sent = kernel(number, name.name).send(to, &NOW.timeout(SOON));
                sent.unwrap();
            }
        }
    }
    let locks = settled(&service).locks;
    assert_eq!(locks.len(), 2);
    guard.unlock(0).unwrap();
    lock.unlock(0).unwrap();
}

/// A request for the volume, from a client that has no port for the answer.
fn unanswerable(to: &SendRight, client: &ReceiveRight) {
    Message::new(70_007)
        .right(OutgoingRight::MakeSend(client))
        .bytes(&NDR)
        .bytes(id(1).as_bytes())
        .bytes(&1i32.to_le_bytes())
        .send(to, &NOW.timeout(SOON))
        .unwrap();
}

#[test]
fn who_cannot_be_told_has_no_lock() {
    let (service, watcher, volumes) = service(1);
    let client = ReceiveRight::new().unwrap();
    unanswerable(&service.right(), &client);
    assert_eq!(settled(&service).locks, []);
    // Nor has it one in its turn.
    let guard = volumes.lock(id(1), Wait::Try).unwrap();
    unanswerable(&service.right(), &client);
    assert_eq!(settled(&service).locks[0].waiters.len(), 1);
    guard.unlock(0).unwrap();
    assert_eq!(settled(&service).locks, []);
    assert!(!client.status().unwrap().has_senders);
    // Owners were given and taken each time.
    assert_eq!(watcher.asked().len(), 6);
}

#[test]
fn what_is_no_resource_is_refused() {
    let service = LockService::builder().start().unwrap();
    let client = ReceiveRight::new().unwrap();
    let (_, session) = LocksClient::new(service.right()).open(&client).unwrap();
    let calls = lock_service::wire::LockSessionClient::new(session.unwrap()).with_timeout(SOON);
    for (kind, bytes) in [(0, &[1; 15][..]), (1, b""), (1, &[0xff]), (2, &[0; 16])] {
        let (status, _) = calls.acquire(1, kind, bytes, false, 0, 0).unwrap();
        assert_eq!(Status::new(status), Status::INVALID);
    }
    // A session is none at the service's own port.
    let other = lock_service::wire::LockSessionClient::new(service.right()).with_timeout(SOON);
    assert_eq!(Status::new(other.release(1, 0).unwrap()), Status::UNKNOWN);
    assert_eq!(settled(&service).locks, []);
}

#[test]
fn a_client_has_one_session() {
    let service = LockService::builder().start().unwrap();
    let (client, calls) = (
        ReceiveRight::new().unwrap(),
        LocksClient::new(service.right()),
    );
    let (_, first) = calls.open(&client).unwrap();
    let (_, second) = calls.open(&client).unwrap();
    assert_eq!(first.unwrap().name(), second.unwrap().name());
}

#[test]
fn who_takes_no_answers_keeps_nobody_waiting() {
    let service = LockService::builder().start().unwrap();
    let (client, replies) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let (_, session) = LocksClient::new(service.right()).open(&client).unwrap();
    let session = session.unwrap();
    // More than the port's queue takes, and nobody reads them.
    for token in 0..40 {
        let name = format!("r{token}");
        let arguments = (token, 1, name.as_bytes(), false, 0, 0);
        let (message, _) = wire::request::<Acquire>(71_100, arguments).unwrap();
        message
            .reply_to_make_send_once(&replies)
            .send(&session, &NOW.timeout(SOON))
            .unwrap();
    }
    // Whoever asks by the same port is answered after them.
    let calls = lock_service::wire::LockSessionClient::new(session).with_timeout(SOON);
    assert_eq!(Status::new(calls.release(99, 0).unwrap()), Status::UNKNOWN);
    let observer = LockClient::open(service.right()).unwrap();
    let _unread = observer.observe().unwrap();
    assert_eq!(settled(&service).locks.len(), 40);
    drop(client);
    let other = LockClient::open(service.right()).unwrap();
    let wait = LockOptions::new().wait(Wait::For(SOON));
    let guard = other.lock(&lock_service::Resource::named("r7").unwrap(), &wait);
    guard.unwrap().unlock(0).unwrap();
}
