//! Where memory is mapped.

use embedded_mach::kern_return::*;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::vm::mach_vm_allocate;
use embedded_mach::vm_statistics::*;

use super::entries::{ANYWHERE, Mapping, fresh};
use super::support::{Pages, deallocate, in_child, page, task};

const LARGE: u64 = 2 << 20;

fn map(mapping: Mapping, size: u64) -> Result<Pages, kern_return_t> {
    mapping.map(MACH_PORT_NULL, 0, size)
}

fn allocate(address: u64, size: u64, flags: i32) -> Result<Pages, kern_return_t> {
    let mut at = address;
    // SAFETY: `at` can be written, and nothing is replaced.
    match unsafe { mach_vm_allocate(task(), &mut at, size, flags) } {
        KERN_SUCCESS => Ok(Pages::mapped(at, size)),
        code => Err(code),
    }
}

#[test]
fn a_mask_that_no_address_fits_is_no_space() {
    let mask = u64::MAX;
    let everywhere = Mapping { mask, ..ANYWHERE };
    assert_eq!(map(everywhere, page()).err(), Some(KERN_NO_SPACE));
    let pages = Pages::new(1);
    let fixed = Mapping {
        address: pages.address,
        mask: pages.address,
        flags: VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
        ..ANYWHERE
    };
    assert_eq!(map(fixed, page()).err(), Some(KERN_NO_SPACE));
}

#[test]
fn a_hint_is_where_the_search_for_room_begins() {
    let from = |address, mask| Mapping {
        address,
        mask,
        ..ANYWHERE
    };
    for end in [page().wrapping_neg(), u64::MAX] {
        let refused = map(from(end, 0), page()).err();
        assert_eq!(refused, Some(KERN_NO_SPACE));
    }
    let taken = Pages::new(2);
    let after = map(from(taken.address, 0), page()).unwrap();
    assert!(after.address >= taken.address + 2 * page());
    let mask = 16 * page() - 1;
    let aligned = map(from(taken.address, mask), page()).unwrap();
    assert!(aligned.address > taken.address && aligned.address & mask == 0);
    let low = map(from(1, 0), page()).unwrap();
    assert!(low.address > 0);

    // Room that only this test's thread is likely to use: far below where the system begins.
    let room = map(from(0x3_0000_0000, 0), 3 * page()).unwrap();
    let middle = room.address + page();
    drop(Pages::mapped(middle, page()));
    let name = fresh(page());
    let within = from(room.address + 5, 0).map(name, 0, page()).unwrap();
    assert_eq!(within.address, middle);
    let beyond = from(room.address, 0).map(name, 0, page()).unwrap();
    assert_eq!(beyond.address, room.address + 3 * page());
    deallocate(name);
    // It goes with the room that it is in.
    std::mem::forget(within);
}

#[test]
fn fresh_memory_is_above_the_last() {
    let one = || {
        let mut at = 0;
        // SAFETY: `at` can be written.
        let code = unsafe { mach_vm_allocate(task(), &mut at, page(), VM_FLAGS_ANYWHERE) };
        (code, at)
    };
    // Alone: other threads allocate as well.
    let right = in_child(|| {
        let ((first, low), (then, high)) = (one(), one());
        let mut between = low;
        // SAFETY: nothing is replaced.
        let taken = unsafe { mach_vm_allocate(task(), &mut between, page(), VM_FLAGS_FIXED) };
        (first, then, taken) == (KERN_SUCCESS, KERN_SUCCESS, KERN_NO_SPACE) && high == low + page()
    });
    assert!(right);
}

#[test]
fn an_allocation_anywhere_has_no_hint() {
    let last = page().wrapping_neg();
    assert!(allocate(last, page(), VM_FLAGS_ANYWHERE).is_ok());
}

#[test]
fn superpages_ask_for_aligned_addresses_and_nothing_else() {
    let any = VM_FLAGS_SUPERPAGE_SIZE_ANY;
    for refused in [VM_FLAGS_PURGABLE, VM_FLAGS_TPRO] {
        let flags = VM_FLAGS_ANYWHERE | any | refused;
        let mapped = map(Mapping { flags, ..ANYWHERE }, LARGE).err();
        assert_eq!(mapped, Some(KERN_INVALID_ARGUMENT));
        let allocated = allocate(0, LARGE, flags).err();
        assert_eq!(allocated, Some(KERN_INVALID_ARGUMENT));
    }
    let pages = allocate(0, LARGE, VM_FLAGS_ANYWHERE | any).unwrap();
    assert_eq!((pages.address % LARGE, pages.get(0)), (0, 0));
    let unaligned = pages.address + page();
    for flags in [any, any | VM_FLAGS_OVERWRITE] {
        let refused = allocate(unaligned, LARGE, flags).err();
        assert_eq!(refused, Some(KERN_NO_SPACE));
    }
    let other = 3 << VM_FLAGS_SUPERPAGE_SHIFT;
    let refused = allocate(0, LARGE, VM_FLAGS_ANYWHERE | other).err();
    assert_eq!(refused, Some(KERN_INVALID_ARGUMENT));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn superpages_of_a_size_are_whole() {
    let flags = VM_FLAGS_ANYWHERE | VM_FLAGS_SUPERPAGE_SIZE_2MB;
    assert!(allocate(0, LARGE, flags).is_ok());
    let refused = allocate(0, LARGE + page(), flags).err();
    assert_eq!(refused, Some(KERN_INVALID_ARGUMENT));
}
