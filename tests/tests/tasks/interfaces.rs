//! Typed interfaces between tasks.

use std::time::Duration;

use mach_ports::{OolMemory, ReceiveRight, ReturnCode, SendRight};
use mach_rendezvous::interface::server::{serve_while_used, serve_while_used_async};
use mach_rendezvous::interface::{
    CallError, Client, ConnectError, Deferred, DeferredReply, Server, TypedClient, subsystem,
};
use rendezvous_tests::LONG;
use rendezvous_tests::events::no_senders;
use rendezvous_tests::second::{alone, two};

use crate::support::{
    current_thread, dropped_at_every_point, ends, in_each_runtime, polled_at_most, run, up_to,
};

#[subsystem(base = 7000, crate = mach_rendezvous::interface)]
trait Counter {
    fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode>;
    /// Answered by another task, or by nobody if it is 0.
    fn later(&self, value: u32, reply: DeferredReply<u32>) -> Deferred;
    /// Gives back what it is given.
    fn pass(
        &self,
        right: SendRight,
        bytes: OolMemory,
    ) -> Result<(SendRight, OolMemory), ReturnCode>;
    #[simple]
    fn note(&self, value: u32);
}

#[subsystem(base = 7000, name = "other", crate = mach_rendezvous::interface)]
trait Other {
    fn add(&self, a: u64, b: u64) -> Result<u64, ReturnCode>;
}

struct Sums(tokio::sync::mpsc::UnboundedSender<u32>);

impl Counter for Sums {
    fn add(&self, a: u32, b: u32) -> Result<u32, ReturnCode> {
        a.checked_add(b).ok_or(ReturnCode::INVALID_ARGUMENT)
    }

    fn later(&self, value: u32, reply: DeferredReply<u32>) -> Deferred {
        if value > 0 {
            tokio::spawn(async move {
                tokio::task::yield_now().await;
                reply.reply(value + 1);
            });
        }
        Deferred
    }

    fn pass(
        &self,
        right: SendRight,
        bytes: OolMemory,
    ) -> Result<(SendRight, OolMemory), ReturnCode> {
        Ok((right, bytes))
    }

    fn note(&self, value: u32) {
        let _ = self.0.send(value);
    }
}

type Notes = tokio::sync::mpsc::UnboundedReceiver<u32>;

fn sums() -> (CounterServer<Sums>, Notes) {
    let (sender, notes) = tokio::sync::mpsc::unbounded_channel();
    (CounterServer::new(Sums(sender)), notes)
}

/// A server as a task, for a test in one process.
fn start() -> (Server, SendRight, Notes, impl Future<Output = ()>) {
    let server = Server::new().unwrap();
    let (object, notes) = sums();
    let right = server.add(object).unwrap();
    let serving = server.clone();
    let serving = tokio::spawn(async move { serving.run_async().await });
    let ended = async { serving.await.unwrap().unwrap() };
    (server, right, notes, ended)
}

