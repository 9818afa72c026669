//! Tasks of tokio that wait for locks, and give up.

use std::time::Duration;

use lock_service::state::{End, Happening, Mode};
use lock_service::{EventsError, LockClient, LockError, LockOptions, LockService, Wait};
use tokio::time::timeout;

use crate::peer::{SOON, process, resource};
use crate::watcher::{id, service};

const TRY: LockOptions = LockOptions::new().wait(Wait::Try);

fn run(work: impl Future<Output = ()>) {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async { timeout(SOON, work).await.unwrap() });
}

#[test]
fn a_task_waits_for_its_turn() {
    run(async {
        let service = LockService::builder().start().unwrap();
        let holder = process(Some(service.right()));
        assert_eq!(holder.orders.take(1, 0).unwrap(), 0);
        let client = LockClient::open_async(service.right()).await.unwrap();
        let busy = client.lock_async(&resource(1), &TRY).await;
        assert!(matches!(busy, Err(LockError::Busy { .. })));
        let wait = LockOptions::new();
        let cache = resource(1);
        let waiting = client.lock_async(&cache, &wait);
        let kill = async {
            while client.snapshot_async().await.unwrap().locks[0]
                .waiters
                .is_empty()
            {}
            holder.child.kill().unwrap();
        };
        let (guard, ()) = tokio::join!(waiting, kill);
        let guard = guard.unwrap();
        assert!(guard.previous_died());
        guard.unlock_async(0).await.unwrap();
        assert_eq!(client.snapshot_async().await.unwrap().locks, []);
    });
}

#[test]
fn a_wait_that_is_dropped_leaves_nothing() {
    run(async {
        let service = LockService::builder().start().unwrap();
        let client = LockClient::open_async(service.right()).await.unwrap();
        let guard = client.lock_async(&resource(1), &TRY).await.unwrap();
        let (cache, wait) = (resource(1), LockOptions::new());
        for _ in 0..20 {
            let waiting = client.lock_async(&cache, &wait);
            assert!(timeout(Duration::from_millis(1), waiting).await.is_err());
        }
        // The service has seen to all of them by the time that it answers.
        let locks = client.snapshot_async().await.unwrap().locks;
        assert_eq!((locks[0].holders.len(), &*locks[0].waiters), (1, &[][..]));
        guard.unlock_async(0).await.unwrap();
        let late = timeout(Duration::ZERO, client.lock_async(&cache, &wait)).await;
        drop(late);
        client
            .lock_async(&cache, &wait)
            .await
            .unwrap()
            .unlock_async(0)
            .await
            .unwrap();
    });
}

#[test]
fn tasks_are_told_what_happens_and_then_of_the_end() {
    run(async {
        let service = LockService::builder().start().unwrap();
        let client = LockClient::open_async(service.right()).await.unwrap();
        let mut events = client.observe_async().await.unwrap();
        // One that gives up loses nothing.
        let late = timeout(Duration::from_millis(1), events.next()).await;
        assert!(late.is_err());
        let guard = client.lock_async(&resource(1), &TRY).await.unwrap();
        guard.unlock_async(3).await.unwrap();
        for expected in [
            Happening::Locked(Mode::Exclusive),
            Happening::Ended(End::Unlocked(3)),
        ] {
            let observed = events.next().await.unwrap().unwrap();
            assert_eq!((observed.event.happening, observed.lost), (expected, 0));
        }
        // Another stream of the same client takes this one's place.
        let mut second = client.observe().unwrap().into_stream().unwrap();
        let ended = events.next().await;
        assert!(matches!(ended, Some(Err(EventsError::Ended))));
        assert!(events.next().await.is_none());
        service.stop();
        let ended = second.next().await;
        assert!(matches!(ended, Some(Err(EventsError::Ended))));
        assert!(second.next().await.is_none());
    });
}

#[test]
fn volumes_are_locked_by_tasks() {
    run(async {
        let (service, _, volumes) = service(1);
        let guard = volumes.lock_async(id(1), Wait::Try).await.unwrap();
        let reboot = volumes.lock_reboot_async(Wait::Try).await;
        assert!(
            matches!(reboot, Err(LockError::Busy { volume: Some(name) }) if name == "volume 1")
        );
        let short = Wait::For(Duration::from_millis(1));
        let late = volumes.lock_async(id(1), short).await;
        assert!(matches!(late, Err(LockError::TimedOut)));
        guard.unlock_async(3).await.unwrap();
        assert_eq!(service.handle().snapshot().volumes[0].failures, 1);
        let reboot = volumes.lock_reboot_async(Wait::For(SOON)).await.unwrap();
        let late = volumes.lock_async(id(1), Wait::Try).await;
        assert!(matches!(late, Err(LockError::ShuttingDown)));
        drop(reboot);
    });
}
