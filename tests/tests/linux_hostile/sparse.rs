//! Files that say to be large and have next to nothing.

use std::os::fd::OwnedFd;

use mach_ports::ffi::message::{
    MACH_MSG_SUCCESS, MACH_MSG_VM_SPACE, MACH_RCV_BODY_ERROR, MACH_RCV_LARGE, MACH_RCV_MSG,
    MACH_RCV_TIMEOUT, MACH_RCV_TOO_LARGE,
};
use mach_ports::ffi::port::mach_port_name_t;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use rendezvous_tests::holding::descriptors;
use rendezvous_tests::letter::{Buffer, SOON, receive, receive_with};
use rendezvous_tests::second::{alone, serve, told_name, two};

use super::packet::{BULK, Bytes, MESSAGE, RIGHT_NULL, item, message, packet, right, with_length};
use super::socket::{self, link_to};

/// The body of a message, a little less than the most.
const BODY: u32 = 47 << 20;
/// Memory out of line.
const MEMORY: u32 = 1 << 30;
const LINKS: i32 = 2;
const EACH: i32 = 100;
/// What all of it may take of the victim's memory.
const LITTLE: u64 = 16 << 20;

fn null() -> Bytes {
    right(RIGHT_NULL, [0; 4])
}

/// A sealed memfd of a size, with some bytes at its beginning.
fn sealed(bytes: &[u8], size: u64) -> OwnedFd {
    let fd = memfd_create(c"lie", MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING);
    let fd = fd.expect("a memfd");
    nix::unistd::write(&fd, bytes).expect("room");
    nix::unistd::ftruncate(&fd, size as i64).expect("its size");
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE;
    fcntl(&fd, FcntlArg::F_ADD_SEALS(seals)).expect("seals");
    fd
}

/// A long message without anything in its body, in a memfd, and the packet that it goes with.
fn long(id: i32) -> (Vec<u8>, OwnedFd) {
    let head = message(id, 0, 0, BODY, 0).then(null()).0;
    let length = head.len() as u32 + BODY;
    let bulk = sealed(&head, u64::from(length));
    (
        with_length(MESSAGE, BULK, length, 0, Bytes::default()),
        bulk,
    )
}

/// A number of `/proc/self/status`, in bytes.
fn status(field: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("it");
    let line = text.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_ascii_whitespace().nth(1));
    number.expect("the field").parse::<u64>().expect("a number") << 10
}

fn receive_into(buffer: &mut Buffer, from: mach_port_name_t, option: i32) -> i32 {
    let len = buffer.len();
    buffer.mach_msg(MACH_RCV_MSG | MACH_RCV_TIMEOUT | option, 0, len, from, SOON)
}

/// Lets this process have no more than so much more memory of its own, also in what the allocator has reserved.
fn bound(more: u64) {
    let (_, hard) = getrlimit(Resource::RLIMIT_DATA).expect("a limit");
    let soft = status("VmData:") + more;
    setrlimit(Resource::RLIMIT_DATA, soft, hard).expect("below the hard one");
}

#[test]
fn long_messages_take_no_memory_before_they_are_received() {
    const TEST: &str = "sparse::long_messages_take_no_memory_before_they_are_received";
    // Alone, for the memory of the whole process counts.
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let mut room = Buffer::new(BODY as usize + 4096);
                let victim = serve(&line);
                line.wait();
                let before_open = descriptors();
                let before = status("VmHWM:");
                // There is not even room for one.
                bound(LITTLE);
                let code = receive_with(victim, MACH_RCV_LARGE, SOON).map(|mail| mail.id());
                assert_eq!(code, Err(MACH_RCV_TOO_LARGE));
                // As much has been read as one message may have, and what one has beyond.
                let open = descriptors();
                let most = LINKS as usize * ((4 << 30) / BODY as usize + 2);
                assert!(open - before_open <= most, "{open} - {before_open}");
                for _ in 0..LINKS * EACH {
                    let code = receive_with(victim, 0, SOON).map(|mail| mail.id());
                    assert_eq!(code, Err(MACH_RCV_TOO_LARGE));
                }
                let code = receive_into(&mut room, victim, 0);
                assert_eq!(code, MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
                assert_eq!((room.size(), room.id()), (24, EACH));
                let grown = status("VmHWM:") - before;
                assert!(grown < LITTLE, "{grown} bytes");
                line.go();
                // Those who are honest are served as before, and so is this one once there is room.
                assert_eq!(receive(victim).id(), 1000);
                bound(256 << 20);
                line.go();
                assert_eq!(receive_into(&mut room, victim, 0), MACH_MSG_SUCCESS);
                assert_eq!((room.size(), room.id()), (24 + BODY as usize, 7));
                assert_eq!(room.u32_at(24), 0);
            },
            |line| {
                let service = told_name(&line);
                let links = [(); LINKS as usize].map(|()| link_to(&service));
                let (bytes, bulk) = long(EACH);
                for _ in 0..EACH {
                    for link in &links {
                        socket::send(link, &bytes, &[&bulk]);
                    }
                }
                socket::send(&links[0], &bytes, &[&bulk]);
                line.go();
                line.wait();
                let honest = link_to(&service);
                let plain = message(1000, 0, 0, 0, 0).then(null());
                socket::send(&honest, &packet(MESSAGE, 0, 0, plain), &[]);
                line.wait();
                let (bytes, bulk) = long(7);
                socket::send(&honest, &bytes, &[&bulk]);
            },
        )
    });
}

#[test]
fn memory_out_of_line_takes_none_at_all() {
    const TEST: &str = "sparse::memory_out_of_line_takes_none_at_all";
    alone(TEST, || {
        two(
            TEST,
            |line, _| {
                let victim = serve(&line);
                line.wait();
                let before = status("VmHWM:");
                bound(LITTLE);
                for _ in 0..EACH {
                    let mut buffer = Buffer::new(4096);
                    let code = receive_into(&mut buffer, victim, 0);
                    assert_eq!(code, MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
                }
                let grown = status("VmHWM:") - before;
                assert!(grown < LITTLE, "{grown} bytes");
                bound(2 * u64::from(MEMORY));
                line.go();
                let mail = receive(victim);
                let [rendezvous_tests::letter::Item::Memory(region)] = mail.items()[..] else {
                    panic!("memory");
                };
                assert_eq!(region.size, MEMORY);
                assert!(status("VmHWM:") - before < LITTLE);
            },
            |line| {
                let service = told_name(&line);
                let link = link_to(&service);
                let memory = sealed(&[1], u64::from(MEMORY));

                // One item, out of line and sealed.
                let payload = message(3, 1, 0, 20, 1)
                    .then(null())
                    .then(Bytes::default().u32(1).u64(0).u64(0))
                    .then(item(1, 0, 4, MEMORY));
                let bytes = packet(MESSAGE, 0, 1, payload);
                let send = || socket::send(&link, &bytes, &[&memory]);
                (0..EACH).for_each(|_| send());
                line.go();
                line.wait();
                send();
            },
        )
    });
}
