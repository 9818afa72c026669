//! Memory that may vanish, and how single pages are.

use core::ffi::c_int;

use embedded_mach::extra::{mach_vm_page_range_query, vm_map_page_query, vm_purgable_control};
use embedded_mach::kern_return::*;
use embedded_mach::vm::{
    mach_vm_allocate, mach_vm_page_info, mach_vm_page_query, mach_vm_protect,
    mach_vm_purgable_control,
};
use embedded_mach::vm_prot::VM_PROT_READ;
use embedded_mach::vm_purgable::*;
use embedded_mach::vm_region::{VM_PAGE_INFO_BASIC, VM_PAGE_INFO_BASIC_COUNT, vm_page_info_basic};
use embedded_mach::vm_statistics::*;

use super::support::{Pages, ok, page, task};

fn control(address: u64, control: vm_purgable_t, state: c_int) -> Result<c_int, kern_return_t> {
    let mut state = state;
    // SAFETY: `state` can be written.
    match unsafe { mach_vm_purgable_control(task(), address, control, &mut state) } {
        KERN_SUCCESS => Ok(state),
        code => Err(code),
    }
}

fn set(address: u64, state: c_int) -> Result<c_int, kern_return_t> {
    control(address, VM_PURGABLE_SET_STATE, state)
}

fn get(address: u64) -> Result<c_int, kern_return_t> {
    control(address, VM_PURGABLE_GET_STATE, -1)
}

fn purgeable(count: u64) -> Pages {
    let (mut address, len) = (0, count * page());
    let flags = VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE;
    // SAFETY: `address` can be written.
    ok(unsafe { mach_vm_allocate(task(), &mut address, len, flags) });
    Pages::mapped(address, len)
}

/// One test, because purging all of a task's memory is seen by the others.
#[test]
fn volatile_memory_vanishes_when_all_is_purged() {
    for count in [2, 32] {
        let pages = purgeable(count);
        assert_eq!(get(pages.address + 1), Ok(VM_PURGABLE_NONVOLATILE));
        pages.put(page(), 1);
        assert_eq!(control(0, VM_PURGABLE_PURGE_ALL, 77), Ok(77));
        assert_eq!(pages.get(page()), 1);
        assert_eq!(
            set(pages.address, VM_PURGABLE_VOLATILE),
            Ok(VM_PURGABLE_NONVOLATILE)
        );
        assert_eq!(get(pages.address + page()), Ok(VM_PURGABLE_VOLATILE));
        assert_eq!(pages.get(page()), 1);
        assert_eq!(control(0, VM_PURGABLE_PURGE_ALL, 0), Ok(0));
        assert_eq!(get(pages.address), Ok(VM_PURGABLE_EMPTY));
        assert_eq!(pages.get(page()), 0);
        // What has vanished stays so until it is kept again.
        assert_eq!(
            set(pages.address, VM_PURGABLE_VOLATILE),
            Ok(VM_PURGABLE_EMPTY)
        );
        assert_eq!(
            set(pages.address, VM_PURGABLE_NONVOLATILE),
            Ok(VM_PURGABLE_EMPTY)
        );
        assert_eq!(get(pages.address), Ok(VM_PURGABLE_NONVOLATILE));
        pages.put(0, 1);
        let mut state = VM_PURGABLE_EMPTY;
        let address = pages.address as usize;
        // SAFETY: `state` can be written.
        ok(unsafe { vm_purgable_control(task(), address, VM_PURGABLE_SET_STATE, &mut state) });
        assert_eq!((state, pages.get(0)), (VM_PURGABLE_NONVOLATILE, 0));
    }
}

