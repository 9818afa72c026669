//! What cannot go as it is: parts, and what others have mapped.

use std::os::fd::AsRawFd;

use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::mach_port::mach_port_deallocate;
use embedded_mach::message::MACH_MSG_SUCCESS;
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::{mach_make_memory_entry_64, mach_vm_remap};
use embedded_mach::vm_inherit::VM_INHERIT_NONE;
use embedded_mach::vm_prot::VM_PROT_DEFAULT;
use embedded_mach::vm_statistics::VM_FLAGS_ANYWHERE;

use crate::parcel::Port;
use crate::region::{LARGE, Memory, descriptors, inode, page};

#[test]
fn a_part_is_copied_and_the_rest_stays() {
    for (from, to) in [(0, LARGE / 2), (LARGE / 2, LARGE), (LARGE / 4, LARGE / 2)] {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        let (address, file) = (memory.address, memory.file(0));
        let sent = port.send(address + from, to - from, true);
        assert_eq!(sent, MACH_MSG_SUCCESS);
        let received = port.receive();
        assert_ne!(received.file(0), file);
        assert!(received.is_filled(7 + from));
        memory.forget();
        for at in (0..LARGE).step_by(page() as usize) {
            let stays = !(from..to).contains(&at);
            assert_eq!(inode(address + at) == Some(file), stays);
        }
        for part in [0..from, to..LARGE] {
            let rest = Memory::received(address + part.start, part.end - part.start);
            assert!(rest.is_filled(7 + part.start));
        }
    }
}

#[test]
fn what_is_left_of_a_region_is_copied() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let (address, half, file) = (memory.address, LARGE / 2, memory.file(0));
    memory.forget();
    drop(Memory::received(address + half, half));
    let held = &descriptors(file)[0];
    use std::os::unix::fs::MetadataExt;
    // The part that is gone takes no memory.
    assert_eq!(held.metadata().unwrap().blocks() * 512, half);
    port.give(Memory::received(address, half));
    let received = port.receive();
    assert_ne!(received.file(0), file);
    assert!(received.is_filled(7));
}

fn remapped(memory: &Memory, at: u64, len: u64) -> Memory {
    let (mut address, mut current, mut maximum) = (0, 0, 0);
    // SAFETY: the out-parameters can be written; nobody writes to the source meanwhile.
    let code = unsafe {
        mach_vm_remap(
            mach_task_self(),
            &mut address,
            len,
            0,
            VM_FLAGS_ANYWHERE,
            mach_task_self(),
            memory.address + at,
            0,
            &mut current,
            &mut maximum,
            VM_INHERIT_NONE,
        )
    };
    assert_eq!(code, KERN_SUCCESS);
    Memory::received(address, len)
}

#[test]
fn what_is_mapped_twice_is_copied() {
    for (at, len) in [(0, LARGE), (page(), 2 * page())] {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        let file = memory.file(0);
        let again = remapped(&memory, at, len);
        // All of it is shared as it is; of a part others see the part.
        assert_eq!(again.file(0) == file, len == LARGE);
        again.put(0, 1);
        assert_eq!(memory.get(at), 1);
        port.give(memory);
        let received = port.receive();
        assert_ne!(received.file(0), file);
        again.put(0, 2);
        assert_eq!((received.get(at), again.get(0)), (1, 2));
        assert_eq!(received.get(LARGE / 2), 7 + LARGE / 2);
        drop(again);
        assert!(descriptors(file).is_empty());
    }
}

#[test]
fn what_an_entry_leads_to_is_copied() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let (mut size, mut entry) = (LARGE, 0);
    // SAFETY: both can be written; nobody writes to the memory meanwhile.
    let code = unsafe {
        let (task, at) = (mach_task_self(), memory.address);
        mach_make_memory_entry_64(task, &mut size, at, VM_PROT_DEFAULT, &mut entry, 0)
    };
    assert_eq!((code, size), (KERN_SUCCESS, LARGE));
    let file = memory.file(0);
    port.give(memory);
    let received = port.receive();
    assert_ne!(received.file(0), file);
    assert!(received.is_filled(7));
    // SAFETY: takes names.
    let released = unsafe { mach_port_deallocate(mach_task_self(), entry) };
    assert_eq!(released, KERN_SUCCESS);
}

/// A mapping that the program made by itself of the library's file.
#[test]
fn what_the_kernel_does_not_seal_is_copied() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let (address, file) = (memory.address, memory.file(0));
    let fd = descriptors(file).pop().unwrap();
    let (rw, len) = (libc::PROT_READ | libc::PROT_WRITE, LARGE as usize);
    // SAFETY: a new mapping at a place of the kernel's choice.
    let view = unsafe {
        let anywhere = std::ptr::null_mut();
        libc::mmap(anywhere, len, rw, libc::MAP_SHARED, fd.as_raw_fd(), 0)
    };
    assert_ne!(view, libc::MAP_FAILED);
    let view = Memory::received(view as u64, LARGE);
    port.give(memory);
    assert_ne!(inode(address), Some(file));
    let received = port.receive();
    view.put(0, 1);
    assert_ne!(received.file(0), file);
    assert!(received.is_filled(7));
}
