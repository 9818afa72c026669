//! Links of which a stranger has kept a copy: it reads that into memory that never comes, and so holds up whoever reads it.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use mach_ports::ffi::message::{MACH_MSG_TYPE_COPY_SEND, MACH_RCV_TIMED_OUT};
use nix::sys::socket::SockType;
use rendezvous_tests::letter::{Letter, drain, receive, receive_with};
use rendezvous_tests::raw::made;
use rendezvous_tests::second::{check_in, service_name, two_until_killed};

use super::packet::{Bytes, MESSAGE, RIGHT_NULL, RIGHT_RECEIVE, carrying, message, packet, right};
use super::socket::{self, link_to, pair};

const RECEIVE: u8 = 16;
/// How long a call may take that waits for nobody, on a machine that is busy with something else.
const SOON: Duration = Duration::from_secs(20);

/// A page that never comes: whoever touches it waits until this process ends. `None` where the system does not grant that.
fn nowhere() -> Option<usize> {
    const UFFDIO_API: libc::Ioctl = 0xc018_aa3f_u64 as libc::Ioctl;
    const UFFDIO_REGISTER: libc::Ioctl = 0xc020_aa00_u64 as libc::Ioctl;
    const MISSING: u64 = 1;
    // SAFETY: takes a number only.
    let fd = unsafe { libc::syscall(libc::SYS_userfaultfd, libc::O_CLOEXEC) };
    if fd < 0 {
        eprintln!(
            "not tested: userfaultfd: {}",
            std::io::Error::last_os_error()
        );
        return None;
    }
    // SAFETY: the kernel has just made it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd as i32) };
    let (protection, flags) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
    );
    // SAFETY: the kernel chooses the place.
    let at = unsafe { libc::mmap(null_mut(), 4096, protection, flags, -1, 0) };
    assert_ne!(at, libc::MAP_FAILED);
    let mut api = [0xaa_u64, 0, 0];
    let mut range = [at as u64, 4096, MISSING, 0];
    // SAFETY: both structures of `linux/userfaultfd.h` are as long as these.
    let set = unsafe {
        libc::ioctl(fd.as_raw_fd(), UFFDIO_API, api.as_mut_ptr()) == 0
            && libc::ioctl(fd.as_raw_fd(), UFFDIO_REGISTER, range.as_mut_ptr()) == 0
    };
    assert!(set, "{}", std::io::Error::last_os_error());
    std::mem::forget(fd);
    Some(at as usize)
}

/// A receive right with one link.
fn port(id: i32) -> Vec<u8> {
    let carried = right(RIGHT_RECEIVE, [0; 4])
        .then(Bytes::default().u32(5).u32(1).u32(0).u32(0))
        .then(Bytes::default().u64(77).u32(0))
        .then(right(RIGHT_NULL, [0; 4]))
        .then(right(RIGHT_NULL, [0; 4]));
    packet(MESSAGE, 0, 1, carrying(id, RECEIVE, carried))
}

/// Whether a thread of this process sleeps, and not because it waits for a message that has not come.
fn is_stuck(thread: i32) -> bool {
    let stack = std::fs::read_to_string(format!("/proc/self/task/{thread}/wchan"));
    stack.is_ok_and(|at| at.contains("userfault"))
}

#[test]
fn a_link_that_is_held_up_keeps_no_call_and_no_deadline() {
    two_until_killed(
        "shared::a_link_that_is_held_up_keeps_no_call_and_no_deadline",
        |line, _| {
            let service = service_name();
            let victim = check_in(&service).expect("a service");
            let other = made::port_with_send();
            line.letter().inline(service.to_bytes_with_nul()).send();
            if line.next().id() == 0 {
                return;
            }
            for _ in 0..3 {
                let (held, _) = receive(victim).only_port();
                line.wait();
                let begun = Instant::now();
                // Its own receiver has a deadline, too.
                let waited = receive_with(held, 0, 50).map(|mail| mail.id());
                assert_eq!(waited, Err(MACH_RCV_TIMED_OUT));
                Letter::to(other, MACH_MSG_TYPE_COPY_SEND).id(7).send();
                assert_eq!(drain(other), [7]);
                let waited = receive_with(other, 0, 1).map(|mail| mail.id());
                assert_eq!(waited, Err(MACH_RCV_TIMED_OUT));
                made::kill(held);
                assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
                line.go();
            }
        },
        |line| {
            let service = line.next().inline();
            let service = CStr::from_bytes_until_nul(&service).expect("a name");
            let Some(_) = nowhere() else {
                line.letter().id(0).send();
                return;
            };
            line.letter().id(1).send();
            let link = link_to(service);
            for _ in 0..3 {
                let (theirs, kept) = pair(SockType::SeqPacket);
                socket::send(&link, &port(1), &[&kept]);
                let plain = message(1, 0, 0, 0, 0).then(right(RIGHT_NULL, [0; 4]));
                let page = nowhere().expect("as before");
                socket::send(&theirs, &packet(MESSAGE, 0, 0, plain.clone()), &[]);
                let (tell, told) = std::sync::mpsc::channel();
                let reading = kept.try_clone().expect("a descriptor");
                std::thread::spawn(move || {
                    tell.send(nix::unistd::gettid().as_raw())
                        .expect("a listener");
                    // SAFETY: the page is this thread's alone, and is never there.
                    unsafe { libc::recv(reading.as_raw_fd(), page as *mut libc::c_void, 4096, 0) };
                });
                let thread = told.recv().expect("a thread");
                let begun = Instant::now();
                while !is_stuck(thread) {
                    assert!(begun.elapsed() < SOON, "the reader is not held up");
                    std::thread::yield_now();
                }
                socket::send(&theirs, &packet(MESSAGE, 0, 0, plain), &[]);
                line.go();
                line.wait();
                std::mem::forget(theirs);
            }
            line.wait();
        },
    );
}
