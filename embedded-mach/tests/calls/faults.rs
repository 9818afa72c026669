//! What reading, writing and copying call memory that they cannot use.

use embedded_mach::kern_return::*;
use embedded_mach::message::MACH_SEND_INVALID_MEMORY;
use embedded_mach::vm::*;
use embedded_mach::vm_prot::*;

use super::support::{Pages, in_child, ok, page, task};

const NOWHERE: u64 = 64;

fn allow(address: u64, protection: vm_prot_t) {
    // SAFETY: the pages are the test's own.
    ok(unsafe { mach_vm_protect(task(), address, page(), 0, protection) });
}

fn unmap(address: u64) {
    // SAFETY: the page is not used again.
    ok(unsafe { mach_vm_deallocate(task(), address, page()) });
}

fn copy(from: u64, len: u64, to: u64) -> kern_return_t {
    // SAFETY: every destination is the test's own, or refused.
    unsafe { mach_vm_copy(task(), from, len, to) }
}

fn overwrite(from: u64, len: u64, to: u64) -> kern_return_t {
    let mut size = 0;
    // SAFETY: as above.
    unsafe { mach_vm_read_overwrite(task(), from, len, to, &mut size) }
}

fn write(from: u64, len: u64, to: u64) -> kern_return_t {
    // SAFETY: as above.
    unsafe { mach_vm_write(task(), to, from as usize, len as u32) }
}

fn read(from: u64, len: u64) -> Result<(u64, u64), kern_return_t> {
    let (mut data, mut count) = (0, 0);
    // SAFETY: both can be written.
    match unsafe { mach_vm_read(task(), from, len, &mut data, &mut count) } {
        KERN_SUCCESS => Ok((data as u64, u64::from(count))),
        code => Err(code),
    }
}

#[test]
fn under_two_pages_a_protected_page_is_an_invalid_address() {
    let pages = Pages::new(3);
    let closed = pages.address + page();
    allow(closed, VM_PROT_NONE);
    let most = 2 * page() - 1;
    for (from, len, to) in [
        (closed, 1, pages.address),
        (pages.address, 1, closed),
        (pages.address + 1, most, pages.address + 2 * page()),
    ] {
        assert_eq!(copy(from, len, to), KERN_INVALID_ADDRESS);
        assert_eq!(overwrite(from, len, to), KERN_INVALID_ADDRESS);
    }
    assert_eq!(write(pages.address, 1, closed), KERN_INVALID_ADDRESS);
    assert_eq!(read(pages.address + 1, most), Err(KERN_INVALID_ADDRESS));
    allow(closed, VM_PROT_READ);
    assert_eq!(copy(pages.address, most, closed), KERN_INVALID_ADDRESS);
}

#[test]
fn from_two_pages_on_the_first_page_at_fault_decides() {
    // In a child, whose memory no other thread maps anything in.
    assert!(in_child(|| {
        let (pages, others) = (Pages::new(3), Pages::new(3));
        let len = 3 * page();
        let closed_then_gone = pages.address;
        allow(pages.address, VM_PROT_READ);
        unmap(pages.address + 2 * page());
        let protected = [
            copy(others.address, len, closed_then_gone),
            write(others.address, len, closed_then_gone),
        ];
        unmap(pages.address);
        allow(pages.address + page(), VM_PROT_NONE);
        let missing = [
            copy(others.address, len, pages.address),
            copy(pages.address, len, others.address),
            overwrite(pages.address, len, others.address),
            write(others.address, len, pages.address),
            read(pages.address, len).err().unwrap_or(KERN_SUCCESS),
        ];
        let closed = read(pages.address + page(), 2 * page());
        std::mem::forget((pages, others));
        protected == [KERN_PROTECTION_FAILURE; 2]
            && missing == [KERN_INVALID_ADDRESS; 5]
            && closed == Err(KERN_PROTECTION_FAILURE)
    }));
}

#[test]
fn ranges_that_wrap_are_invalid_addresses() {
    let pages = Pages::new(1);
    let (at, last) = (pages.address, page().wrapping_neg());
    for (from, len, to) in [
        (at, u64::MAX, NOWHERE),
        (last, 2 * page(), at),
        (at, page(), last),
        (at, 1, u64::MAX),
    ] {
        assert_eq!(copy(from, len, to), KERN_INVALID_ADDRESS);
        assert_eq!(overwrite(from, len, to), KERN_INVALID_ADDRESS);
    }
    assert_eq!(read(last, 2 * page()), Err(KERN_INVALID_ADDRESS));
    assert_eq!(read(u64::MAX, 1), Err(KERN_INVALID_ADDRESS));
    assert_eq!(write(at, 8, u64::MAX - 4), KERN_INVALID_ADDRESS);
    assert_eq!(read(u64::MAX, 0), Ok((0, 0)));
}

#[test]
fn data_to_be_written_that_cannot_be_read_is_a_message_that_cannot_be_sent() {
    let pages = Pages::new(2);
    for len in [1, 3 * page()] {
        assert_eq!(write(NOWHERE, len, pages.address), MACH_SEND_INVALID_MEMORY);
    }
    let wraps = u64::MAX - 1;
    assert_eq!(write(wraps, 8, pages.address), MACH_SEND_INVALID_MEMORY);
    allow(pages.address, VM_PROT_NONE);
    assert_eq!(
        write(pages.address, 1, pages.address + page()),
        MACH_SEND_INVALID_MEMORY
    );
    // The data is looked at before its destination.
    assert_eq!(write(NOWHERE, 1, NOWHERE), MACH_SEND_INVALID_MEMORY);
    ok(write(NOWHERE, 0, NOWHERE));
}

#[test]
fn a_read_of_two_pages_keeps_the_offset_in_the_page() {
    let pages = Pages::new(4);
    pages.put(40, 1);
    pages.put(40 + 2 * page(), 2);
    let (at, len) = read(pages.address + 40, 2 * page() + 1).unwrap();
    let copied = Pages::mapped(at, len);
    assert_eq!((at % page(), copied.get(0)), (40, 1));
    assert_eq!(copied.get(2 * page()), 2);
    let (at, len) = read(pages.address + 40, 2 * page() - 1).unwrap();
    let copied = Pages::mapped(at, len);
    assert_eq!((at % page(), copied.get(0)), (0, 1));
}

#[test]
fn ranges_without_bytes_or_at_the_very_end() {
    let (last, this) = (page().wrapping_neg(), task());
    // SAFETY: nothing is there to be changed.
    unsafe {
        ok(mach_vm_deallocate(this, last, page() - 1));
        ok(mach_vm_deallocate(this, 0, u64::MAX));
        ok(mach_vm_deallocate(this, u64::MAX, 0));
        let code = mach_vm_deallocate(this, last, page());
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        ok(mach_vm_protect(this, u64::MAX, 0, 0, VM_PROT_READ));
        ok(mach_vm_protect(this, u64::MAX, 0, 0, 0x4000));
        let code = mach_vm_protect(this, u64::MAX, 1, 0, 0x4000);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        let code = mach_vm_protect(this, last, page() - 1, 0, VM_PROT_READ);
        assert_eq!(code, KERN_INVALID_ADDRESS);
    }
}
