//! A rendezvous on Linux, where rights are descriptors and bootstrap names are sockets in a folder.
//!
//! An executable of its own: one test raises its process's limit of open files, and opens as many as
//! fill a socket's backlog.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::fs::Permissions;
use std::io::IoSlice;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Instant;

use launcher::Rendezvous;
use mach_ports::ReceiveRight;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, UnixAddr, connect, recv, sendmsg,
    socket,
};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use rendezvous_server::MAX_PORTS;
use rendezvous_tests::events::{dead, no_senders, server};
use rendezvous_tests::peer::Peer;
use rendezvous_tests::{LONG, peer};
use tempfile::TempDir;

/// Where the embedded Mach keeps its names, if it is told.
const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";

/// A process that has a server, under a name in a folder of its own.
struct Server {
    peer: Peer,
    folder: TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o700))
            .tempdir()
            .unwrap();
        let peer = Peer::start(peer!["-"].env(DIRECTORY, folder.path()));
        Self { peer, folder }
    }

    fn name(&self) -> String {
        let pid = self.peer.child.id();
        format!("tests.rendezvous.peer.MachPortRendezvousServer.{pid}")
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(self.name()).join("port")
    }

    /// A connection of somebody who does not know the embedded Mach.
    fn connect(&self, flags: SockFlag) -> nix::Result<OwnedFd> {
        let stranger = socket(
            AddressFamily::Unix,
            SockType::SeqPacket,
            SockFlag::SOCK_CLOEXEC | flags,
            None,
        )?;
        connect(stranger.as_raw_fd(), &UnixAddr::new(&self.socket())?)?;
        Ok(stranger)
    }
}

/// Numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        // Knuth's linear congruential generator; its upper bits are the good ones.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Waits until the other side has closed the connection.
fn is_closed(stranger: &OwnedFd) -> bool {
    let timeout = PollTimeout::try_from(LONG).unwrap();
    let ready = poll(
        &mut [PollFd::new(stranger.as_fd(), PollFlags::POLLIN)],
        timeout,
    );
    ready == Ok(1)
        && matches!(
            recv(stranger.as_raw_fd(), &mut [0; 16], MsgFlags::empty()),
            Ok(0) | Err(nix::Error::ECONNRESET)
        )
}

#[test]
fn strangers_who_connect_break_their_own_connection_only() {
    let mut server = Server::start();
    let launched = server.peer.ask("launch port");
    assert!(launched.starts_with("launched "), "{launched}");
    let (mut random, null) = (Random(1), std::fs::File::open("/dev/null").unwrap());
    for round in 0..300 {
        let stranger = server.connect(SockFlag::empty()).unwrap();
        let length = [0, 1, 8, 24, 100, 5000, 60_000][round % 7] + random.below(8);
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        let descriptors = vec![null.as_raw_fd(); random.below(4) as usize];
        let rights = [ControlMessage::ScmRights(&descriptors)];
        let control = if descriptors.is_empty() {
            &[]
        } else {
            &rights[..]
        };
        let flags = MsgFlags::MSG_NOSIGNAL;
        let sent = sendmsg::<()>(
            stranger.as_raw_fd(),
            &[IoSlice::new(&bytes)],
            control,
            flags,
            None,
        );
        assert!(sent.is_ok(), "{sent:?}");
        assert!(is_closed(&stranger), "round {round}: {length} bytes");
    }
    // Nor does it matter how many say nothing.
    let silent: Vec<_> = (0..100)
        .map(|_| server.connect(SockFlag::empty()).unwrap())
        .collect();
    let child = &mut server.peer;
    assert_eq!(child.ask("connect"), "connected 1");
    assert_eq!(child.ask("take send port"), "taken");
    assert_eq!(child.ask("send port 1"), "sent");
    child.tell("exit 0");
    assert_eq!(server.peer.line(), "ended with exit status: 0");
    assert_eq!(server.peer.ask("receive port"), "received 1");
    // What came with the packets has been closed, as has each connection that broke the protocol.
    let holdings = server.peer.ask("holdings");
    let descriptors: usize = holdings.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(descriptors < silent.len() + 50, "{holdings}");
    server.peer.finish();
}

#[test]
fn a_child_without_room_for_its_ports_is_told_and_they_are_released() {
    let server = server("no-room");
    let ports: Vec<_> = (0..MAX_PORTS)
        .map(|_| ReceiveRight::new().unwrap())
        .collect();
    let moved = ReceiveRight::new().unwrap();
    let to_moved = moved.make_send().unwrap();
    let mut launcher = peer!["-"];
    for (key, port) in (1..).zip(&ports).skip(1) {
        launcher.port(key, port.make_send().unwrap());
    }
    let mut child = Peer::start(launcher.server(&server).port(0, moved));
    assert_eq!(child.ask("limit-fds 40"), "limited");
    let refused = child.ask("connect");
    assert!(refused.contains("a message arrived damaged"), "{refused}");
    let fate = child.child.wait_rendezvous(LONG);
    assert!(matches!(fate, Some(Rendezvous::Acquired)), "{fate:?}");
    // While the child lives.
    ports.iter().for_each(no_senders);
    dead(&to_moved);
    child.finish();
}

