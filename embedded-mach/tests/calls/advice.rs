//! What is said of memory, and writing it back.

use embedded_mach::extra::{vm_behavior_set, vm_msync};
use embedded_mach::kern_return::*;
use embedded_mach::vm::{
    mach_vm_behavior_set, mach_vm_machine_attribute, mach_vm_msync, mach_vm_protect,
};
use embedded_mach::vm_attributes::{MATTR_CACHE, MATTR_MIGRATE, MATTR_VAL_GET};
use embedded_mach::vm_behavior::*;
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::*;
use embedded_mach::vm_sync::*;

use super::regions::listed;
use super::support::{Pages, ok, page, task};

fn behave(address: u64, size: u64, behavior: vm_behavior_t) -> kern_return_t {
    // SAFETY: the pages are the test's, and what they show is not needed.
    unsafe { mach_vm_behavior_set(task(), address, size, behavior) }
}

fn sync(address: u64, size: u64, flags: vm_sync_t) -> kern_return_t {
    // SAFETY: as above.
    unsafe { mach_vm_msync(task(), address, size, flags) }
}

fn hole() -> (Pages, Pages) {
    let all = Pages::new(3);
    let (first, last) = (all.address, all.address + 2 * page());
    drop(Pages::mapped(all.address + page(), page()));
    std::mem::forget(all);
    (Pages::mapped(first, page()), Pages::mapped(last, page()))
}

#[test]
fn a_behavior_is_told_with_the_region() {
    let pages = Pages::new(4);
    for behavior in [
        VM_BEHAVIOR_RANDOM,
        VM_BEHAVIOR_SEQUENTIAL,
        VM_BEHAVIOR_RSEQNTL,
    ] {
        ok(behave(pages.address + page() + 1, 1, behavior));
        let part = listed(pages.address + page());
        assert_eq!((part.address, part.size), (pages.address + page(), page()));
        assert_eq!(part.info.behavior, behavior);
    }
    // SAFETY: takes numbers.
    ok(unsafe { vm_behavior_set(task(), pages.address as usize, pages.len as usize, 0) });
    assert_eq!({ listed(pages.address).info.behavior }, VM_BEHAVIOR_DEFAULT);
}

#[test]
fn zeroed_memory_is_zeros_and_needs_to_be_writable() {
    for count in [2, 32] {
        let pages = Pages::new(count);
        pages.put(0, 1);
        pages.put(page(), 2);
        ok(behave(pages.address, page(), VM_BEHAVIOR_ZERO));
        assert_eq!((pages.get(0), pages.get(page())), (0, 2));
        pages.put(0, 3);
        assert_eq!(pages.get(0), 3);
        // SAFETY: the pages are the test's.
        ok(unsafe { mach_vm_protect(task(), pages.address, page(), 0, VM_PROT_READ) });
        for behavior in [
            VM_BEHAVIOR_ZERO,
            VM_BEHAVIOR_REUSABLE,
            VM_BEHAVIOR_ZERO_WIRED_PAGES,
        ] {
            let refused = behave(pages.address, pages.len, behavior);
            assert_eq!(refused, KERN_PROTECTION_FAILURE, "{behavior}");
        }
        assert_eq!((pages.get(0), pages.get(page())), (3, 2));
    }
}

#[test]
fn memory_that_is_not_needed_stays_writable() {
    let pages = Pages::new(2);
    pages.put(0, 1);
    for behavior in [
        VM_BEHAVIOR_WILLNEED,
        VM_BEHAVIOR_DONTNEED,
        VM_BEHAVIOR_CAN_REUSE,
        VM_BEHAVIOR_REUSE,
    ] {
        ok(behave(pages.address, pages.len, behavior));
        assert_eq!(pages.get(0), 1);
    }
    for behavior in [VM_BEHAVIOR_FREE, VM_BEHAVIOR_REUSABLE] {
        ok(behave(pages.address, pages.len, behavior));
        pages.put(0, 2);
        assert_eq!(pages.get(0), 2);
    }
}

