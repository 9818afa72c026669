//! Allocating, protecting, copying, and what forked children get.

use embedded_mach::extra::{
    vm_allocate, vm_copy, vm_deallocate, vm_inherit, vm_protect, vm_read, vm_read_overwrite,
    vm_write,
};
use embedded_mach::kern_return::*;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::{VM_INHERIT_COPY, VM_INHERIT_NONE, VM_INHERIT_SHARE};
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::{VM_FLAGS_ANYWHERE, VM_FLAGS_FIXED, VM_FLAGS_OVERWRITE};

use super::support::{Pages, in_child, ok, page, port, task};

/// An address at which nothing is or ever will be mapped.
const NOWHERE: u64 = 64;

fn protect(pages: &Pages, maximum: bool, protection: vm_prot_t) -> kern_return_t {
    let maximum = u32::from(maximum) as _;
    // SAFETY: the pages are the test's own.
    unsafe { mach_vm_protect(task(), pages.address, pages.len, maximum, protection) }
}

fn copy(from: u64, len: u64, to: u64) -> kern_return_t {
    // SAFETY: every destination is the test's own, or refused.
    unsafe { mach_vm_copy(task(), from, len, to) }
}

#[test]
fn fresh_pages_are_zeros_at_the_place_that_is_asked_for() {
    let pages = Pages::new(3);
    assert_eq!(
        (
            pages.address % page(),
            pages.get(0),
            pages.get(pages.len - 1)
        ),
        (0, 0, 0)
    );
    let middle = pages.address + page();
    let mut address = middle + 5;
    // SAFETY: `address` can be written; what is replaced is the test's own.
    unsafe {
        let code = mach_vm_allocate(task(), &mut address, 1, VM_FLAGS_FIXED);
        assert_eq!(code, KERN_NO_SPACE);
        pages.put(page(), 7);
        ok(mach_vm_allocate(
            task(),
            &mut address,
            1,
            VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
        ));
        assert_eq!((address, pages.get(page())), (middle, 0));
        ok(mach_vm_allocate(task(), &mut address, 0, VM_FLAGS_ANYWHERE));
        assert_eq!(address, 0);
        let code = mach_vm_allocate(task(), &mut address, page(), 1 << 20);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        let code = mach_vm_allocate(task(), &mut address, u64::MAX, VM_FLAGS_ANYWHERE);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
        ok(mach_vm_deallocate(task(), middle, 0));
        let code = mach_vm_deallocate(task(), middle, u64::MAX);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn another_task_is_none_that_could_be_worked_on() {
    let other = port();
    let mut address = 0;
    // SAFETY: the calls refuse before they do anything.
    unsafe {
        assert_ne!(
            mach_vm_allocate(other, &mut address, 1, VM_FLAGS_ANYWHERE),
            KERN_SUCCESS
        );
        assert_ne!(mach_vm_deallocate(other, NOWHERE, 1), KERN_SUCCESS);
        assert_ne!(mach_vm_copy(other, NOWHERE, 1, NOWHERE), KERN_SUCCESS);
        assert_ne!(
            mach_vm_protect(other, NOWHERE, 1, 0, VM_PROT_READ),
            KERN_SUCCESS
        );
    }
    super::support::release_port(other);
}

#[test]
fn protections_hold() {
    let pages = Pages::new(2);
    let there = Pages::new(2);
    let all = |from: &Pages, to: &Pages| copy(from.address, pages.len, to.address);
    ok(protect(&pages, false, VM_PROT_READ));
    assert_eq!(all(&there, &pages), KERN_PROTECTION_FAILURE);
    ok(protect(&pages, false, VM_PROT_NONE));
    assert_eq!(all(&pages, &there), KERN_PROTECTION_FAILURE);
    ok(protect(&pages, false, VM_PROT_DEFAULT));
    ok(all(&there, &pages));
    // The lower of what there is and the new maximum.
    ok(protect(&pages, true, VM_PROT_READ | VM_PROT_EXECUTE));
    assert_eq!(all(&there, &pages), KERN_PROTECTION_FAILURE);
    ok(all(&pages, &there));

    assert_eq!(protect(&pages, false, 0x4000), KERN_INVALID_ARGUMENT);
    // SAFETY: nothing is there to be changed.
    unsafe {
        let code = mach_vm_protect(task(), NOWHERE, 1, 0, VM_PROT_READ);
        assert_eq!(code, KERN_INVALID_ADDRESS);
        ok(mach_vm_protect(task(), NOWHERE, 0, 0, VM_PROT_READ));
        let code = mach_vm_protect(task(), 4096, u64::MAX, 0, VM_PROT_READ);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn copies_check_both_ends_and_may_overlap() {
    let pages = Pages::new(2);
    for offset in 0..16 {
        pages.put(offset, offset as u8);
    }
    ok(copy(pages.address, 16, pages.address + 4));
    assert_eq!([pages.get(3), pages.get(4), pages.get(19)], [3, 0, 15]);
    ok(copy(pages.address + 4, 16, pages.address));
    assert_eq!([pages.get(0), pages.get(15)], [0, 15]);

    assert_eq!(copy(NOWHERE, 8, pages.address), KERN_INVALID_ADDRESS);
    assert_eq!(copy(pages.address, 8, NOWHERE), KERN_INVALID_ADDRESS);
    ok(copy(NOWHERE, 0, NOWHERE));
    // A destination with a hole is left as it was. In a child, whose memory no other thread maps anything in.
    assert!(in_child(|| {
        let end = pages.address + pages.len;
        pages.put(0, 42);
        // SAFETY: the page is not used again.
        let gone = unsafe { mach_vm_deallocate(task(), end - page(), page()) };
        let refused = copy(pages.address, page(), end - page() - 8);
        (gone, refused) == (KERN_SUCCESS, KERN_INVALID_ADDRESS) && pages.get(page() - 8) == 0
    }));
}

#[test]
fn a_read_gives_a_copy_of_its_own() {
    let pages = Pages::new(1);
    pages.put(10, 1);
    let (mut data, mut count) = (0, 0);
    // SAFETY: both can be written.
    unsafe {
        ok(mach_vm_read(
            task(),
            pages.address + 10,
            100,
            &mut data,
            &mut count,
        ));
    }
    let read = Pages::mapped(data as u64, u64::from(count));
    pages.put(10, 2);
    assert_eq!((count, read.get(0), read.get(99)), (100, 1, 0));
    read.put(0, 3);
    assert_eq!(pages.get(10), 2);
    // SAFETY: as above.
    unsafe {
        let code = mach_vm_read(task(), NOWHERE, 1, &mut data, &mut count);
        assert_eq!(code, KERN_INVALID_ADDRESS);
        let code = mach_vm_read(task(), pages.address, 1 << 33, &mut data, &mut count);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn the_calls_of_pointer_size_are_the_same_calls() {
    let (mut address, mut data, mut count, mut size) = (0, 0, 0, 0);
    let len = page() as usize;
    // SAFETY: the out-parameters can be written, the pages are the test's own.
    unsafe {
        ok(vm_allocate(
            task(),
            &mut address,
            2 * len,
            VM_FLAGS_ANYWHERE,
        ));
        (address as *mut u8).write_volatile(5);
        ok(vm_copy(task(), address, 1, address + 1));
        ok(vm_read(task(), address, 2, &mut data, &mut count));
        assert_eq!((*(data as *const [u8; 2]), count), ([5, 5], 2));
        ok(vm_write(task(), address + len, data, count));
        ok(vm_read_overwrite(
            task(),
            address + len,
            2,
            address + 8,
            &mut size,
        ));
        assert_eq!((*((address + 8) as *const [u8; 2]), size), ([5, 5], 2));
        ok(vm_protect(task(), address, len, 0, VM_PROT_READ));
        assert_eq!(vm_copy(task(), data, 1, address), KERN_INVALID_ADDRESS);
        ok(vm_inherit(task(), address, len, VM_INHERIT_NONE));
        ok(vm_deallocate(task(), data, count as usize));
        ok(vm_deallocate(task(), address, 2 * len));
    }
}

fn inherit(pages: &Pages, how: u32) -> kern_return_t {
    // SAFETY: the pages are the test's own, and no other thread's.
    unsafe { mach_vm_inherit(task(), pages.address, pages.len, how) }
}

#[test]
fn children_get_a_copy_the_same_or_nothing() {
    let pages = [Pages::new(1), Pages::new(2), Pages::new(1)];
    for pages in &pages {
        pages.put(0, 1);
    }
    let [copied, shared, kept] = &pages;
    ok(inherit(copied, VM_INHERIT_COPY));
    ok(inherit(shared, VM_INHERIT_SHARE));
    ok(inherit(kept, VM_INHERIT_NONE));
    assert_eq!(shared.get(0), 1, "what was there stays");
    let absent = kept.address as *mut libc::c_void;
    assert!(in_child(|| {
        let present = (copied.get(0), shared.get(0)) == (1, 1);
        copied.put(0, 2);
        shared.put(0, 2);
        let mut state = 0;
        // SAFETY: only asks whether there is a page.
        present && unsafe { libc::mincore(absent, 1, &mut state) } != 0
    }));
    assert_eq!((copied.get(0), shared.get(0), kept.get(0)), (1, 2, 1));

    assert_eq!(inherit(shared, VM_INHERIT_COPY), KERN_NOT_SUPPORTED);
    assert_eq!(inherit(copied, 3), KERN_INVALID_ARGUMENT);
    ok(inherit(kept, VM_INHERIT_COPY));
    assert!(in_child(|| kept.get(0) == 1));
}
