//! Forked children: each has a copy of its own, as of the fork.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use embedded_mach::kern_return::{KERN_INVALID_ADDRESS, KERN_SUCCESS};
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::{mach_vm_copy, mach_vm_inherit, mach_vm_protect};
use embedded_mach::vm_inherit::{VM_INHERIT_COPY, VM_INHERIT_NONE, VM_INHERIT_SHARE, vm_inherit_t};
use embedded_mach::vm_prot::VM_PROT_READ;

use crate::alone::{Child, alone};
use crate::parcel::Port;
use crate::region::{LARGE, Memory, inode, page};

#[test]
fn what_one_writes_the_other_does_not_see() {
    alone("forked::what_one_writes_the_other_does_not_see", || {
        let memory = Memory::filled(LARGE, 7);
        let file = memory.file(0);
        let (mut hold, mut release) = std::io::pipe().unwrap();
        let child = Child::forked(|| {
            let went_on = hold.read(&mut [0]).is_ok_and(|n| n == 1);
            let as_it_was = memory.is_filled(7);
            memory.put(page(), 2);
            // Its child has what it has.
            let inner = Child::forked(|| {
                let right = (memory.get(0), memory.get(page())) == (7, 2);
                memory.put(0, 3);
                right
            });
            went_on && as_it_was && inner.was_right() && memory.get(0) == 7
        });
        memory.put(0, 1);
        memory.put(LARGE - page(), 1);
        release.write_all(&[1]).unwrap();
        assert!(child.was_right());
        assert_eq!([0, page()].map(|at| memory.get(at)), [1, 7 + page()]);
        // From now on it leaves by a copy.
        let port = Port::new();
        port.give(memory);
        let received = port.receive();
        assert_ne!(received.file(0), file);
        assert_eq!([0, page()].map(|at| received.get(at)), [1, 7 + page()]);
    });
}

#[test]
fn what_is_allocated_later_goes_as_it_is() {
    alone("forked::what_is_allocated_later_goes_as_it_is", || {
        let before = Memory::filled(LARGE, 7);
        assert!(Child::forked(|| before.is_filled(7)).was_right());
        let (memory, port) = (Memory::filled(LARGE, 8), Port::new());
        let file = memory.file(0);
        port.give(memory);
        let received = port.receive();
        assert_eq!(received.file(0), file);
        assert!(received.is_filled(8) && before.is_filled(7));
    });
}

/// A thread writes all the time while the process forks again and again.
#[test]
fn nothing_that_is_written_meanwhile_is_lost() {
    alone("forked::nothing_that_is_written_meanwhile_is_lost", || {
        for round in 0..20 {
            let memory = Memory::filled(LARGE, 0);
            let (pages, done) = (LARGE / page(), AtomicBool::new(false));
            let memory = &memory;
            std::thread::scope(|scope| {
                let writer = scope.spawn(|| {
                    let mut count = 0;
                    while !done.load(Ordering::Relaxed) {
                        memory.put(count % pages * page() + 8, count + 1);
                        count += 1;
                    }
                    count
                });
                let children = (0..3).map(|_| {
                    let (mut hold, mut release) = std::io::pipe().unwrap();
                    let child = Child::forked(|| {
                        let sum =
                            || -> u64 { (0..pages).map(|n| memory.get(n * page() + 8)).sum() };
                        let before = sum();
                        hold.read(&mut [0]).is_ok_and(|n| n == 1) && sum() == before
                    });
                    release.write_all(&[1]).unwrap();
                    child.was_right()
                });
                let right = children.filter(|right| *right).count();
                // Before anything is found wrong, or the writer would never end.
                done.store(true, Ordering::Relaxed);
                assert_eq!(right, 3, "a child's copy changes");
                let count = writer.join().unwrap();
                for at in 0..pages.min(count) {
                    let last = (count - 1 - at) / pages * pages + at;
                    assert_eq!(memory.get(at * page() + 8), last + 1, "round {round}");
                }
            });
        }
    });
}

#[test]
fn what_parts_allow_stays_and_what_is_gone_stays_gone() {
    alone(
        "forked::what_parts_allow_stays_and_what_is_gone_stays_gone",
        || {
            let memory = Memory::filled(LARGE, 7);
            let (own, gone) = (memory.address + 2 * page(), memory.address + 4 * page());
            let (rw, how) = (
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
            );
            // SAFETY: the memory is this test's own.
            unsafe {
                let code = mach_vm_protect(task(), memory.address, page(), 0, VM_PROT_READ);
                assert_eq!(code, KERN_SUCCESS);
                let made = libc::mmap(own as *mut _, page() as usize, rw, how, -1, 0);
                assert_eq!(made, own as *mut _);
                assert_eq!(libc::munmap(gone as *mut _, page() as usize), 0);
            }
            memory.put(2 * page(), 1);
            let child = Child::forked(|| (memory.get(0), memory.get(2 * page())) == (7, 1));
            assert!(child.was_right());
            assert_eq!([inode(own), inode(gone)], [Some(0), None]);
            assert_eq!(
                [page(), 2 * page()].map(|at| memory.get(at)),
                [7 + page(), 1]
            );
            // SAFETY: as above.
            let code = unsafe { mach_vm_copy(task(), own, 8, memory.address) };
            assert_eq!(code, KERN_INVALID_ADDRESS);
        },
    );
}

fn task() -> u32 {
    // SAFETY: no argument could be wrong.
    unsafe { mach_task_self() }
}

fn inherit(memory: &Memory, at: u64, len: u64, how: vm_inherit_t) {
    // SAFETY: the memory is the test's own, and no other thread's.
    let code = unsafe { mach_vm_inherit(task(), memory.address + at, len, how) };
    assert_eq!(code, KERN_SUCCESS);
}

#[test]
fn children_get_of_each_part_what_was_said() {
    alone("forked::children_get_of_each_part_what_was_said", || {
        let memory = Memory::filled(LARGE, 7);
        inherit(&memory, 0, page(), VM_INHERIT_NONE);
        inherit(&memory, page(), page(), VM_INHERIT_SHARE);
        inherit(&memory, 2 * page(), 2 * page(), VM_INHERIT_NONE);
        inherit(&memory, 3 * page(), page(), VM_INHERIT_COPY);
        let mut state = 0;
        let mut is_there = |at: u64| {
            let at = (memory.address + at) as *mut libc::c_void;
            // SAFETY: only asks whether there is a page.
            unsafe { libc::mincore(at, 1, &mut state) == 0 }
        };
        for round in 0..2 {
            let child = Child::forked(|| {
                let there = [0, 1, 2, 3, 4].map(|n| is_there(n * page()));
                let right = there == [false, true, false, true, true];
                for n in [1, 3, 4] {
                    memory.put(n * page(), 100 + round);
                }
                right
            });
            assert!(child.was_right());
            assert_eq!(memory.get(page()), 100 + round, "shared");
            for n in [0, 2, 3, 4] {
                assert_eq!(memory.get(n * page()), 7 + n * page());
            }
        }
    });
}
