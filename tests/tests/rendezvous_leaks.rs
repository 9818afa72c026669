//! Nothing is left behind by a thousand rendezvous: no name, no reference, no descriptor, on either side.
//!
//! An executable of its own, of one test: it counts what its whole process has.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use launcher::{Launcher, PeerPolicy, PeerRequirement, Rendezvous, RendezvousServer, key};
use mach_ports::{Message, ReceiveRight, SendOptions};
use rendezvous_server::PortCollection;
use rendezvous_tests::events::{dead, holdings, next, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

const LAUNCHES: usize = 1000;
const FETCHES: usize = 300;
const HOLDERS: usize = 100;
/// Threads that macOS's libraries start by themselves hold names of their own.
const NOISE: usize = 20;

/// The ways in which a rendezvous may go.
#[derive(Clone, Copy)]
enum Course {
    Smooth,
    Untaken,
    ExitedFirst,
    Refused,
    Private,
    NotLaunched,
}

const COURSES: [Course; 6] = [
    Course::Smooth,
    Course::Untaken,
    Course::ExitedFirst,
    Course::Refused,
    Course::Private,
    Course::NotLaunched,
];

/// One launch with a right of each kind, from before the ports are made until after they are gone.
fn launch(server: &RendezvousServer, course: Course) {
    let [port, bell, moved] = [(); 3].map(|()| ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    Message::new(1)
        .make_send(&port)
        .send(&to_moved, &SendOptions::new())
        .unwrap();
    let mut launcher = match course {
        Course::Smooth | Course::Private => {
            peer!["connect", "take send send", "send send 1"]
        }
        Course::Untaken | Course::Refused => peer!["instance"],
        Course::ExitedFirst => peer!["exit 0"],
        Course::NotLaunched => Launcher::new("/no/such/program"),
    };
    launcher
        .server(server)
        .port(key(b"send"), port.make_send().unwrap())
        .port(key(b"once"), bell.make_send_once().unwrap())
        .port(key(b"rcve"), moved)
        .additional_data([0; 1000]);
    match course {
        Course::Refused => {
            launcher.require(PeerRequirement::predicate(|_| false), PeerPolicy::Enforce)
        }
        Course::Private => launcher.private_bootstrap(),
        _ => &mut launcher,
    };
    if matches!(course, Course::NotLaunched) {
        launcher.spawn().unwrap_err();
    } else {
        let child = Peer::start(launcher);
        let fate = child.child.wait_rendezvous(LONG).unwrap();
        let is_as_expected = match course {
            Course::ExitedFirst => matches!(fate, Rendezvous::ExitedFirst),
            Course::Refused => matches!(fate, Rendezvous::Refused(_)),
            _ => matches!(fate, Rendezvous::Acquired),
        };
        assert!(is_as_expected, "{fate:?}");
        if matches!(course, Course::Smooth | Course::Private) {
            assert_eq!(next(&port).id(), 1);
        }
        child.finish();
    }
    no_senders(&port);
    assert!(next(&bell).notification().is_some());
    dead(&to_moved);
}

/// One fetch of ports by a process that lives on.
fn fetch(server: &RendezvousServer, child: &mut Peer) {
    let [port, bell, moved] = [(); 3].map(|()| ReceiveRight::new().unwrap());
    let to_moved = moved.make_send().unwrap();
    let mut collection = PortCollection::new();
    let right = port.make_send().unwrap();
    collection.insert(key(b"send"), right).unwrap();
    let once = bell.make_send_once().unwrap();
    collection.insert(key(b"once"), once).unwrap();
    collection.insert(key(b"rcve"), moved).unwrap();
    let pid = child.child.id();
    let registration = server.lock().register(pid, collection).unwrap();
    assert_eq!(child.ask("connect"), "connected 3");
    assert_eq!(child.ask("take receive rcve"), "taken");
    assert_eq!(child.ask("release rcve"), "released");
    assert_eq!(child.ask("disconnect"), "disconnected");
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
    no_senders(&port);
    assert!(next(&bell).notification().is_some());
    dead(&to_moved);
}

fn assert_same(before: [usize; 3], after: [usize; 3]) {
    for (before, after) in before.into_iter().zip(after) {
        assert!(after < before + NOISE, "{before} became {after}");
    }
}

fn holdings_of(child: &mut Peer) -> [usize; 3] {
    let answer = child.ask("holdings");
    let numbers: Vec<_> = answer
        .split(' ')
        .map(|word| word.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

#[test]
fn a_thousand_rendezvous_leave_nothing() {
    let server = server("leaks");
    // What is made once and kept by design is made in the first rounds.
    for course in COURSES.into_iter().cycle().take(2 * COURSES.len()) {
        launch(&server, course);
    }
    let before = holdings();
    for course in COURSES.into_iter().cycle().take(LAUNCHES) {
        launch(&server, course);
    }
    assert_same(before, holdings());
    assert_eq!(server.lock().pending().count(), 0);

    let mut child = Peer::start(peer!["-"].server(&server));
    // Claims the empty collection that it was launched with.
    assert_eq!(child.ask("connect"), "connected 0");
    fetch(&server, &mut child);
    fetch(&server, &mut child);
    let (before, childs_before) = (holdings(), holdings_of(&mut child));
    for _ in 0..FETCHES {
        fetch(&server, &mut child);
    }
    assert_same(before, holdings());
    assert_same(childs_before, holdings_of(&mut child));
    child.finish();

    // A port that nobody receives from: children hold it to see this process end.
    let lifeline = ReceiveRight::new().unwrap();
    let before = holdings();
    for _ in 0..HOLDERS {
        let right = lifeline.make_send().unwrap();
        Peer::start(peer!["instance"].server(&server).port(key(b"life"), right)).finish();
    }
    assert_same(before, holdings());
    no_senders(&lifeline);
}
