//! Bootstrap names that come with a receive right: the listening socket beside them is a liar's, or shared with one.

use std::ffi::CStr;
use std::fs;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mach_ports::ffi::bootstrap::BOOTSTRAP_UNKNOWN_SERVICE;
use mach_ports::ffi::message::MACH_MSG_TYPE_COPY_SEND;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, UnixAddr, accept, bind, listen, socket,
};
use rendezvous_tests::letter::{Letter, drain, receive};
use rendezvous_tests::raw::made;
use rendezvous_tests::second::{check_in, look_up, service_name, tell_name, told_name, two};

use super::packet::{Bytes, MESSAGE, RIGHT_NULL, RIGHT_RECEIVE, carrying, packet, right};
use super::socket::{self as wire, connection, link_to, path_of};

const RECEIVE: u8 = 16;

/// How long nobody may take who waits for nobody else.
const SOON: Duration = Duration::from_secs(20);

/// A listening socket, one that blocks.
fn listener(address: &UnixAddr, backlog: i32) -> OwnedFd {
    let kind = SockType::SeqPacket;
    let fd = socket(AddressFamily::Unix, kind, SockFlag::SOCK_CLOEXEC, None).expect("a socket");
    bind(fd.as_raw_fd(), address).expect("a free address");
    listen(&fd, Backlog::new(backlog).expect("a backlog")).expect("a bound socket");
    fd
}

fn at(path: &Path) -> OwnedFd {
    listener(&UnixAddr::new(path).expect("a short path"), 100)
}

/// Sends a receive right with names, each said to be served by a socket.
fn claim(over: &OwnedFd, id: i32, names: &[(&CStr, &OwnedFd)]) {
    let null = || right(RIGHT_NULL, [0; 4]);
    let count = u32::try_from(names.len()).expect("few");
    let port = Bytes::default().u32(5).u32(0).u32(0).u32(count);
    let mut bytes = right(RIGHT_RECEIVE, [0; 4])
        .then(port)
        .then(null())
        .then(null());
    for (name, _) in names {
        bytes = bytes.u32(u32::try_from(name.count_bytes()).expect("short"));
        bytes.0.extend_from_slice(name.to_bytes());
    }
    let descriptors: Vec<_> = names.iter().map(|(_, listener)| *listener).collect();
    let payload = carrying(id, RECEIVE, bytes);
    wire::send(over, &packet(MESSAGE, 0, count, payload), &descriptors);
}

/// Makes the place of a name in the folder where another is.
fn place_beside(other: &CStr, name: &CStr) -> PathBuf {
    let path = path_beside(other, name);
    fs::create_dir(path.parent().expect("a folder")).expect("a new folder");
    path
}

fn number(path: &Path) -> u64 {
    fs::symlink_metadata(path).expect("a socket").ino()
}

#[test]
fn a_socket_that_is_not_there_brings_no_name() {
    two(
        "names::a_socket_that_is_not_there_brings_no_name",
        |line, _| {
            let (service, target) = (service_name(), service_name());
            let victim = check_in(&service).expect("a service");
            let honest = check_in(&target).expect("another");
            let path = path_of(&target);
            let before = number(&path);
            tell_name(&line, &service);
            tell_name(&line, &target);
            for id in 1..=3 {
                let begun = Instant::now();
                let mail = receive(victim);
                assert_eq!(mail.id(), id);
                assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
                let (port, _) = mail.only_port();
                assert_eq!(look_up(&target), Ok(honest), "claim {id}");
                // With the port goes what is its own, and nothing else.
                made::kill(port);
                assert_eq!(number(&path), before, "claim {id}");
                line.go();
            }
            let found = look_up(&target).expect("the name");
            Letter::to(found, MACH_MSG_TYPE_COPY_SEND).id(6).send();
            assert_eq!(drain(honest), [6]);
            line.go();
        },
        |line| {
            let (service, target) = (told_name(&line), told_name(&line));
            let link = link_to(&service);
            let folder = tempfile::tempdir().expect("a folder");
            let elsewhere = at(&folder.path().join("port"));
            claim(&link, 1, &[(&target, &elsewhere)]);
            line.wait();
            // The same path, said otherwise, is another's address.
            let name = format!("liar.{}", std::process::id());
            let address = UnixAddr::new_abstract(name.as_bytes()).expect("a name");
            claim(&link, 2, &[(&target, &listener(&address, 100))]);
            line.wait();
            // As many as a packet may have, and none that ever has room for one more.
            let full = listener(
                &UnixAddr::new(&folder.path().join("full")).expect("short"),
                0,
            );
            let names: Vec<_> = (0..200)
                .map(|n| if n % 2 == 0 { &elsewhere } else { &full })
                .map(|listener| (target.as_c_str(), listener))
                .collect();
            claim(&link, 3, &names);
            line.wait();
            line.wait();
        },
    );
}