#[test]
fn one_task_serves_many_clients() {
    in_each_runtime(|| async {
        let (server, right, mut notes, ended) = start();
        let clients = up_to(100);
        let count = 5 * clients;
        let clients: Vec<_> = (0..clients)
            .map(|number| {
                let client = CounterAsyncClient::new(right.clone());
                tokio::spawn(async move {
                    for index in 0..5 {
                        let (sum, later) =
                            tokio::join!(client.add(number, index), client.later(number + 1));
                        assert_eq!(sum.unwrap(), number + index);
                        assert_eq!(later.unwrap(), number + 2);
                        client.note(1).await.unwrap();
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        for _ in 0..count {
            assert_eq!(notes.recv().await, Some(1));
        }
        let client = CounterAsyncClient::new(right.clone());
        let failed = client.add(u32::MAX, 1).await;
        assert!(
            matches!(failed, Err(CallError::Failed(ReturnCode::INVALID_ARGUMENT))),
            "{failed:?}"
        );
        let dropped = client.later(0).await;
        assert!(matches!(dropped, Err(CallError::ServerDied)), "{dropped:?}");
        // Threads are clients as well.
        let blocking = CounterClient::new(right).with_timeout(LONG);
        let called = tokio::task::spawn_blocking(move || blocking.add(1, 2));
        assert_eq!(called.await.unwrap().unwrap(), 3);

        server.stop();
        ended.await;
        drop(server);
        let dead = client.add(1, 2).await;
        assert!(matches!(dead, Err(CallError::NotSent(_))), "{dead:?}");
    });
}

#[test]
fn all_tasks_of_a_server_end_when_it_stops() {
    in_each_runtime(|| async {
        let server = Server::new().unwrap();
        let right = server.add(sums().0).unwrap();
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let server = server.clone();
                tokio::spawn(async move { server.run_async().await })
            })
            .collect();
        let client = CounterAsyncClient::new(right);
        assert_eq!(client.add(1, 2).await.unwrap(), 3);
        server.stop();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
}

/// Code that works with any interface makes its client.
#[test]
fn an_async_client_is_a_typed_client() {
    fn client<C: TypedClient>(right: SendRight) -> C {
        C::from_client(Client::new(right).with_timeout(LONG))
    }
    run(async {
        let (server, right, _notes, ended) = start();
        let client: CounterAsyncClient = client(right);
        assert_eq!(client.add(1, 2).await.unwrap(), 3);
        assert_eq!(<CounterAsyncClient as TypedClient>::interface().base, 7000);
        server.stop();
        ended.await;
    });
}

#[test]
fn both_ends_are_compared() {
    run(async {
        let (server, right, _notes, ended) = start();
        let client = CounterAsyncClient::connect(right.clone(), LONG)
            .await
            .unwrap();
        assert_eq!(client.add(1, 2).await.unwrap(), 3);
        let other = OtherAsyncClient::connect(right, LONG).await;
        assert!(
            matches!(other, Err(ConnectError::Mismatch { .. })),
            "{other:?}"
        );
        server.stop();
        ended.await;
    });
}

#[test]
fn a_late_reply_is_not_taken_for_anothers() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let client = CounterAsyncClient::new(port.make_send().unwrap());
        tokio::time::pause();
        let late = client
            .clone()
            .with_timeout(Duration::from_secs(10))
            .add(1, 2)
            .await;
        tokio::time::resume();
        assert!(matches!(late, Err(CallError::NoReplyInTime)), "{late:?}");
        // The server begins now: it answers both.
        let serving = tokio::spawn(serve_while_used_async(port, vec![Box::new(sums().0)]));
        assert_eq!(client.add(10, 20).await.unwrap(), 30);
        drop(client);
        serving.await.unwrap().unwrap();
    });
}

#[test]
fn a_client_is_of_use_in_every_runtime() {
    let port = ReceiveRight::new().unwrap();
    let client = CounterAsyncClient::new(port.make_send().unwrap());
    let (object, _notes) = sums();
    let server = std::thread::spawn(move || serve_while_used(port, vec![Box::new(object)]));
    // One that is there and does not run could not wake anybody.
    let idle = current_thread();
    for _ in 0..3 {
        assert_eq!(idle.block_on(client.add(1, 2)).unwrap(), 3);
        for _ in 0..10 {
            run(async {
                let calls = [1, 2, 3].map(|value| client.add(value, 1));
                for (called, value) in futures_util::future::join_all(calls).await.iter().zip(2..) {
                    assert_eq!(*called.as_ref().unwrap(), value);
                }
            });
        }
    }
    drop(client);
    server.join().unwrap().unwrap();
}

#[test]
fn a_call_that_is_dropped_at_any_point_leaves_nothing() {
    alone("a_call_that_is_dropped_at_any_point_leaves_nothing", || {
        let ((), times) = dropped_at_every_point(async |times| {
            let (server, right, _notes, ended) = start();
            let client = CounterAsyncClient::new(right);
            let carried = ReceiveRight::new().unwrap();
            let given = carried.make_send().unwrap();
            let bytes = OolMemory::copy_of(b"bytes").unwrap();
            let called = polled_at_most(times, client.pass(given, bytes)).await;
            let over = called.map(|called| {
                let (right, bytes) = called.unwrap();
                assert_eq!((right.name(), &bytes[..]), (carried.name(), &b"bytes"[..]));
            });
            // The client goes on as ever, and what it keeps goes with it.
            assert_eq!(client.add(1, 2).await.unwrap(), 3);
            no_senders(&carried);
            server.stop();
            ended.await;
            over
        });
        assert!(times > 1, "{times}");
    });
}

/// A server in another process.
#[test]
fn a_server_and_its_clients_are_tasks_of_two_processes() {
    two(
        "a_server_and_its_clients_are_tasks_of_two_processes",
        |line, _| {
            let (_port, other) = ends(&line);
            run(async {
                let client = CounterAsyncClient::connect(other, LONG).await.unwrap();
                let calls = (0..up_to(200)).map(|value| client.add(value, 1));
                let sums = futures_util::future::join_all(calls).await;
                for (sum, value) in sums.into_iter().zip(1..) {
                    assert_eq!(sum.unwrap(), value);
                }
                for _ in 0..200 {
                    client.note(1).await.unwrap();
                }
                let carried = ReceiveRight::new().unwrap();
                let given = carried.make_send().unwrap();
                let bytes = OolMemory::copy_of(&[7; 100_000]).unwrap();
                let (right, bytes) = client.pass(given, bytes).await.unwrap();
                assert_eq!((right.name(), bytes.len()), (carried.name(), 100_000));
                let dropped = client.later(0).await;
                assert!(matches!(dropped, Err(CallError::ServerDied)), "{dropped:?}");
            });
        },
        |line| {
            let (port, other) = ends(&line);
            // The first side has the only right to the port, and the line's.
            drop(other);
            let (object, mut notes) = sums();
            run(async {
                serve_while_used_async(port, vec![Box::new(object)])
                    .await
                    .unwrap();
                let mut count = 0;
                while notes.recv().await.is_some() {
                    count += 1;
                }
                assert_eq!(count, 200);
            });
        },
    );
}
