//! Children, and what becomes of their ports.

use std::pin::pin;
use std::time::Duration;

use launcher::{Rendezvous, key};
use mach_ports::ReceiveRight;
use mach_ports::tokio::Receiver;
use rendezvous_client::{ConnectError, ConnectOptions, RendezvousClient};
use rendezvous_server::PortCollection;
use rendezvous_tests::events::{no_senders, server};
use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;
use rendezvous_tests::second::alone;

use crate::support::{
    dropped_at_every_point, in_each_runtime, is_pending, next, polled_at_most, run,
};

const PORT: u32 = key(b"port");

#[test]
fn a_child_is_waited_for_and_told_of() {
    in_each_runtime(|| async {
        let port = ReceiveRight::new().unwrap();
        let server = server("told_of");
        let mut peer = Peer::start(
            peer!["-"]
                .server(&server)
                .port(PORT, port.make_send().unwrap()),
        );
        {
            let mut ended = pin!(peer.child.wait_async());
            let mut settled = pin!(peer.child.rendezvous_async());
            assert!(is_pending(ended.as_mut()).await && is_pending(settled.as_mut()).await);
        }
        peer.tell("connect");
        let fate = peer.child.rendezvous_async().await;
        assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
        peer.tell("take send port");
        peer.tell("send port 7");
        let receiver = Receiver::new(port).unwrap();
        assert_eq!(next(&receiver).await, 7);
        drop(peer.child.stdin.take());
        // Any number may wait, and again.
        let (one, other) = tokio::join!(peer.child.wait_async(), peer.child.wait_async());
        assert!(one.unwrap().success() && other.unwrap().success());
        assert!(peer.child.wait_async().await.unwrap().success());
        no_senders(receiver.get_ref());
    });
}

#[test]
fn a_child_that_ends_without_its_ports_settles_them() {
    run(async {
        let port = ReceiveRight::new().unwrap();
        let server = server("without");
        let peer = Peer::start(
            peer!["exit 3"]
                .server(&server)
                .port(PORT, port.make_send().unwrap()),
        );
        let (status, fate) = tokio::join!(peer.child.wait_async(), peer.child.rendezvous_async());
        assert_eq!(status.unwrap().code(), Some(3));
        assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
        no_senders(&port);
        assert!(
            Peer::start(peer!["exit 0"].server(&server))
                .child
                .rendezvous_async()
                .await
                .is_some()
        );
    });
}

/// The server and the client of one process, which asks for its own ports.
#[test]
fn the_ports_are_fetched_by_a_task_and_given_up_at_every_point() {
    let test = "the_ports_are_fetched_by_a_task_and_given_up_at_every_point";
    alone(test, || {
        let server = server("fetched");
        let pid = std::process::id().cast_signed();
        let options = ConnectOptions::new()
            .base_id(launcher::BaseId::new("tests.rendezvous.fetched").unwrap())
            .server_pid(pid)
            .deadline(Duration::from_secs(60));
        let ((), times) = dropped_at_every_point(async |times| {
            let port = ReceiveRight::new().unwrap();
            let mut ports = PortCollection::new();
            ports.insert(PORT, port.make_send().unwrap()).unwrap();
            let registration = server.lock().register(pid, ports).unwrap();
            let fetched = polled_at_most(times, RendezvousClient::connect_async(&options)).await;
            let is_over = fetched.is_some();
            if let Some(fetched) = fetched {
                let client = fetched.unwrap();
                assert!(client.take_send(PORT).unwrap().is_some());
                assert!(matches!(registration.settled().await, Rendezvous::Acquired));
            } else {
                // Nobody asked, or the ports were sent to nobody: they are there for the next, or released.
                let client = RendezvousClient::connect_async(&options).await.unwrap();
                let fate = registration.settled().await;
                let is_acquired = matches!(fate, Rendezvous::Acquired);
                assert!(is_acquired || times > 0, "{fate:?}");
                assert!(client.port_count() == 1 || times > 0);
            }
            no_senders(&port);
            is_over.then_some(())
        });
        // The server, on a thread of its own, may be as fast as the first poll.
        assert!(times >= 1, "{times}");

        // Without a server, and with one that does not answer in time.
        run(async {
            let guard = server.lock();
            let soon = options.clone().deadline(Duration::from_millis(5));
            let late = RendezvousClient::connect_async(&soon).await.unwrap_err();
            assert!(
                matches!(late, ConnectError::DeadlineExceeded { .. }),
                "{late:?}"
            );
            drop(guard);
            drop(server);
            let none = RendezvousClient::connect_async(&options).await.unwrap_err();
            assert!(matches!(none, ConnectError::LookUp { .. }), "{none:?}");
        });
    });
}
