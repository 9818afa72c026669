//! Which folders names are in, and what happens where one is another's or cannot be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::world::{
    DIRECTORY, RUNTIME, SPARE, User, World, assert_leads, assert_meet, name, private,
};

/// What a stranger may put where this user's names are usually.
type Squat = fn(&Path, u32);

const SQUATS: [(&str, Squat); 6] = [
    ("a folder of the stranger's", |path, _| {
        fs::DirBuilder::new().mode(0o700).create(path).unwrap();
    }),
    ("a folder for everybody", |path, _| {
        fs::create_dir(path).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o777)).unwrap();
    }),
    (
        "a folder of the user's, which others may enter",
        |path, user| {
            fs::create_dir(path).unwrap();
            fs::set_permissions(path, Permissions::from_mode(0o711)).unwrap();
            chown(path, Some(user), Some(user)).unwrap();
        },
    ),
    ("a link to a folder of the user's", |path, user| {
        let real = path.with_extension("real");
        let _ = fs::remove_dir(&real);
        fs::DirBuilder::new().mode(0o700).create(&real).unwrap();
        chown(&real, Some(user), Some(user)).unwrap();
        symlink(&real, path).unwrap();
    }),
    ("a file", |path, _| fs::write(path, "").unwrap()),
    ("a pipe", |path, _| {
        mkfifo(path, Mode::S_IRWXU | Mode::S_IRWXG | Mode::S_IRWXO).unwrap();
    }),
];

#[test]
fn a_stranger_in_the_usual_place_costs_nobody_a_name() {
    for (what, squat) in SQUATS {
        let Some(user) = User::new() else { return };
        let [usual, next] = user.usual();
        squat(&usual, user.0);
        let (mut server, mut client) =
            (user.world().start().unwrap(), user.world().start().unwrap());
        let service = name("squatted");
        assert_meet(&mut server, &mut client, &service);
        assert!(next.join(&service).join("port").exists(), "{what}");
        // Where it was looked for is told, and what is wrong there.
        let refused = client.ask("look-up x nobody");
        assert!(refused.contains("no such service"), "{what}: {refused}");
        assert!(
            refused.contains(usual.to_str().unwrap()),
            "{what}: {refused}"
        );
        server.finish();
        client.finish();
        assert_eq!(fs::read_dir(&next).unwrap().count(), 0, "{what}");
        let _ = fs::remove_dir(usual.with_extension("real"));
    }
}

#[test]
fn strangers_in_all_usual_places_cost_children_no_name() {
    let Some(user) = User::new() else { return };
    for place in user.usual() {
        fs::create_dir(place).unwrap();
    }
    let mut parent = user.world().start().unwrap();
    let launched = parent.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    // The child does, and a child of its by another way.
    assert_eq!(parent.ask("connect"), "connected 1");
    assert!(parent.ask("spawn").starts_with("spawned "));
    let spare = parent.ask(&format!("env {SPARE}"));
    let spare = Path::new(spare.strip_prefix("is ").unwrap());
    let found = fs::metadata(spare).unwrap();
    assert_eq!(
        (found.uid(), found.permissions().mode() & 0o777),
        (user.0, 0o700)
    );
    let server = format!(
        "tests.rendezvous.peer.MachPortRendezvousServer.{}",
        parent.child.id()
    );
    assert_eq!(parent.ask(&format!("look-up x {server}")), "found");
    let service = name("spare");
    assert_eq!(parent.ask(&format!("check-in x {service}")), "checked in");
    assert!(spare.join(&service).exists());
    parent.tell("exit 0");
    assert!(parent.line().starts_with("ended with"));
    parent.tell("exit 0");
    assert!(parent.line().starts_with("ended with"));
    // Nobody else knows of it, and is told what is wrong.
    let mut stranger = user.world().start().unwrap();
    let refused = stranger.ask(&format!("look-up x {service}"));
    for place in user.usual() {
        let why = format!("{} belongs to user 0", place.display());
        assert!(refused.contains(&why), "{refused}");
    }
    stranger.finish();
    parent.finish();
    assert_eq!(user.others(), [] as [std::path::PathBuf; 0]);
}

