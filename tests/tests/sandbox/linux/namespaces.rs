//! Namespaces of a process's own: what the kernel shows of them, and that all else works there.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;

use launcher::{Child, Launcher, Profile, Stdio};
use sandbox::{Namespace, Network, Part};

use super::super::rendezvous::reflects;
use super::super::{can, can_lock_up, lines, locked};

const ALL: [(Namespace, &str); 6] = [
    (Namespace::User, "user"),
    (Namespace::Mount, "mnt"),
    (Namespace::Pid, "pid"),
    (Namespace::Ipc, "ipc"),
    (Namespace::Uts, "uts"),
    (Namespace::Network, "net"),
];

/// Which of a process's namespaces are not this process's.
fn own(pid: i32) -> Vec<&'static str> {
    let of = |process: &str, name: &str| -> PathBuf {
        std::fs::read_link(format!("/proc/{process}/ns/{name}")).unwrap()
    };
    let names = ALL.iter().map(|(_, name)| *name);
    names
        .filter(|name| of(&pid.to_string(), name) != of("self", name))
        .collect()
}

/// One that has said its first line, and goes on at the next.
fn waiting(mut launcher: Launcher) -> Child {
    let mut child = launcher
        .stdin(Stdio::Pipe)
        .stdout(Stdio::Pipe)
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(!line.starts_with("refused"), "{line}");
    child
}

fn ends(mut child: Child) {
    writeln!(child.stdin.take().unwrap(), "on").unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn each_namespace_is_the_childs_own_and_no_other() {
    if !can_lock_up() {
        return;
    }
    for (namespace, name) in ALL {
        let profile = Profile::ports_only().namespace(namespace);
        if !can(&profile) {
            continue;
        }
        let mut imposed = locked(&["say:here", "line"]);
        imposed.profile(profile);
        let child = waiting(imposed);
        let found = own(child.id());
        // Who has no right to it otherwise gets it with one of users.
        assert!(found.contains(&name), "{name}: {found:?}");
        assert!(
            found.iter().all(|one| *one == name || *one == "user"),
            "{found:?}"
        );
        ends(child);
    }
    // And none unasked.
    let mut imposed = locked(&["say:here", "line"]);
    imposed.profile(Profile::ports_only());
    let child = waiting(imposed);
    assert!(own(child.id()).is_empty());
    ends(child);
}

#[test]
fn a_process_enters_all_but_that_of_processes() {
    let all = ALL.iter().filter(|(one, _)| *one != Namespace::Pid);
    let profile = all
        .clone()
        .fold(Profile::ports_only(), |profile, (one, _)| {
            profile.namespace(*one)
        });
    if !can(&profile) {
        return;
    }
    let mut commands: Vec<_> = all.map(|(_, name)| format!("--namespace:{name}")).collect();
    commands.extend(["--inspectable", "--enter", "line"].map(str::to_owned));
    let commands: Vec<_> = commands.iter().map(String::as_str).collect();
    let child = waiting(locked(&commands));
    assert_eq!(own(child.id()), ["user", "mnt", "ipc", "uts", "net"]);
    ends(child);

    let said = locked(&[
        "--namespace:pid",
        "--enter",
        "--namespace:pid",
        "--without:namespaces",
        "--enter",
    ]);
    let said = lines(&{ said }.output().unwrap());
    assert!(
        said[0].contains("(Namespaces): a process stays among the processes where it is"),
        "{said:?}"
    );
    assert_eq!(said[1], "entered without 1");
}

#[test]
fn the_first_of_its_processes_has_its_ports_and_its_lock() {
    let profile = ALL.iter().fold(
        Profile::ports_only().network(Network::Loopback),
        |profile, (one, _)| profile.namespace(*one),
    );
    if !can(&profile) {
        return;
    }
    let mut said = locked(&[
        "pid",
        "open:/etc/passwd",
        "kill-self",
        "fork",
        "serve-itself",
        "namespace-in-thread",
    ]);
    let output = said.profile(profile.clone()).output().unwrap();
    assert_eq!(
        lines(&output),
        ["1", "EACCES", "done", "EPERM", "done", "EPERM"],
        "{output:?}"
    );
    let mut imposed = locked(&["reflect"]);
    imposed.profile(profile);
    reflects(imposed, "sandbox.namespaces", 1 << 20);
}

#[test]
fn a_system_that_refuses_them_is_named() {
    let said = locked(&[
        "no-unshare",
        "--namespace:ipc",
        "--enter",
        "--namespace:ipc",
        "--without:namespaces",
        "--enter",
    ]);
    let said = lines(&{ said }.output().unwrap());
    assert!(
        said[1].contains(
            "(Namespaces): the system refuses this process a namespace of System V's IPC"
        ),
        "{said:?}"
    );
    assert_eq!(said[2], "entered without 1");
    // It is no other part that it does without.
    let profile = Profile::ports_only()
        .namespace(Namespace::Ipc)
        .accept_without(Part::Files);
    assert!(
        profile
            .missing()
            .iter()
            .all(|missing| missing.part != Part::Loopback)
    );
}
