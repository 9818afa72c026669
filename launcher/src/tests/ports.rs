//! What becomes of the ports.

use mach_ports::ReceiveRight;
use rendezvous_server::{CollectionError, MAX_PORTS, Rendezvous, RendezvousServer};

use super::{LONG, failure, shell};
use crate::{BaseId, Child, LaunchCause, LaunchStep, Launcher};

#[test]
fn a_failed_launch_releases_the_ports() {
    let (sent, moved) = (ReceiveRight::new().unwrap(), ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let error = failure(
        Launcher::new("/no/such/program")
            .base_id("tests.launcher.failed")
            .port(1, sent.make_send().unwrap())
            .port(2, moved),
    );
    assert_eq!(error.step(), LaunchStep::Spawn);
    assert!(!sent.status().unwrap().has_senders);
    assert!(to_moved.is_dead());
}

#[test]
fn too_many_ports_are_refused_before_the_spawn() {
    let port = ReceiveRight::new().unwrap();
    let mut launcher = shell("true");
    for key in 0..=MAX_PORTS as u32 {
        launcher.port(key, port.make_send().unwrap());
    }
    let error = failure(launcher);
    assert_eq!(error.step(), LaunchStep::Ports);
    let too_many = LaunchCause::Collection(CollectionError::TooManyPorts);
    assert_eq!(error.cause().to_string(), too_many.to_string());
    assert!(!port.status().unwrap().has_senders);
}

#[test]
fn a_child_that_never_asks_has_exited_first() {
    let server = RendezvousServer::new(&BaseId::new("tests.launcher.silent").unwrap()).unwrap();
    let port = ReceiveRight::new().unwrap();
    let child: Child = shell("exit 3")
        .server(&server)
        .port(1, port.make_send().unwrap())
        .spawn()
        .unwrap();
    let fate = child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::ExitedFirst)), "{fate:?}");
    assert_eq!(child.wait().unwrap().code(), Some(3));
    assert!(!port.status().unwrap().has_senders);
    // Without ports there is nothing to tell.
    let child = shell("true").spawn().unwrap();
    assert!(child.rendezvous().is_none());
    assert!(child.wait().unwrap().success());
}