#[test]
fn a_spare_folder_of_somebody_elses_is_not_used() {
    let Some(user) = User::new() else { return };
    let strange = private();
    let mut server = user.world().env(SPARE, strange.path()).start().unwrap();
    let mut client = user.world().start().unwrap();
    let service = name("strange");
    assert_meet(&mut server, &mut client, &service);
    assert_eq!(fs::read_dir(strange.path()).unwrap().count(), 0);
    server.finish();
    client.finish();
}

/// Has nothing be written in the usual places.
const READ_ONLY: &str = "mount -t tmpfs -o ro none /dev/shm && \
    mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp";

#[test]
fn a_machine_without_a_place_for_names_says_so() {
    let world = World::new().apart(&["--mount"]).first(READ_ONLY);
    let Some(mut peer) = world.start() else {
        return;
    };
    let service = name("nowhere");
    let refused = peer.ask(&format!("check-in x {service}"));
    if refused == "checked in" {
        eprintln!("not tested: this user has a session's folder");
        return;
    }
    for part in ["/tmp/", "Read-only file system", "/dev/shm", DIRECTORY] {
        assert!(refused.contains(part), "{refused}");
    }
    let unknown = peer.ask(&format!("look-up x {service}"));
    assert!(unknown.contains("no such service"), "{unknown}");
    // Who is launched needs no name.
    let launched = peer.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    assert_eq!(peer.ask("connect"), "connected 1");
    assert_eq!(peer.ask("take send port"), "taken");
    assert_eq!(peer.ask("send port 8"), "sent");
    peer.tell("exit 0");
    assert_eq!(peer.line(), "ended with exit status: 0");
    assert_eq!(peer.ask("receive port"), "received 8");
}

#[test]
fn the_sessions_folder_comes_first_if_it_is_safe() {
    let session = private();
    let world = || World::new().env(RUNTIME, session.path());
    let (mut server, mut client) = (world().start().unwrap(), world().start().unwrap());
    let service = name("session");
    assert_meet(&mut server, &mut client, &service);
    assert!(session.path().join("embedded-mach").join(&service).exists());
    // Whoever does not know of it does not find it, and is told where it was looked for.
    let mut other = World::new().start().unwrap();
    let refused = other.ask(&format!("look-up x {service}"));
    assert!(refused.contains("/embedded-mach"), "{refused}");
    assert!(
        !refused.contains(session.path().to_str().unwrap()),
        "{refused}"
    );
    // What is served in any folder that a process sees is not taken again in another.
    let elsewhere = name("elsewhere");
    assert_eq!(
        other.ask(&format!("check-in {elsewhere} {elsewhere}")),
        "checked in"
    );
    let taken = server.ask(&format!("check-in x {elsewhere}"));
    assert!(taken.contains("is served by process"), "{taken}");
    assert_leads(&mut client, &mut other, &elsewhere);
    for peer in [client, other] {
        peer.finish();
    }
    drop(server);
}

#[test]
fn a_sessions_folder_that_is_not_safe_is_passed_over() {
    let (open, real, above) = (private(), private(), private());
    fs::set_permissions(open.path(), Permissions::from_mode(0o755)).unwrap();
    let link = above.path().join("link");
    symlink(real.path(), &link).unwrap();
    let relative = Path::new("session");
    let mut client = World::new().start().unwrap();
    for unsafe_session in [open.path(), &link, relative, Path::new("/"), Path::new("")] {
        let world = World::new().env(RUNTIME, unsafe_session);
        let mut server = world.start().unwrap();
        let service = name("unsafe");
        assert_meet(&mut server, &mut client, &service);
        server.finish();
    }
    for folder in [open.path(), real.path()] {
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    }
    client.finish();
}

