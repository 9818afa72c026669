//! Newer system calls are refused, as in containers and by old kernels: what is promised goes on.

use rendezvous_tests::peer;
use rendezvous_tests::peer::Peer;

/// What `docs/linux.md` names a way out for, and what libraries below try first.
const CALLS: [&str; 8] = [
    "pidfd_open",
    "close_range",
    "memfd_create",
    "openat2",
    "epoll_pwait2",
    "getrandom",
    "process_vm_readv",
    "statx",
];

/// A parent and a child to which calls are refused, each with an error, have all that is promised.
fn do_without(refused: &[(&str, &str)]) {
    let mut parent = Peer::start(peer!["-"]);
    for (call, errno) in refused {
        assert_eq!(parent.ask(&format!("refuse {call} {errno}")), "refused");
    }
    let launched = parent.ask("launch port both");
    assert!(launched.starts_with("launched "), "{refused:?}: {launched}");
    // The child, to which the same is refused.
    assert_eq!(parent.ask("connect"), "connected 2", "{refused:?}");
    assert_eq!(parent.ask("take send port"), "taken", "{refused:?}");
    assert_eq!(parent.ask("send port 5 hello"), "sent", "{refused:?}");
    assert_eq!(parent.ask("fds"), "0 1 2", "{refused:?}");
    parent.tell("exit 3");
    let ended = "ended with exit status: 3";
    assert_eq!(parent.line(), ended, "{refused:?}");
    assert_eq!(
        parent.ask("receive port"),
        "received 5 hello",
        "{refused:?}"
    );
    parent.finish();
}

#[test]
fn launches_and_rendezvous_do_without_newer_calls() {
    for call in CALLS {
        for errno in ["EPERM", "ENOSYS"] {
            do_without(&[(call, errno)]);
        }
    }
}

#[test]
fn they_do_without_any_two_and_without_all_of_them() {
    for (at, one) in CALLS.into_iter().enumerate() {
        for (next, other) in CALLS.into_iter().enumerate().skip(at + 1) {
            // One as a container refuses it, one as an old kernel does.
            let errnos = [["EPERM", "ENOSYS"], ["ENOSYS", "EPERM"]][(at + next) % 2];
            do_without(&[(one, errnos[0]), (other, errnos[1])]);
        }
    }
    for errno in ["EPERM", "ENOSYS"] {
        do_without(&CALLS.map(|call| (call, errno)));
    }
}

#[test]
fn a_child_is_registered_by_its_pid_without_anything_that_stands_for_it() {
    for errno in ["EPERM", "ENOSYS"] {
        let mut parent = Peer::start(peer!["-"]);
        let refuse = format!("refuse pidfd_open {errno}");
        assert_eq!(parent.ask(&refuse), "refused");
        let spawned = parent.ask("spawn-registered port");
        assert!(spawned.starts_with("spawned "), "{spawned}");
        let connect = format!(
            "connect base=tests.rendezvous.peer server={}",
            parent.child.id()
        );
        assert_eq!(parent.ask(&connect), "connected 1");
        parent.tell("exit 0");
        assert_eq!(parent.line(), "ended with exit status: 0, Acquired");
        // And one that does not ask.
        let spawned = parent.ask("spawn-registered port");
        assert!(spawned.starts_with("spawned "), "{spawned}");
        parent.tell("exit 0");
        assert_eq!(parent.line(), "ended with exit status: 0, ExitedFirst");
        parent.finish();
    }
}
