//! Regions that the program has changed before it gives them away, by Mach's calls and by Linux's.

use embedded_mach::kern_return::{KERN_INVALID_ADDRESS, KERN_SUCCESS};
use embedded_mach::message::*;
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::{
    mach_vm_allocate, mach_vm_copy, mach_vm_inherit, mach_vm_protect, mach_vm_read,
};
use embedded_mach::vm_inherit::{VM_INHERIT_COPY, VM_INHERIT_NONE};
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::{VM_FLAGS_FIXED, VM_FLAGS_OVERWRITE};

use crate::alone::alone;
use crate::parcel::Port;
use crate::region::{LARGE, Memory, page};

fn protect(memory: &Memory, at: u64, len: u64, protection: vm_prot_t) {
    // SAFETY: the memory is the test's own.
    let code =
        unsafe { mach_vm_protect(mach_task_self(), memory.address + at, len, 0, protection) };
    assert_eq!(code, KERN_SUCCESS);
}

#[test]
fn what_can_be_read_goes_whatever_else_it_allows() {
    for (at, len) in [(0, LARGE), (page(), page())] {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        protect(&memory, at, len, VM_PROT_READ);
        protect(&memory, at, len, VM_PROT_READ | VM_PROT_COPY);
        let file = memory.file(0);
        port.give(memory);
        let received = port.receive();
        assert_eq!(received.file(0), file);
        assert!(received.is_filled(7));
        received.put(at, 1);
    }
}

#[test]
fn what_cannot_be_read_does_not_go() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    protect(&memory, page(), page(), VM_PROT_NONE);
    let sent = port.send(memory.address, LARGE, true);
    assert_eq!(sent, MACH_SEND_INVALID_MEMORY);
    protect(&memory, page(), page(), VM_PROT_DEFAULT);
    assert!(memory.is_filled(7));
    port.give(memory);
    assert!(port.receive().is_filled(7));
}

#[test]
fn what_the_program_has_unmapped_does_not_go() {
    alone("changed::what_the_program_has_unmapped_does_not_go", || {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        let middle = (memory.address + page()) as *mut libc::c_void;
        // SAFETY: the page is the test's own.
        assert_eq!(unsafe { libc::munmap(middle, page() as usize) }, 0);
        let sent = port.send(memory.address, LARGE, true);
        assert_eq!(sent, MACH_SEND_INVALID_MEMORY);
        assert_eq!([memory.get(0), memory.get(2 * page())], [7, 7 + 2 * page()]);
    });
}

#[test]
fn what_the_program_has_mapped_in_its_place_goes() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let middle = (memory.address + page()) as *mut libc::c_void;
    let (rw, how) = (
        libc::PROT_READ | libc::PROT_WRITE,
        libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
    );
    // SAFETY: the page is the test's own.
    let made = unsafe { libc::mmap(middle, page() as usize, rw, how, -1, 0) };
    assert_eq!(made, middle);
    memory.put(page() + 8, 1);
    port.give(memory);
    let received = port.receive();
    assert_eq!(
        [0, 1, 2].map(|n| received.get(n * page())),
        [7, 0, 7 + 2 * page()]
    );
    assert_eq!(received.get(page() + 8), 1);
}

#[test]
fn fresh_memory_in_its_place_goes() {
    for len in [page(), LARGE / 2] {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        let mut address = memory.address + page();
        let flags = VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE;
        // SAFETY: what is replaced is the test's own.
        let code = unsafe { mach_vm_allocate(mach_task_self(), &mut address, len, flags) };
        assert_eq!(code, KERN_SUCCESS);
        memory.put(page() + 8, 1);
        port.give(memory);
        let received = port.receive();
        assert_eq!([received.get(0), received.get(page())], [7, 0]);
        assert_eq!(received.get(page() + 8), 1);
        assert_eq!(received.get(LARGE - page()), 7 + LARGE - page());
    }
}

#[test]
fn copies_into_it_and_out_of_it() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let (half, task) = (LARGE / 2, port_of_task());
    let (mut data, mut count) = (0, 0);
    // SAFETY: the memory is the test's own; the out-parameters can be written.
    unsafe {
        let (from, to) = (memory.address, memory.address + half);
        assert_eq!(mach_vm_copy(task, from, half, to), KERN_SUCCESS);
        let code = mach_vm_read(task, from, LARGE, &mut data, &mut count);
        assert_eq!(code, KERN_SUCCESS);
    }
    let read = Memory::received(data as u64, u64::from(count));
    memory.put(0, 1);
    protect(&memory, half, half, VM_PROT_READ);
    // SAFETY: as above.
    let code = unsafe { mach_vm_copy(task, data as u64, 8, memory.address + half) };
    assert_eq!(code, KERN_INVALID_ADDRESS);
    port.give(memory);
    let received = port.receive();
    assert_eq!([received.get(0), received.get(half)], [1, 7]);
    assert_eq!([read.get(0), read.get(half)], [7, 7]);
}

fn port_of_task() -> u32 {
    // SAFETY: no argument could be wrong.
    unsafe { mach_task_self() }
}

#[test]
fn it_goes_whatever_children_would_get() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    for how in [VM_INHERIT_NONE, VM_INHERIT_COPY, VM_INHERIT_NONE] {
        // SAFETY: the memory is the test's own.
        let code = unsafe { mach_vm_inherit(port_of_task(), memory.address, LARGE, how) };
        assert_eq!(code, KERN_SUCCESS);
    }
    let file = memory.file(0);
    port.give(memory);
    let received = port.receive();
    assert_eq!(received.file(0), file);
    assert!(received.is_filled(7));
}
