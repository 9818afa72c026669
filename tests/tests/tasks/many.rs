//! A thousand ports in one runtime.

use std::sync::LazyLock;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::SelectAll;
use mach_ports::tokio::Receiver;
use mach_ports::{Message, PortSet, ReceiveOptions, ReceiveRight, SendOptions, SendRight};
use nix::sys::resource::{Resource, getrlimit};
use rendezvous_tests::LONG;
use rendezvous_tests::events::holdings;
use rendezvous_tests::second::alone;
use tokio::runtime::Runtime;

use crate::support::{holds_again, in_time, next, runtimes, send};

/// A thousand, unless this process may have too few descriptors, of which each port takes some.
static PORTS: LazyLock<i32> = LazyLock::new(|| {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    i32::try_from(hard / 8).map_or(1000, |most| most.min(1000))
});

fn threads() -> usize {
    // No other test is in this process.
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn ports() -> Vec<(ReceiveRight, SendRight)> {
    let port = |_| {
        let port = ReceiveRight::new().unwrap();
        let right = port.make_send().unwrap();
        (port, right)
    };
    (0..*PORTS).map(port).collect()
}

/// Each port has a task, which hands on what it receives with the next number, in a ring of all of them.
async fn ring() {
    let ports = ports();
    let mut rights: Vec<_> = ports.iter().map(|(_, right)| right.clone()).collect();
    rights.rotate_left(1);
    let first = rights[*PORTS as usize - 1].clone();
    let before = threads();
    let tasks: Vec<_> = ports
        .into_iter()
        .zip(rights)
        .map(|((port, _), to)| {
            tokio::spawn(async move {
                let receiver = Receiver::new(port).unwrap();
                let options = ReceiveOptions::new().timeout(LONG);
                for _ in 0..2 {
                    let id = receiver.receive(&options).await.unwrap().id();
                    let message = Message::new(id + 1);
                    let _ = message.send_async(&to, &SendOptions::new()).await;
                }
                receiver.receive(&options).await.map(|last| last.id())
            })
        })
        .collect();
    send(&first, 0);
    let mut found = Vec::new();
    for (index, task) in (0..).zip(tasks) {
        // The first has the number that comes round for the third time, and ends the ring.
        if index == 0 {
            assert_eq!(threads(), before, "no port has a thread");
            found.push(task.await.unwrap().unwrap());
        } else {
            task.abort();
            let _ = task.await;
        }
    }
    assert_eq!(found, [2 * *PORTS]);
}

/// One task has all of them as streams, and another a set of all of them.
async fn gathered() {
    let ports = ports();
    let mut streams: SelectAll<_> = ports
        .iter()
        .map(|(port, _)| Receiver::new(port).unwrap())
        .collect();
    for (_, right) in ports.iter().rev() {
        send(right, 1);
    }
    for _ in 0..*PORTS {
        assert_eq!(streams.next().await.unwrap().unwrap().id(), 1);
    }
    drop(streams);

    let set = PortSet::new().unwrap();
    ports.iter().for_each(|(port, _)| set.insert(port).unwrap());
    let receiver = Receiver::new(&set).unwrap();
    let (sent, received) = tokio::join!(
        async {
            for (_, right) in &ports {
                send(right, 2);
                tokio::task::yield_now().await;
            }
            *PORTS
        },
        async {
            let mut count = 0;
            while count < *PORTS {
                assert_eq!(next(&receiver).await, 2);
                count += 1;
            }
            count
        }
    );
    assert_eq!(sent, received);
    let nothing = receiver.receive(&ReceiveOptions::new().timeout(Duration::ZERO));
    assert!(nothing.await.is_err());
}

fn rounds(runtime: &Runtime) {
    runtime.block_on(in_time(async {
        ring().await;
        gathered().await;
    }));
}

#[test]
fn a_thousand_ports_in_one_runtime() {
    alone("a_thousand_ports_in_one_runtime", || {
        for runtime in runtimes() {
            // What is made once is made in the first round.
            rounds(&runtime);
            let before = holdings();
            rounds(&runtime);
            holds_again(before);
        }
    });
}
