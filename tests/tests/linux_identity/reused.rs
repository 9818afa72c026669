//! A process asks for ports, hands the right to read the answer on, and ends. The next child has its pid.

use std::fs;
use std::process::Command;

use launcher::{Launcher, Rendezvous, RendezvousServer, key};
use mach_ports::ReceiveRight;
use rendezvous_protocol::Reply;
use rendezvous_server::PortCollection;
use rendezvous_tests::events::{next, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};

/// Set in the process whose pids are its own.
const INSIDE: &str = "RENDEZVOUS_TEST_OWN_PIDS";
const PORT: u32 = key(b"port");

/// Runs a test again where it decides which pid comes next; whether this is that run.
fn with_own_pids(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let mut words = vec!["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
    if !nix::unistd::geteuid().is_root() {
        words.extend(["--user", "--map-current-user", "--keep-caps"]);
    }
    let may = Command::new("/usr/bin/env")
        .args(&words)
        .args(["sh", "-c", "echo 100 > /proc/sys/kernel/ns_last_pid"])
        .output()
        .unwrap();
    if !may.status.success() {
        let why = String::from_utf8_lossy(&may.stderr);
        eprintln!("not tested: {} ({})", why.trim(), may.status);
        return false;
    }
    let mut again = Launcher::new("/usr/bin/env");
    again.args(&words).arg(std::env::current_exe().unwrap());
    again.args([&*format!("reused::{test}"), "--exact", "--nocapture"]);
    let child = again.env(INSIDE, "1").kill_on_drop(true).spawn().unwrap();
    let status = child.wait_timeout(2 * LONG).unwrap();
    assert!(status.is_some_and(|status| status.success()), "{status:?}");
    false
}

/// A peer with this pid.
fn with_pid(pid: i32) -> Peer {
    // Other threads are processes, too, and may take a number. They do not go on doing so.
    for _ in 0..100 {
        fs::write("/proc/sys/kernel/ns_last_pid", (pid - 1).to_string()).unwrap();
        let peer = Peer::start(peer!["-"]);
        if peer.child.id() == pid {
            return peer;
        }
    }
    panic!("somebody else has pid {pid}");
}

/// A child of a server, with a right to the heir for the answer to what it will ask.
fn asking(server: &RendezvousServer, heir: &ReceiveRight) -> Peer {
    let mut peer = Peer::start(
        peer!["-"]
            .server(server)
            .port(key(b"repl"), heir.make_send_once().unwrap()),
    );
    assert_eq!(peer.ask("connect"), "connected 1");
    assert_eq!(peer.ask("take once repl"), "taken");
    let name = server.bootstrap_name().unwrap();
    assert_eq!(peer.ask(&format!("look-up server {name}")), "found");
    peer
}

/// Has it ask, and end at once. Returns its pid, which is free.
fn ask_and_end(mut asking: Peer) -> i32 {
    assert_eq!(asking.ask("ask-for server repl"), "asked");
    let pid = asking.child.id();
    asking.finish();
    pid
}

fn collection() -> (ReceiveRight, PortCollection) {
    let port = ReceiveRight::new().unwrap();
    let mut collection = PortCollection::new();
    collection.insert(PORT, port.make_send().unwrap()).unwrap();
    collection.set_additional_data(b"secret".to_vec()).unwrap();
    (port, collection)
}

/// What the heir gets has no ports, and the child gets its own.
fn assert_told_apart(server: &RendezvousServer, heir: &ReceiveRight, mut child: Peer) {
    let reply = Reply::read(next(heir)).unwrap();
    assert!(reply.ports.is_empty() && reply.data.is_empty(), "{reply:?}");
    let (base_id, pid) = (server.base_id(), std::process::id());
    let connected = child.ask(&format!("connect base={base_id} server={pid}"));
    assert_eq!(connected, "connected 1");
    assert_eq!(child.ask("data"), "6 bytes, sum 646");
    child.finish();
}

#[test]
fn a_childs_ports_are_not_for_the_heir_of_an_earlier_process() {
    if !with_own_pids("a_childs_ports_are_not_for_the_heir_of_an_earlier_process") {
        return;
    }
    let (server, heir) = (server("identity.heir"), ReceiveRight::new().unwrap());
    let asking = asking(&server, &heir);
    // The request waits behind the lock when its process ends.
    let mut guard = server.lock();
    let pid = ask_and_end(asking);
    let child = with_pid(pid);
    let (_port, ports) = collection();
    let registration = guard.register_spawned(pid, ports).unwrap();
    drop(guard);
    assert_told_apart(&server, &heir, child);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
}

#[test]
fn nor_are_those_of_a_child_that_is_launched() {
    if !with_own_pids("nor_are_those_of_a_child_that_is_launched") {
        return;
    }
    let (server, heir) = (server("identity.launched"), ReceiveRight::new().unwrap());
    let asking = asking(&server, &heir);
    let launch = server.begin_launch();
    let pid = ask_and_end(asking);
    let child = with_pid(pid);
    let (_port, ports) = collection();
    let registration = launch.register(&child.child.exit_event(), ports);
    assert_told_apart(&server, &heir, child);
    assert!(matches!(registration.wait(LONG), Rendezvous::Acquired));
}
