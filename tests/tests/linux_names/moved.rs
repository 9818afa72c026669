//! Names that come with a receive right, and are not always what they are said to be.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;

use super::world::{DIRECTORY, World, ask_soon, assert_leads, private};

fn peer_at(folder: &Path) -> Peer {
    Peer::start(peer!["-"].env(DIRECTORY, folder))
}

#[test]
fn a_stranger_who_has_the_same_path_elsewhere_takes_no_name_from_anybody() {
    let place = private();
    let target = place.path().join("target");
    let (mut honest, mut victim) = (peer_at(place.path()), peer_at(place.path()));
    assert_eq!(honest.ask("check-in target target"), "checked in");
    assert_eq!(victim.ask("check-in victim victim"), "checked in");
    // For the stranger the folder of that name is another one.
    let mount = format!("mount -t tmpfs -o mode=700 none {}", target.display());
    let world = World::new().apart(&["--mount"]).first(mount);
    let Some(mut stranger) = world.env(DIRECTORY, place.path()).start() else {
        return;
    };
    assert_eq!(stranger.ask("check-in lie target"), "checked in");
    assert_eq!(stranger.ask("look-up victim victim"), "found");
    assert_eq!(stranger.ask("move lie victim 1"), "sent");
    assert_eq!(ask_soon(&mut victim, "receive victim"), "received 1");
    let mut client = peer_at(place.path());
    // Neither does the victim take the stranger's port for that service's …
    assert_leads(&mut victim, &mut honest, "target");
    assert_leads(&mut client, &mut honest, "target");
    // … nor the service's name for its own, when it lets go of the port.
    assert_eq!(ask_soon(&mut victim, "release victim.0"), "released");
    assert!(target.join("port").exists());
    assert_leads(&mut client, &mut honest, "target");
    victim.finish();
    assert_leads(&mut client, &mut honest, "target");
    for peer in [honest, client, stranger] {
        peer.finish();
    }
}

#[test]
fn a_name_that_moves_is_its_new_holders_and_gone_with_it() {
    let place = private();
    let mut peers = [(); 3].map(|()| peer_at(place.path()));
    let mut client = peer_at(place.path());
    for (name, peer) in ["0", "1", "2"].iter().zip(&mut peers) {
        assert_eq!(peer.ask(&format!("check-in line {name}")), "checked in");
    }
    assert_eq!(peers[0].ask("check-in service service"), "checked in");
    let mut own = "service".to_owned();
    for (at, to) in [(0, 1), (1, 2), (2, 0), (0, 1)] {
        // What is sent at any time arrives, in the order in which it was sent.
        assert_eq!(client.ask("look-up found service"), "found");
        assert_eq!(client.ask("send found 1"), "sent");
        assert_eq!(peers[at].ask(&format!("look-up next {to}")), "found");
        assert_eq!(peers[at].ask(&format!("move {own} next 9")), "sent");
        assert_eq!(client.ask("look-up found service"), "found");
        assert_eq!(client.ask("send found 2"), "sent");
        assert_eq!(ask_soon(&mut peers[to], "receive line"), "received 9");
        assert_eq!(client.ask("look-up found service"), "found");
        assert_eq!(client.ask("send found 3"), "sent");
        own = "line.0".to_owned();
        for id in 1..=3 {
            assert_eq!(
                peers[to].ask(&format!("receive {own}")),
                format!("received {id}")
            );
        }
    }
    // Nobody else has it, and who had it takes nothing away.
    let taken = client.ask("check-in x service");
    assert!(taken.contains("is served by process"), "{taken}");
    let [first, second, third] = peers;
    first.finish();
    third.finish();
    let mut late = peer_at(place.path());
    assert_eq!(late.ask("look-up found service"), "found");
    second.finish();
    let gone = late.ask("look-up found service");
    assert!(gone.contains("nobody serves it in"), "{gone}");
    late.finish();
    drop(client);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_name_does_not_go_where_its_folder_is_not() {
    let (place, other) = (private(), private());
    // Both see the name by which they meet, and only one the folder of the other name.
    let bridge = place.path().join("victim");
    let mut honest = peer_at(place.path());
    assert_eq!(honest.ask("check-in target target"), "checked in");
    let mut victim = peer_at(other.path());
    assert_eq!(victim.ask("check-in victim victim"), "checked in");
    fs::DirBuilder::new().mode(0o700).create(&bridge).unwrap();
    let socket = other.path().join("victim/port");
    fs::hard_link(socket, bridge.join("port")).unwrap();
    assert_eq!(honest.ask("look-up victim victim"), "found");
    assert_eq!(honest.ask("move target victim 1"), "sent");
    assert_eq!(ask_soon(&mut victim, "receive victim"), "received 1");
    // The port has come, without its name.
    let mut client = peer_at(place.path());
    let gone = client.ask("look-up x target");
    assert!(gone.contains("nobody serves it"), "{gone}");
    assert_eq!(victim.ask("release victim.0"), "released");
    // It can be checked in again.
    assert_eq!(client.ask("check-in x target"), "checked in");
    for peer in [honest, victim, client] {
        peer.finish();
    }
}
