//! All of a region.

use std::time::Instant;

use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::message::*;
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::mach_vm_map;
use embedded_mach::vm_inherit::VM_INHERIT_COPY;
use embedded_mach::vm_prot::VM_PROT_DEFAULT;
use embedded_mach::vm_statistics::VM_FLAGS_ANYWHERE;

use crate::alone::alone;
use crate::parcel::Port;
use crate::region::{LARGE, Memory, descriptors, inode, page};

#[test]
fn it_goes_as_it_is_and_is_the_receivers_own() {
    let port = Port::new();
    for len in [64 << 10, LARGE, 3 << 20] {
        let memory = Memory::filled(len, 7);
        let (address, file) = (memory.address, memory.file(0));
        assert_ne!(file, 0);
        port.give(memory);
        assert_ne!(inode(address), Some(file), "the sender has it no more");
        let received = port.receive();
        assert_eq!((received.file(0), received.len), (file, len));
        assert!(received.is_filled(7));
        received.put(0, 1);
        assert_eq!(received.get(0), 1);
        assert!(descriptors(file).is_empty());
    }
}

#[test]
fn memory_without_an_object_is_as_fresh_memory_is() {
    let mut address = 0;
    // SAFETY: `address` can be written.
    let code = unsafe {
        mach_vm_map(
            mach_task_self(),
            &mut address,
            LARGE,
            LARGE - 1,
            VM_FLAGS_ANYWHERE,
            0,
            0,
            0,
            VM_PROT_DEFAULT,
            VM_PROT_DEFAULT,
            VM_INHERIT_COPY,
        )
    };
    assert_eq!((code, address % LARGE), (KERN_SUCCESS, 0));
    let memory = Memory::received(address, LARGE);
    memory.put(8, 3);
    let (port, file) = (Port::new(), memory.file(0));
    port.give(memory);
    let received = port.receive();
    assert_eq!((received.file(0), received.get(8)), (file, 3));
}

#[test]
fn what_is_behind_the_length_does_not_go_along() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    let (file, rest) = (memory.file(0), LARGE - 16);
    memory.put(rest - 8, 5);
    memory.put(rest, 6);
    assert_eq!(port.send(memory.address, rest, true), MACH_MSG_SUCCESS);
    memory.forget();
    let received = port.receive();
    assert_eq!((received.file(0), received.len), (file, rest));
    let page_of_it = Memory::received(received.address, LARGE);
    received.forget();
    assert_eq!([page_of_it.get(rest - 8), page_of_it.get(rest)], [5, 0]);
}

#[test]
fn it_is_given_once() {
    alone("whole::it_is_given_once", || {
        let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
        let address = memory.address;
        port.give(memory);
        assert_eq!(port.send(address, LARGE, true), MACH_SEND_INVALID_MEMORY);
        assert!(port.receive().is_filled(7));
    });
}

#[test]
fn what_stays_is_copied() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    assert_eq!(port.send(memory.address, LARGE, false), MACH_MSG_SUCCESS);
    memory.put(0, 1);
    let received = port.receive();
    assert_ne!(received.file(0), memory.file(0));
    assert!(received.is_filled(7));
    assert_eq!(memory.get(0), 1);
}

#[test]
fn what_was_received_can_be_given_again() {
    let (memory, port) = (Memory::filled(LARGE, 7), Port::new());
    port.give(memory);
    let once = port.receive();
    once.put(page(), 1);
    port.give(once);
    let twice = port.receive();
    assert_eq!([twice.get(0), twice.get(page())], [7, 1]);
}

#[test]
fn little_memory_goes_by_its_bytes() {
    let (memory, port) = (Memory::filled(page(), 7), Port::new());
    assert_eq!(memory.file(0), 0);
    port.give(memory);
    assert!(port.receive().is_filled(7));
}

/// The most that a descriptor can say, with something in few places only.
#[test]
fn four_gibibytes_less_one_are_no_more_than_what_was_written() {
    const MOST: u64 = (4 << 30) - 1;
    let places = [0, 1 << 30, MOST / page() * page() - 8, MOST - 8];
    let blocks = |file: u64| -> u64 {
        use std::os::unix::fs::MetadataExt;
        let all = descriptors(file);
        all.iter().map(|fd| fd.metadata().unwrap().blocks()).sum()
    };
    let (memory, port, began) = (Memory::new(MOST), Port::new(), Instant::now());
    let file = memory.file(0);
    for at in places {
        memory.put(at, at + 1);
    }
    // Copied, neither of the two gets more than that.
    assert_eq!(port.send(memory.address, MOST, false), MACH_MSG_SUCCESS);
    let copied = port.receive();
    assert_ne!(copied.file(0), file);
    assert!(blocks(file) <= places.len() as u64 * (2 << 20) / 512);
    port.give(memory);
    let received = port.receive();
    assert_eq!((received.file(0), received.len), (file, MOST));
    for at in places {
        assert_eq!((received.get(at), copied.get(at)), (at + 1, at + 1));
    }
    assert_eq!(received.get(2 << 30), 0);
    // Less than reading as much once would take.
    assert!(began.elapsed().as_secs_f64() < 5.0);
}