#[test]
fn a_name_that_came_is_served_by_a_socket_of_its_new_holders_own() {
    two(
        "names::a_name_that_came_is_served_by_a_socket_of_its_new_holders_own",
        |line, _| {
            let service = service_name();
            let victim = check_in(&service).expect("a service");
            tell_name(&line, &service);
            let name = told_name(&line);
            let path = path_beside(&service, &name);
            let (port, _) = receive(victim).only_port();
            // The same port, and so the same name.
            assert_eq!(look_up(&name), Ok(port));
            line.go();
            assert_eq!(receive(port).id(), 4);
            line.wait();
            made::kill(port);
            assert_eq!(look_up(&name), Err(BOOTSTRAP_UNKNOWN_SERVICE));
            assert!(!path.parent().expect("a folder").exists());
            line.go();
        },
        |line| {
            let service = told_name(&line);
            let name = service_name();
            tell_name(&line, &name);
            let path = place_beside(&service, &name);
            let own = at(&path);
            let before = number(&path);
            // Whoever has connected before is taken over.
            let early = connection(&path);
            claim(&link_to(&service), 1, &[(&name, &own)]);
            line.wait();
            assert_ne!(number(&path), before);
            // What the liar kept takes up nobody any more, though it blocks.
            assert_eq!(accept(own.as_raw_fd()), Err(nix::Error::EINVAL));
            let found = look_up(&name).expect("the name");
            Letter::to(found, MACH_MSG_TYPE_COPY_SEND).id(4).send();
            assert!(!hung_up(&early));
            line.go();
            line.wait();
            assert!(hung_up(&early));
        },
    );
}

/// Where a name is, in the folder where another is.
fn path_beside(other: &CStr, name: &CStr) -> PathBuf {
    let path = path_of(other);
    let folder = path.parent().and_then(Path::parent).expect("a folder");
    let folder = folder.join(name.to_str().expect("ASCII"));
    folder.join(path.file_name().expect("a file"))
}

fn hung_up(link: &OwnedFd) -> bool {
    use std::os::fd::AsFd;
    let mut watched = [PollFd::new(link.as_fd(), PollFlags::empty())];
    poll(&mut watched, 0u8).expect("a socket") == 1
}

#[test]
fn a_shared_socket_that_blocks_holds_nobody_up() {
    const ROUNDS: i32 = 20;
    two(
        "names::a_shared_socket_that_blocks_holds_nobody_up",
        |line, _| {
            let service = service_name();
            let (victim, other) = (
                check_in(&service).expect("a service"),
                made::port_with_send(),
            );
            tell_name(&line, &service);
            for id in 0..ROUNDS {
                let begun = Instant::now();
                let mail = receive(victim);
                assert_eq!(mail.id(), id);
                Letter::to(other, MACH_MSG_TYPE_COPY_SEND).id(id).send();
                assert_eq!(drain(other), [id]);
                made::kill(mail.only_port().0);
                assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
                line.go();
            }
        },
        |line| {
            let service = told_name(&line);
            let link = link_to(&service);
            for id in 0..ROUNDS {
                let name = service_name();
                let path = place_beside(&service, &name);
                let own = Arc::new(at(&path));
                let over = Arc::new(AtomicBool::new(false));
                // They take up who connects, before the victim does.
                let thieves: Vec<_> = (0..2)
                    .map(|_| {
                        let (own, over) = (Arc::clone(&own), Arc::clone(&over));
                        std::thread::spawn(move || {
                            while !over.load(Ordering::Relaxed) {
                                if let Ok(stolen) = accept(own.as_raw_fd()) {
                                    // SAFETY: the kernel has just made it for this thread.
                                    drop(unsafe { OwnedFd::from_raw_fd(stolen) });
                                }
                            }
                        })
                    })
                    .collect();
                claim(&link, id, &[(&name, &own)]);
                line.wait();
                over.store(true, Ordering::Relaxed);
                // Those who wait are woken, if they have not been by the victim.
                let _ =
                    nix::sys::socket::shutdown(own.as_raw_fd(), nix::sys::socket::Shutdown::Both);
                for thief in thieves {
                    thief.join().expect("a thief");
                }
                let _ = fs::remove_dir_all(path.parent().expect("a folder"));
            }
        },
    );
}
