//! Whatever is in the folder of names, nobody waits for it.

use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;

use nix::fcntl::{Flock, FlockArg};
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;

use super::world::{DIRECTORY, RUNTIME, World, ask_soon, assert_meet, name, private};

fn peer_at(folder: &Path) -> Peer {
    Peer::start(peer!["-"].env(DIRECTORY, folder))
}

/// Puts something where something else is expected, and gives what must be kept for as long as it is to be there.
type Obstacle = fn(&Path) -> Option<UnixListener>;

const OBSTACLES: [(&str, Obstacle); 7] = [
    ("a pipe", |path| {
        mkfifo(path, Mode::S_IRWXU).unwrap();
        None
    }),
    ("a file", |path| {
        fs::write(path, "").unwrap();
        None
    }),
    ("a folder", |path| {
        fs::DirBuilder::new().mode(0o700).create(path).unwrap();
        None
    }),
    ("a link to nowhere", |path| {
        symlink("/nowhere", path).unwrap();
        None
    }),
    ("a link to itself", |path| {
        symlink(path, path).unwrap();
        None
    }),
    ("a socket of another kind", |path| {
        Some(UnixListener::bind(path).unwrap())
    }),
    ("a socket that nobody has", |path| {
        drop(UnixDatagram::bind(path).unwrap());
        None
    }),
];

#[test]
fn what_is_in_a_names_place_keeps_no_other_name() {
    for (what, put) in OBSTACLES {
        // In place of the folder of a name, of its socket, and of a lock's file.
        for place in ["taken", "taken/port", ".lock"] {
            let folder = private();
            if place == "taken/port" {
                let mut builder = fs::DirBuilder::new();
                builder
                    .mode(0o700)
                    .create(folder.path().join("taken"))
                    .unwrap();
            }
            let _kept = put(&folder.path().join(place));
            let (mut one, mut other) = (peer_at(folder.path()), peer_at(folder.path()));
            assert_meet(&mut one, &mut other, "another");
            let found = ask_soon(&mut other, "look-up x taken");
            assert!(found.starts_with("refused "), "{what} as {place}: {found}");
            let said = ask_soon(&mut one, "check-in x taken");
            if said != "checked in" {
                // What is in the way is named.
                let path = folder.path().join(place);
                assert!(
                    said.contains(path.to_str().unwrap()),
                    "{what} as {place}: {said}"
                );
            }
            other.finish();
            drop(one);
        }
    }
}

#[test]
fn a_lock_that_is_never_given_back_keeps_nobody_out() {
    let folder = private();
    let mut killed = peer_at(folder.path());
    assert_eq!(killed.ask("check-in x left"), "checked in");
    killed.child.kill().unwrap();
    killed.end();
    let locked = ["", "left"].map(|path| {
        let file = File::open(folder.path().join(path)).unwrap();
        Flock::lock(file, FlockArg::LockExclusive).unwrap()
    });
    let file = File::create(folder.path().join(".lock")).unwrap();
    let file = Flock::lock(file, FlockArg::LockExclusive).unwrap();
    let (mut one, mut other) = (peer_at(folder.path()), peer_at(folder.path()));
    assert!(ask_soon(&mut other, "look-up x left").contains("no such service"));
    for service in ["left", "new"] {
        let said = ask_soon(&mut one, &format!("check-in {service} {service}"));
        assert_eq!(said, "checked in", "{service}");
        assert_eq!(other.ask(&format!("look-up x {service}")), "found");
        assert_eq!(
            ask_soon(&mut one, &format!("release {service}")),
            "released"
        );
        let port = folder.path().join(service).join("port");
        assert!(!port.exists(), "{service}");
    }
    drop((locked, file));
    one.finish();
    other.finish();
}

/// Has a file system mounted that nobody serves: who looks into it waits for ever.
fn silent(path: &Path) -> String {
    let options = "fd=9,rootmode=40700,user_id=0,group_id=0";
    let path = path.display();
    format!("exec 9<>/dev/fuse && mount -i -t fuse -o {options} silent {path}")
}

#[test]
fn a_folder_that_never_answers_is_passed_over() {
    let session = private();
    let names = session.path().join("embedded-mach");
    fs::DirBuilder::new().mode(0o700).create(&names).unwrap();
    let world = World::new().apart(&["--mount"]).first(silent(&names));
    let Some(mut server) = world.env(RUNTIME, session.path()).start() else {
        return;
    };
    // A process that sees nothing of it finds the name elsewhere.
    let mut client = Peer::start(peer!["-"].env_remove(DIRECTORY).env_remove(RUNTIME));
    let (service, another) = (name("silent"), name("silent"));
    let check_in = format!("check-in {service} {service}");
    assert_eq!(ask_soon(&mut server, &check_in), "checked in");
    assert_meet(&mut server, &mut client, &another);
    assert_eq!(
        ask_soon(&mut server, &format!("look-up x {service}")),
        "found"
    );
    assert_eq!(
        ask_soon(&mut server, &format!("release {service}")),
        "released"
    );
    let gone = client.ask(&format!("look-up x {service}"));
    assert!(gone.contains("no such service"), "{gone}");
    client.finish();
    // Its end is not waited for by anybody either.
    server.finish();
}

#[test]
fn the_only_folder_that_never_answers_is_named() {
    let folder = private();
    let world = World::new()
        .apart(&["--mount"])
        .first(silent(folder.path()));
    let Some(mut peer) = world.env(DIRECTORY, folder.path()).start() else {
        return;
    };
    for command in ["look-up x any", "look-up y other", "check-in z any"] {
        let said = ask_soon(&mut peer, command);
        assert!(said.contains("does not answer"), "{command}: {said}");
        assert!(said.contains(folder.path().to_str().unwrap()), "{said}");
        // What has no name is not concerned.
        assert_eq!(ask_soon(&mut peer, "allocate port"), "allocated");
    }
}

#[test]
fn one_name_that_never_answers_keeps_no_other() {
    let folder = private();
    fs::create_dir(folder.path().join("dead")).unwrap();
    let world = World::new()
        .apart(&["--mount"])
        .first(silent(&folder.path().join("dead")));
    let Some(mut peer) = world.env(DIRECTORY, folder.path()).start() else {
        return;
    };
    let mut other = peer_at(folder.path());
    // What is cleared at the first check-in has it as well.
    assert_eq!(ask_soon(&mut peer, "check-in x alive"), "checked in");
    assert_eq!(other.ask("look-up x alive"), "found");
    let said = ask_soon(&mut peer, "look-up y dead");
    assert!(said.contains("does not answer"), "{said}");
    // Nobody who asks for another is told so.
    assert_eq!(ask_soon(&mut peer, "look-up x alive"), "found");
    assert_eq!(ask_soon(&mut peer, "check-in y second"), "checked in");
    assert_eq!(ask_soon(&mut peer, "release x"), "released");
    other.finish();
}