#[test]
fn a_session_that_begins_or_ends_parts_nobody() {
    let Some(user) = User::new() else { return };
    let session = private();
    chown(session.path(), Some(user.0), Some(user.0)).unwrap();
    // The parent has begun before the session, its child is of it; and the other way round.
    let mut before = user.world().start().unwrap();
    let mut within = user.world().env(RUNTIME, session.path()).start().unwrap();
    let service = name("before");
    assert_meet(&mut before, &mut within, &service);
    // Where the session's folder goes, what is checked in from then on is found by all.
    fs::remove_dir_all(session.path()).unwrap();
    let after = name("after");
    assert_meet(&mut within, &mut before, &after);
    before.finish();
    within.finish();
}

#[test]
fn the_folder_that_is_named_is_refused_if_it_is_not_safe() {
    let (open, real, above) = (private(), private(), private());
    fs::set_permissions(open.path(), Permissions::from_mode(0o701)).unwrap();
    let link = above.path().join("link");
    symlink(real.path(), &link).unwrap();
    let file = above.path().join("file");
    fs::write(&file, "").unwrap();
    let slash = above.path().join("link/");
    for (path, why) in [
        (open.path(), "open to others (its mode is 701)"),
        (&link, "is a symbolic link"),
        (&slash, "is a symbolic link"),
        (&file, "is a file"),
        (Path::new("/nowhere/names"), "No such file or directory"),
    ] {
        let mut peer = World::new().env(DIRECTORY, path).start().unwrap();
        for command in ["check-in x name", "look-up x name"] {
            let said = peer.ask(command);
            if command == "look-up x name" && path == Path::new("/nowhere/names") {
                assert!(
                    said.contains("nobody serves it in /nowhere/names"),
                    "{said}"
                );
                continue;
            }
            assert!(said.contains("not permitted"), "{command} {path:?}: {said}");
            assert!(said.contains(why), "{command} {path:?}: {said}");
        }
    }
}

#[test]
fn any_umask_will_do() {
    for umask in ["000", "077", "027", "002"] {
        let place = private();
        let names = place.path().join("names");
        let world = || {
            let world = World::new().first(format!("umask {umask}"));
            world.env(DIRECTORY, &names).start().unwrap()
        };
        let (mut server, mut client) = (world(), world());
        assert_meet(&mut server, &mut client, "service");
        for folder in [names.clone(), names.join("service")] {
            let mode = fs::metadata(&folder).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{umask} {folder:?}");
        }
        server.finish();
        client.finish();
    }
}

#[test]
fn a_server_of_another_user_is_not_found() {
    let (Some(user), Some(stranger)) = (User::new(), User::new()) else {
        return;
    };
    let places = [&user, &stranger].map(|user| {
        let place = private();
        chown(place.path(), Some(user.0), Some(user.0)).unwrap();
        place
    });
    // Everybody may connect to it, and it is in the user's own folder.
    let world = stranger.world().first("umask 000");
    let mut server = world.env(DIRECTORY, places[1].path()).start().unwrap();
    assert_eq!(server.ask("check-in x name"), "checked in");
    let folder = places[0].path().join("name");
    fs::DirBuilder::new().mode(0o755).create(&folder).unwrap();
    fs::hard_link(places[1].path().join("name/port"), folder.join("port")).unwrap();
    let world = user.world().env(DIRECTORY, places[0].path());
    let mut client = world.start().unwrap();
    let refused = client.ask("look-up x name");
    let why = format!("is served by user {}", stranger.0);
    assert!(refused.contains(&why), "{refused}");
    client.finish();
    server.finish();
}

#[test]
fn a_process_that_may_have_no_other_thread_has_names() {
    let Some(user) = User::new() else { return };
    let place = private();
    chown(place.path(), Some(user.0), Some(user.0)).unwrap();
    let world = user.world().first("prlimit --pid $$ --nproc=1:1");
    let mut server = world.env(DIRECTORY, place.path()).start().unwrap();
    // The limit is for all of this user's processes: a client of the same one would need a second.
    assert_eq!(server.ask("check-in x name"), "checked in");
    assert!(place.path().join("name/port").exists());
    assert_eq!(server.ask("release x"), "released");
    assert!(!place.path().join("name").exists());
    let gone = server.ask("look-up x name");
    assert!(gone.contains("no such service"), "{gone}");
    server.finish();
}