#[test]
fn a_parent_that_is_out_of_descriptors_says_so() {
    for limit in 6..=24 {
        let mut parent = Peer::start(peer!["-"]);
        assert_eq!(parent.ask(&format!("limit-fds {limit}")), "limited");
        let answer = parent.ask("launch port");
        if answer.starts_with("launched ") {
            // It runs, and is served or not; in any case it is told which.
            let connected = parent.ask("connect");
            let expected = ["connected 1", "connected 0", "refused "];
            assert!(
                expected.iter().any(|start| connected.starts_with(start)),
                "{limit}: {connected}"
            );
            parent.tell("exit 0");
            assert_eq!(parent.line(), "ended with exit status: 0", "{limit}");
        } else {
            assert!(answer.starts_with("cannot launch port: "), "{answer}");
            // No process is left that would have this one's output.
            drop(parent.child.stdin.take());
            parent.silence();
        }
    }
}

#[test]
fn the_variable_of_the_bootstrap_port_does_not_outlive_its_use() {
    let server = server("variable");
    let mut child = Peer::start(
        peer!["-"]
            .server(&server)
            .private_bootstrap()
            .additional_data(b"data"),
    );
    let variable = "env EMBEDDED_MACH_BOOTSTRAP_FD";
    assert!(child.ask(variable).starts_with("is "));
    assert_eq!(child.ask("connect"), "connected 0");
    assert_eq!(child.ask("data"), "4 bytes, sum 410");
    assert_eq!(child.ask(variable), "is not set");
    child.finish();
}

#[test]
fn a_name_is_gone_with_its_server_and_with_the_next_one_if_that_was_killed() {
    let mut server = Server::start();
    let check_in = format!("check-in port {}", server.name());
    assert_eq!(server.peer.ask(&check_in), "checked in");
    assert!(server.socket().exists());
    assert_eq!(server.peer.ask("release port"), "released");
    assert!(!server.socket().exists());

    assert_eq!(server.peer.ask(&check_in), "checked in");
    server.peer.child.kill().unwrap();
    server.peer.end();
    assert!(server.socket().exists());
    let next = Peer::start(peer!["check-in port another"].env(DIRECTORY, server.folder.path()));
    next.finish();
    assert!(!server.socket().parent().unwrap().exists());
    let left = std::fs::read_dir(server.folder.path()).unwrap().count();
    assert_eq!(left, 0);
}

#[test]
fn a_stopped_server_with_a_full_backlog_is_not_waited_for_either() {
    let mut server = Server::start();
    let check_in = format!("check-in port {}", server.name());
    assert_eq!(server.peer.ask(&check_in), "checked in");
    let pid = Pid::from_raw(server.peer.child.id());
    kill(pid, Signal::SIGSTOP).unwrap();
    waitpid(pid, Some(WaitPidFlag::WUNTRACED)).unwrap();
    // Nobody accepts these. They wait there though they are closed here: no limit of descriptors counts them.
    let full = loop {
        match server.connect(SockFlag::SOCK_NONBLOCK) {
            Ok(stranger) => drop(stranger),
            Err(error) => break error,
        }
    };
    assert_eq!(full, nix::Error::EAGAIN);
    let asked = Instant::now();
    let connect = format!("connect base=tests.rendezvous.peer server={pid} deadline=100");
    let mut child = Peer::start(peer!["-"].env(DIRECTORY, server.folder.path()));
    let refused = child.ask(&connect);
    assert!(refused.starts_with("refused "), "{refused}");
    assert!(asked.elapsed() < LONG / 4, "{:?}", asked.elapsed());
    // Nor do others who check names in wait for it, or take it for dead.
    assert_eq!(child.ask("check-in mine another"), "checked in");
    assert!(server.socket().exists());
    server.peer.child.signal(libc::SIGCONT).unwrap();
    // It takes up all who have come, and has room for others.
    server.peer.tell("receive port");
    let look_up = format!("look-up server {}", server.name());
    while child.ask(&look_up) != "found" {
        assert!(asked.elapsed() < LONG);
    }
    assert_eq!(child.ask("send server 1"), "sent");
    assert_eq!(server.peer.line(), "received 1");
    child.finish();
    server.peer.finish();
}
