//! What regions cost in descriptors.

use std::os::fd::AsRawFd;

use embedded_mach::message::MACH_SEND_NO_BUFFER;

use crate::alone::alone;
use crate::parcel::Port;
use crate::region::{LARGE, Memory, descriptors};

fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The number that the next descriptor gets: those in use need not be the lowest, since some may have been inherited.
fn lowest_free() -> usize {
    std::fs::File::open("/dev/null").unwrap().as_raw_fd() as usize
}

fn limit() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` can be written.
    let asked = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    assert_eq!(asked, 0);
    limit.rlim_cur as usize
}

fn set_limit(of: libc::__rlimit_resource_t, soft: usize) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a live local.
    unsafe {
        assert_eq!(libc::getrlimit(of, &mut limit), 0);
        limit.rlim_cur = soft as libc::rlim_t;
        assert_eq!(libc::setrlimit(of, &limit), 0);
    }
}

#[test]
fn they_take_a_part_of_the_descriptors_and_give_them_back() {
    alone(
        "budget::they_take_a_part_of_the_descriptors_and_give_them_back",
        || {
            // The library's first use raises the limit.
            drop(Memory::new(LARGE));
            set_limit(libc::RLIMIT_NOFILE, 256);
            let before = open();
            let many: Vec<_> = (0..300).map(|n| Memory::filled(LARGE, n)).collect();
            assert_eq!(open() - before, limit() / 8);
            assert!((0..300).zip(&many).all(|(n, memory)| memory.is_filled(n)));
            drop(many);
            assert_eq!(open(), before);
        },
    );
}

#[test]
fn what_the_program_unmaps_itself_is_given_back() {
    alone(
        "budget::what_the_program_unmaps_itself_is_given_back",
        || {
            drop(Memory::new(LARGE));
            let before = open();
            let mut files = Vec::new();
            for _ in 0..200 {
                let memory = Memory::filled(LARGE, 1);
                files.push(memory.file(0));
                let at = memory.address as *mut libc::c_void;
                // SAFETY: the memory is the test's own.
                assert_eq!(unsafe { libc::munmap(at, LARGE as usize) }, 0);
                memory.forget();
                // So that the next one has another place.
                std::mem::forget(Memory::new(64 << 12));
            }
            let left: usize = files.iter().map(|&file| descriptors(file).len()).sum();
            assert!(left <= 128, "{left} of 200");
            assert!(open() - before <= limit() / 8);
        },
    );
}

#[test]
fn without_descriptors_memory_is_as_other_memory() {
    alone(
        "budget::without_descriptors_memory_is_as_other_memory",
        || {
            drop(Memory::new(LARGE));
            set_limit(libc::RLIMIT_NOFILE, lowest_free());
            let memory = Memory::filled(LARGE, 1);
            set_limit(libc::RLIMIT_NOFILE, 256);
            assert_eq!(memory.file(0), 0);
            assert!(memory.is_filled(1));
        },
    );
}

/// A signal kills the process that makes a file larger, and that the memory is in a file is the library's own affair.
#[test]
fn where_files_may_not_be_large_memory_is_as_other_memory() {
    alone(
        "budget::where_files_may_not_be_large_memory_is_as_other_memory",
        || {
            set_limit(libc::RLIMIT_FSIZE, 100 << 10);
            let (memory, port) = (Memory::filled(LARGE, 1), Port::new());
            assert_eq!(memory.file(0), 0);
            let sent = port.send(memory.address, LARGE, true);
            assert_eq!(sent, MACH_SEND_NO_BUFFER);
            assert!(memory.is_filled(1));
            let less = Memory::filled(64 << 10, 2);
            port.give(less);
            assert!(port.receive().is_filled(2));
        },
    );
}
