//! What is removed from a folder of names, and what never is.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

use nix::sys::socket::{AddressFamily, SockFlag, SockType, UnixAddr, bind, socket};
use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;
use std::os::fd::AsRawFd;

use super::world::{DIRECTORY, assert_leads, private};

fn peer_at(folder: &Path) -> Peer {
    Peer::start(peer!["-"].env(DIRECTORY, folder))
}

fn folder(path: &Path) {
    fs::DirBuilder::new().mode(0o700).create(path).unwrap();
}

/// Leaves a socket of the kind that services have, at which nobody listens.
fn dead_socket(path: &Path) {
    let fd = socket(
        AddressFamily::Unix,
        SockType::SeqPacket,
        SockFlag::SOCK_CLOEXEC,
        None,
    );
    let fd = fd.unwrap();
    bind(fd.as_raw_fd(), &UnixAddr::new(path).unwrap()).unwrap();
}

#[test]
fn clearing_removes_dead_sockets_and_nothing_else() {
    let place = private();
    let at = |path: &str| place.path().join(path);
    for name in [
        "file",
        "empty",
        "alive",
        "other",
        "dead",
        "half",
        "elsewhere",
    ] {
        folder(&at(name));
    }
    fs::write(at("file/port"), "somebody's").unwrap();
    let _alive = UnixListener::bind(at("alive/port")).unwrap();
    let _other = UnixDatagram::bind(at("other/port")).unwrap();
    dead_socket(&at("other/socket"));
    dead_socket(&at("dead/port"));
    // What a process leaves that is killed while it checks in, and in another pid namespace.
    dead_socket(&at("half/.0123456789abcdef"));
    dead_socket(&at("half/port.4026532111"));
    let outside = private();
    folder(&outside.path().join("real"));
    dead_socket(&outside.path().join("real/port"));
    symlink(outside.path().join("real"), at("link")).unwrap();
    dead_socket(&at("elsewhere/socket"));
    symlink(at("elsewhere/socket"), at("elsewhere/port")).unwrap();

    let mut peer = peer_at(place.path());
    assert_eq!(peer.ask("check-in x new"), "checked in");
    for path in [
        "file/port",
        "empty",
        "alive/port",
        "other/port",
        "other/socket",
        "link/port",
        "elsewhere/socket",
        "new/port",
    ] {
        assert!(fs::symlink_metadata(at(path)).is_ok(), "{path} is gone");
    }
    assert!(fs::symlink_metadata(at("elsewhere/port")).is_ok());
    for path in ["dead", "half"] {
        assert!(fs::symlink_metadata(at(path)).is_err(), "{path} is there");
    }
    peer.finish();
}

#[test]
fn who_has_no_descriptor_takes_nobody_for_dead() {
    let place = private();
    let mut server = peer_at(place.path());
    assert_eq!(server.ask("check-in served served"), "checked in");
    let mut client = peer_at(place.path());
    for limit in 3..=14 {
        let mut poor = peer_at(place.path());
        assert_eq!(poor.ask(&format!("limit-fds {limit}")), "limited");
        // It may have enough; if not, that is its own trouble.
        let said = poor.ask("check-in x poor");
        assert!(
            said == "checked in" || said.starts_with("cannot "),
            "{limit}: {said}"
        );
        let taken = poor.ask("check-in x served");
        assert!(taken.starts_with("cannot "), "{limit}: {taken}");
        assert_leads(&mut client, &mut server, "served");
    }
    client.finish();
    server.finish();
}

#[test]
fn a_name_that_is_anothers_by_now_is_left_to_it() {
    let place = private();
    let (mut first, mut second) = (peer_at(place.path()), peer_at(place.path()));
    let mut client = peer_at(place.path());
    assert_eq!(first.ask("check-in name name"), "checked in");
    // Somebody clears the folder of what is old.
    fs::remove_dir_all(place.path().join("name")).unwrap();
    assert_eq!(second.ask("check-in name name"), "checked in");
    assert_eq!(first.ask("release name"), "released");
    assert_leads(&mut client, &mut second, "name");
    first.finish();
    assert_leads(&mut client, &mut second, "name");
    // The other way round as well: what has been put in its place is nothing of its own.
    fs::rename(place.path().join("name"), place.path().join("moved")).unwrap();
    folder(&place.path().join("name"));
    fs::write(place.path().join("name/port"), "").unwrap();
    second.finish();
    assert!(place.path().join("name/port").exists());
    assert!(place.path().join("moved/port").exists());
    client.finish();
}

#[test]
fn a_name_goes_from_where_it_was_made() {
    // The folder that the environment names later is another.
    let (place, other) = (private(), private());
    let mut peer = peer_at(place.path());
    assert_eq!(peer.ask("check-in x name"), "checked in");
    folder(&other.path().join("name"));
    fs::write(other.path().join("name/port"), "").unwrap();
    peer.finish();
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    assert!(other.path().join("name/port").exists());
}

#[test]
fn one_of_many_gets_a_name_that_was_left_behind() {
    let place = private();
    for round in 0..5 {
        let name = format!("contested-{round}");
        folder(&place.path().join(&name));
        dead_socket(&place.path().join(&name).join("port"));
        let mut peers: Vec<_> = (0..8).map(|_| peer_at(place.path())).collect();
        for peer in &mut peers {
            peer.tell(&format!("check-in {name} {name}"));
        }
        let answers: Vec<_> = peers.iter_mut().map(Peer::line).collect();
        let won: Vec<_> = (0..peers.len())
            .filter(|&at| answers[at] == "checked in")
            .collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        let mut client = peer_at(place.path());
        assert_leads(&mut client, &mut peers[won[0]], &name);
        for answer in answers.iter().filter(|answer| *answer != "checked in") {
            assert!(answer.contains("is served by process"), "{answer}");
        }
    }
}
