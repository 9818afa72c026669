//! Processes with one number in several pid namespaces.

use super::world::{DIRECTORY, World, assert_leads, private};

#[test]
fn two_pid_namespaces_share_a_folder_and_no_names() {
    let place = private();
    let start = || {
        let world = World::new().apart(&["--pid", "--fork", "--kill-child"]);
        world.env(DIRECTORY, place.path()).start()
    };
    let (Some(mut one), Some(mut other)) = (start(), start()) else {
        return;
    };
    let mut outside = World::new().env(DIRECTORY, place.path()).start().unwrap();
    // Names that have a process's number in them are the same in all three.
    for peer in [&mut one, &mut other, &mut outside] {
        assert_eq!(peer.ask("check-in server server"), "checked in");
    }
    // Each finds its own: a child has its parent's namespace.
    for peer in [&mut one, &mut other] {
        let started = peer.ask("spawn");
        assert!(started.starts_with("spawned "), "{started}");
        assert_eq!(peer.ask("look-up found server"), "found");
        assert_eq!(peer.ask("send found 5"), "sent");
        peer.tell("exit 0");
        assert!(peer.line().starts_with("ended "));
        assert_eq!(peer.ask("receive server"), "received 5");
    }
    let mut stranger = World::new().env(DIRECTORY, place.path()).start().unwrap();
    assert_leads(&mut stranger, &mut outside, "server");
    stranger.finish();
    for peer in [one, other, outside] {
        peer.finish();
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn parents_of_one_number_have_a_server_each() {
    let place = private();
    let start = || {
        let world = World::new().apart(&["--pid", "--fork", "--kill-child"]);
        world.env(DIRECTORY, place.path()).start()
    };
    let (Some(one), Some(other)) = (start(), start()) else {
        return;
    };
    let mut parents = [one, other];
    for parent in &mut parents {
        let launched = parent.ask("launch port");
        assert!(launched.starts_with("launched "), "{launched}");
    }
    for parent in &mut parents {
        assert_eq!(parent.ask("connect"), "connected 1");
        assert_eq!(parent.ask("take send port"), "taken");
        assert_eq!(parent.ask("send port 3"), "sent");
        parent.tell("exit 0");
        assert_eq!(parent.line(), "ended with exit status: 0");
        assert_eq!(parent.ask("receive port"), "received 3");
    }
    for parent in parents {
        parent.finish();
    }
}
