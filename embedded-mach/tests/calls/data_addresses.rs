//! Memory entries for data that begins within a page, and entries of the memory itself.

use embedded_mach::kern_return::*;
use embedded_mach::memory_object_types::*;
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::*;

use super::entries::{ANYWHERE, Mapping, READ_WRITE, entry, fresh, map};
use super::support::{Pages, deallocate, page};

const DATA: vm_prot_t = MAP_MEM_USE_DATA_ADDR as vm_prot_t | READ_WRITE;
const AT_DATA: Mapping = Mapping {
    flags: VM_FLAGS_ANYWHERE | VM_FLAGS_RETURN_DATA_ADDR,
    ..ANYWHERE
};

#[test]
fn an_entry_can_begin_within_a_page() {
    let pages = Pages::new(3);
    pages.put(100, 6);
    let (name, size) = entry(page(), pages.address + 100, DATA, 0).unwrap();
    assert_eq!(size, 2 * page() - 100);
    let data = AT_DATA.map(name, 0, size).unwrap();
    assert_eq!((data.address % page(), data.get(0)), (100, 6));
    let whole = map(name, 0, size).unwrap();
    assert_eq!((whole.address % page(), whole.get(100)), (0, 6));
    let refused = AT_DATA.map(name, 0, size + 1).err();
    assert_eq!(refused, Some(KERN_INVALID_ARGUMENT));
    deallocate(name);

    let permission = MAP_MEM_4K_DATA_ADDR as vm_prot_t | READ_WRITE;
    let (name, size) = entry(page(), pages.address + 100, permission, 0).unwrap();
    assert_eq!(size, 2 * page());
    deallocate(name);
}

#[test]
fn a_part_of_such_an_entry_counts_from_its_data() {
    let pages = Pages::new(2);
    pages.put(130, 7);
    let (whole, _) = entry(page(), pages.address + 100, DATA, 0).unwrap();
    let (part, size) = entry(10, 30, DATA, whole).unwrap();
    assert_eq!(size, page() - 130);
    assert_eq!(AT_DATA.map(part, 0, 10).unwrap().get(0), 7);
    let refused = entry(page(), page() - 99, DATA, whole);
    assert_eq!(refused, Err(KERN_INVALID_ARGUMENT));
    let (pages_only, size) = entry(10, 30, READ_WRITE, whole).unwrap();
    assert_eq!(size, page());
    for name in [whole, part, pages_only] {
        deallocate(name);
    }
}

#[test]
fn an_unaligned_offset_is_for_the_address_of_the_data() {
    let name = fresh(2 * page());
    let all = map(name, 0, 2 * page()).unwrap();
    all.put(100, 4);
    let inside = AT_DATA.map(name, 100, 10).unwrap();
    assert_eq!((inside.address % page(), inside.get(0)), (100, 4));
    for offset in [1, 100, page() + 1] {
        let refused = map(name, offset, 10).err();
        assert_eq!(refused, Some(KERN_INVALID_ARGUMENT));
    }
    deallocate(name);
}

#[test]
fn an_entry_of_the_memory_itself_is_mapped_from_its_data_on() {
    let pages = Pages::new(3);
    pages.put(5, 1);
    for how in [MAP_MEM_VM_COPY, MAP_MEM_VM_SHARE] {
        let permission = how as vm_prot_t | READ_WRITE;
        let (name, size) = entry(2 * page(), pages.address + 5, permission, 0).unwrap();
        assert_eq!(size, 3 * page());
        // An offset within a page is the page's.
        let mapped = map(name, 5, 10).unwrap();
        assert_eq!((mapped.address % page(), mapped.get(5)), (0, 1));
        let fixed = Mapping {
            address: pages.address,
            flags: VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
            ..ANYWHERE
        };
        let part = fixed.map(name, 0, page()).err();
        assert_eq!(part, Some(KERN_INVALID_ARGUMENT));
        deallocate(name);

        let (name, _) = entry(2 * page(), pages.address + 5, DATA | permission, 0).unwrap();
        let mapped = map(name, 0, 1).unwrap();
        assert_eq!((mapped.address % page(), mapped.get(0)), (0, 0));
        assert_eq!(AT_DATA.map(name, 0, 1).unwrap().get(0), 1);
        deallocate(name);
    }
}
