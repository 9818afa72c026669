//! A process that was forked from one that has launched children: it can launch its own, and harms none of its parent's.
//!
//! An executable of its own, and one test: it forks where it is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::sync::Mutex;

use launcher::{LaunchCause, LaunchStep, Launcher, Rendezvous, ServerError};
use mach_ports::ReceiveRight;
use mach_ports::dispatch::{DispatchError, ExitEvent, SerialQueue};
use rendezvous_tests::events::{next, server};
use rendezvous_tests::forked::forked;
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const PORT: u32 = rendezvous_client::key(b"port");

/// A peer that is served by this process's own server, or by the one that the launcher is told.
fn start(launcher: &mut Launcher) -> (Peer, ReceiveRight) {
    let port = ReceiveRight::new().unwrap();
    let right = port.make_send().unwrap();
    (Peer::start(launcher.port(PORT, right)), port)
}

fn use_it(mut peer: Peer, port: &ReceiveRight) {
    assert_eq!(peer.ask("connect"), "connected 1");
    assert_eq!(peer.ask("take send port"), "taken");
    assert_eq!(peer.ask("send port 7"), "sent");
    assert_eq!(next(port).id(), 7);
    let fate = peer.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
    peer.finish();
}

#[test]
fn launches_begin_afresh_and_those_of_the_parent_go_on() {
    let given = server("before-fork");
    let queue = SerialQueue::new("before-fork").unwrap();
    let (peer, port) = start(&mut peer!["-"]);
    let other = start(&mut peer!["-"]);
    let event = Mutex::new(Some(ExitEvent::watch(other.0.child.id()).unwrap()));

    forked(|| {
        // Another's child is not waited for, and what watches it is left to its own process.
        let error = other.0.child.wait().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ECHILD));
        let error = other.0.child.wait_timeout(LONG).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ECHILD));
        drop(event.lock().unwrap().take());
        let waited = queue.run_and_wait(|| ());
        assert!(matches!(waited, Err(DispatchError::Forked)), "{waited:?}");

        // A server of the parent's cannot serve here, and says so.
        let error = Launcher::new("true").server(&given).spawn().unwrap_err();
        assert_eq!(error.step(), LaunchStep::Server);
        let forked = matches!(
            error.cause(),
            LaunchCause::Server(ServerError::Forked { .. })
        );
        assert!(forked, "{error:?}");

        let (own, own_port) = start(&mut peer!["-"]);
        use_it(own, &own_port);
    })
    .wait();

    use_it(peer, &port);
    let (peer, port) = other;
    use_it(peer, &port);
    assert!(event.lock().unwrap().take().unwrap().wait_timeout(LONG));
    let (peer, port) = start(peer!["-"].server(&given));
    use_it(peer, &port);
    assert_eq!(queue.run_and_wait(|| 7).unwrap(), 7);
}