#[test]
fn what_is_wrong_with_a_behavior_is_told_in_order() {
    let (first, _last) = hole();
    let (page, last) = (page(), page().wrapping_neg());
    for behavior in [-1, VM_BEHAVIOR_LAST_VALID + 1, i32::MIN, i32::MAX] {
        assert_eq!(behave(first.address, 0, behavior), KERN_INVALID_ARGUMENT);
    }
    assert_eq!(
        behave(first.address, page, VM_BEHAVIOR_PAGEOUT),
        KERN_INVALID_ARGUMENT
    );
    for behavior in 0..VM_BEHAVIOR_PAGEOUT {
        for address in [0, 1, last, u64::MAX] {
            ok(behave(address, 0, behavior));
        }
        assert_eq!(
            behave(first.address, 2 * page, behavior),
            KERN_INVALID_ADDRESS
        );
        for (address, size) in [(1, u64::MAX), (u64::MAX, 1), (last, page), (page, last)] {
            let wraps = behave(address, size, behavior);
            assert_eq!(wraps, KERN_INVALID_ARGUMENT, "{address:x} {size:x}");
        }
        for (address, size) in [(last, page - 1), (0, u64::MAX), (0, page), (1 << 63, 1)] {
            let outside = behave(address, size, behavior);
            assert_eq!(outside, KERN_NO_SPACE, "{address:x} {size:x}");
        }
    }
}

#[test]
fn memory_of_malloc_is_reused_only_as_it_was() {
    let tagged = Pages::tagged(2, VM_MEMORY_MALLOC_LARGE);
    ok(behave(tagged.address, page(), VM_BEHAVIOR_REUSABLE));
    let tag = |address| listed(address).info.user_tag;
    assert_eq!(tag(tagged.address), VM_MEMORY_MALLOC_LARGE_REUSABLE);
    assert_eq!(tag(tagged.address + page()), VM_MEMORY_MALLOC_LARGE);
    ok(behave(tagged.address, page(), VM_BEHAVIOR_REUSE));
    assert_eq!(tag(tagged.address), VM_MEMORY_MALLOC_LARGE_REUSED);
    // SAFETY: the pages are the test's.
    ok(unsafe { mach_vm_protect(task(), tagged.address, page(), 0, VM_PROT_READ) });
    for behavior in [
        VM_BEHAVIOR_CAN_REUSE,
        VM_BEHAVIOR_REUSE,
        VM_BEHAVIOR_REUSABLE,
    ] {
        let refused = behave(tagged.address, tagged.len, behavior);
        assert_eq!(refused, KERN_INVALID_ADDRESS);
    }
}

#[test]
fn holes_count_only_for_contiguous_syncs() {
    let (first, last) = hole();
    let all = last.address + page() - first.address;
    let both = VM_SYNC_SYNCHRONOUS | VM_SYNC_ASYNCHRONOUS;
    for flags in [
        0,
        VM_SYNC_SYNCHRONOUS,
        VM_SYNC_ASYNCHRONOUS | VM_SYNC_INVALIDATE,
        VM_SYNC_DEACTIVATE,
    ] {
        ok(sync(first.address, all, flags));
        ok(sync(first.address + 1, 1, flags | VM_SYNC_CONTIGUOUS));
        let holed = sync(first.address, all, flags | VM_SYNC_CONTIGUOUS);
        assert_eq!(holed, KERN_INVALID_ADDRESS);
    }
    ok(sync(first.address, all, VM_SYNC_KILLPAGES));
    assert_eq!(sync(first.address, page(), both), KERN_INVALID_ARGUMENT);
    ok(sync(first.address, 0, both));
    // SAFETY: takes numbers.
    ok(unsafe { vm_msync(task(), first.address as usize, 1, VM_SYNC_SYNCHRONOUS) });
    let last = page().wrapping_neg();
    for (address, size) in [
        (u64::MAX, 1),
        (last, page() - 1),
        (0, u64::MAX),
        (1, u64::MAX),
    ] {
        assert_eq!(sync(address, size, 0), KERN_INVALID_ADDRESS);
    }
}

#[test]
fn an_attribute_of_the_machine_is_only_checked() {
    let (first, _last) = hole();
    let of = |address, size, attribute| {
        let mut value = MATTR_VAL_GET;
        // SAFETY: `value` can be written.
        let code =
            unsafe { mach_vm_machine_attribute(task(), address, size, attribute, &mut value) };
        assert_eq!(value, MATTR_VAL_GET);
        code
    };
    ok(of(first.address, page(), MATTR_CACHE));
    ok(of(u64::MAX, 0, MATTR_MIGRATE));
    assert_eq!(of(first.address, 2 * page(), MATTR_CACHE), KERN_FAILURE);
    assert_eq!(
        of(first.address, page(), MATTR_MIGRATE),
        KERN_INVALID_ADDRESS
    );
    assert_eq!(of(u64::MAX, 1, MATTR_CACHE), KERN_INVALID_ARGUMENT);
    for (address, size) in [(0, page()), (page().wrapping_neg(), 1), (1 << 63, 1)] {
        assert_eq!(of(address, size, MATTR_CACHE), KERN_INVALID_ADDRESS);
    }
}