#[test]
fn what_is_not_purgeable_has_no_state() {
    let (plain, pages) = (Pages::new(1), purgeable(2));
    assert_eq!(get(plain.address), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(
        set(plain.address, VM_PURGABLE_VOLATILE),
        Err(KERN_INVALID_ARGUMENT)
    );
    for nowhere in [0, u64::MAX, 1 << 63] {
        assert_eq!(get(nowhere), Err(KERN_INVALID_ADDRESS));
    }
    assert_eq!(
        set(pages.address, VM_PURGABLE_DENY),
        Err(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(set(pages.address, 1 << 20), Err(KERN_INVALID_ARGUMENT));
    assert_eq!(set(0, -1), Err(KERN_INVALID_ARGUMENT));
    for unknown in [VM_PURGABLE_SET_STATE_FROM_KERNEL, 4, -1] {
        assert_eq!(
            control(pages.address, unknown, 0),
            Err(KERN_INVALID_ARGUMENT)
        );
    }
    // SAFETY: the pages are the test's.
    ok(unsafe { mach_vm_protect(task(), pages.address, page(), 0, VM_PROT_READ) });
    assert_eq!(
        set(pages.address, VM_PURGABLE_VOLATILE),
        Err(KERN_PROTECTION_FAILURE)
    );
    assert_eq!(get(pages.address), Ok(VM_PURGABLE_NONVOLATILE));
    // A part of an object is in its state, and memory that comes into its place is not.
    let address = pages.address;
    drop(Pages::mapped(address, page()));
    assert_eq!(get(address + page()), Ok(VM_PURGABLE_NONVOLATILE));
    let mut at = address;
    // SAFETY: the place is free, or refused.
    if unsafe { mach_vm_allocate(task(), &mut at, page(), VM_FLAGS_FIXED) } == KERN_SUCCESS {
        assert_eq!(get(address), Err(KERN_INVALID_ARGUMENT));
    }
}

#[test]
fn a_page_is_present_once_it_was_written() {
    for count in [3, 32] {
        let pages = Pages::new(count);
        pages.put(page(), 1);
        let at = |address| {
            let (mut disposition, mut refs) = (-1, -1);
            // SAFETY: both can be written.
            ok(unsafe { mach_vm_page_query(task(), address, &mut disposition, &mut refs) });
            assert_eq!(refs, 0);
            disposition
        };
        let written =
            VM_PAGE_QUERY_PAGE_PRESENT | VM_PAGE_QUERY_PAGE_REF | VM_PAGE_QUERY_PAGE_DIRTY;
        assert_eq!(
            (at(pages.address), at(pages.address + page() + 5)),
            (0, written)
        );
        assert_eq!((at(0), at(1 << 63)), (0, 0));
        let (mut told, mut room) = ([-1; 4], 2);
        let to = told.as_mut_ptr() as u64;
        // SAFETY: there is room for as many.
        ok(unsafe { mach_vm_page_range_query(task(), pages.address, 3 * page(), to, &mut room) });
        assert_eq!((told, room), ([0, written, -1, -1], 2));
    }
}

#[test]
fn what_is_wrong_with_a_question_for_pages_is_told() {
    let pages = Pages::new(2);
    let (mut disposition, mut refs) = (-1, -1);
    let last = page().wrapping_neg();
    for address in [last, u64::MAX] {
        // SAFETY: both can be written.
        let refused =
            unsafe { vm_map_page_query(task(), address as usize, &mut disposition, &mut refs) };
        assert_eq!((refused, disposition, refs), (KERN_INVALID_ADDRESS, -1, -1));
    }
    let info = |flavor, count| {
        let (mut told, mut count) = (vm_page_info_basic::default(), count);
        let to = (&raw mut told).cast();
        // SAFETY: there is room for an answer.
        let code = unsafe { mach_vm_page_info(task(), pages.address + 3, flavor, to, &mut count) };
        (code, told.offset)
    };
    assert_eq!(
        info(VM_PAGE_INFO_BASIC, VM_PAGE_INFO_BASIC_COUNT),
        (KERN_SUCCESS, 3)
    );
    assert_eq!(
        info(VM_PAGE_INFO_BASIC, VM_PAGE_INFO_BASIC_COUNT - 1).0,
        KERN_SUCCESS
    );
    for (flavor, count) in [
        (0, VM_PAGE_INFO_BASIC_COUNT),
        (VM_PAGE_INFO_BASIC, 0),
        (1, 100),
    ] {
        assert_eq!(info(flavor, count).0, KERN_INVALID_ARGUMENT);
    }
    let range = |address, size, to, count: u64| {
        let mut room = count;
        // SAFETY: where there is no room the call says so.
        let code = unsafe { mach_vm_page_range_query(task(), address, size, to, &mut room) };
        assert_eq!(room, count);
        code
    };
    let (at, here) = (pages.address, (&raw mut disposition) as u64);
    ok(range(u64::MAX, 0, 0, 1));
    ok(range(at, page(), here, 0));
    ok(range(at, page(), here, 1));
    assert_eq!(range(at, page(), 16, 1), libc::EFAULT);
    for (address, size, to, count) in [
        (at, page(), u64::MAX, 1),
        (at, page(), here, u64::MAX),
        (u64::MAX, 1, here, 1),
        (last, 1, here, 1),
    ] {
        assert_eq!(range(address, size, to, count), KERN_INVALID_ARGUMENT);
    }
}
