//! What is mapped where, and several ranges read at once.

use embedded_mach::extra::{vm_read_list, vm_region_64, vm_region_recurse_64};
use embedded_mach::kern_return::*;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::{VM_INHERIT_COPY, VM_INHERIT_NONE, VM_INHERIT_SHARE};
use embedded_mach::vm_prot::*;
use embedded_mach::vm_region::*;

use super::entries::{ANYWHERE, Mapping};
use super::support::{Pages, ok, page, port, release_port, task};

/// Three pages of which the middle one is a region of its own.
fn three(protection: vm_prot_t) -> (Pages, u64) {
    let pages = Pages::new(3);
    let middle = pages.address + page();
    // SAFETY: the pages are the test's own.
    ok(unsafe { mach_vm_protect(task(), middle, page(), 0, protection) });
    (pages, middle)
}

/// The region at an address, and as many integers about it as there is room for.
fn told(
    from: u32,
    address: u64,
    flavor: i32,
    room: u32,
) -> Result<(u64, u64, Vec<i32>), kern_return_t> {
    let (mut at, mut size, mut count, mut name) = (address, 0, room, 1);
    let mut info = vec![0; room as usize];
    // SAFETY: the out-parameters can be written.
    match unsafe {
        let info = info.as_mut_ptr();
        mach_vm_region(
            from, &mut at, &mut size, flavor, info, &mut count, &mut name,
        )
    } {
        KERN_SUCCESS => {
            assert_eq!(name, MACH_PORT_NULL);
            info.truncate(count as usize);
            Ok((at, size, info))
        }
        code => Err(code),
    }
}

fn basic(address: u64) -> (u64, u64, vm_region_basic_info_64) {
    let (at, size, info) = told(task(), address, VM_REGION_BASIC_INFO_64, 20).unwrap();
    assert_eq!(info.len(), 9);
    // SAFETY: so many integers are the structure.
    (at, size, unsafe {
        info.as_ptr()
            .cast::<vm_region_basic_info_64>()
            .read_unaligned()
    })
}

fn recurse(address: u64, room: u32) -> Result<(u64, u64, vm_region_submap_info_64, u32), i32> {
    let (mut at, mut size, mut count, mut depth) = (address, 0, room, 5);
    let mut info = vm_region_submap_info_64::default();
    // SAFETY: the out-parameters can be written.
    match unsafe {
        let info = (&raw mut info).cast();
        mach_vm_region_recurse(task(), &mut at, &mut size, &mut depth, info, &mut count)
    } {
        KERN_SUCCESS => {
            assert_eq!(depth, 0);
            Ok((at, size, info, count))
        }
        code => Err(code),
    }
}

/// A region, whole.
pub(crate) struct Listed {
    pub(crate) address: u64,
    pub(crate) size: u64,
    pub(crate) info: vm_region_submap_info_64,
}

/// The region at an address.
pub(crate) fn listed(address: u64) -> Listed {
    let (at, size, info, _) = recurse(address, vm_region_submap_info_64::count()).unwrap();
    Listed {
        address: at,
        size,
        info,
    }
}

#[test]
fn a_region_is_what_is_alike() {
    let (_pages, middle) = three(VM_PROT_READ);
    let (at, size, info) = basic(middle + 5);
    assert_eq!((at, size), (middle, page()));
    assert_eq!({ info.protection }, VM_PROT_READ);
    assert_eq!({ info.max_protection } & VM_PROT_DEFAULT, VM_PROT_DEFAULT);
    assert_eq!(
        ({ info.inheritance }, { info.shared }),
        (VM_INHERIT_COPY, 0)
    );
    let (_, _, legacy) = told(task(), middle, VM_REGION_BASIC_INFO, 9).unwrap();
    assert_eq!((legacy.len(), legacy[0]), (9, VM_PROT_READ));
}

#[test]
fn the_next_region_is_found_where_there_is_none() {
    let (at, size, _) = basic(1);
    assert!(at > 1 && size >= page());
    let last = page().wrapping_neg();
    for address in [last, u64::MAX] {
        let flavor = VM_REGION_BASIC_INFO_64;
        assert_eq!(told(task(), address, flavor, 9), Err(KERN_INVALID_ADDRESS));
        assert_eq!(recurse(address, 19).err(), Some(KERN_INVALID_ADDRESS));
    }
}

#[test]
fn what_children_get_of_a_region() {
    let size = 4 * page();
    for (inheritance, shared) in [
        (VM_INHERIT_NONE, 0),
        (VM_INHERIT_SHARE, 1),
        (VM_INHERIT_COPY, 0),
    ] {
        let mapping = Mapping {
            inheritance,
            ..ANYWHERE
        };
        let pages = mapping.map(MACH_PORT_NULL, 0, size).unwrap();
        // So that the kernel takes it for a region of its own.
        // SAFETY: the pages are the test's own.
        ok(unsafe { mach_vm_protect(task(), pages.address, size, 0, VM_PROT_READ) });
        let (_, _, info) = basic(pages.address);
        assert_eq!(
            ({ info.inheritance }, { info.shared }),
            (inheritance, shared)
        );
    }
    // To the program it is private.
    let large = Pages::new((1 << 20) / page());
    let (_, _, info) = basic(large.address);
    assert_eq!(
        ({ info.inheritance }, { info.shared }),
        (VM_INHERIT_COPY, 0)
    );
}

#[test]
fn the_state_of_the_pages() {
    let (pages, middle) = three(VM_PROT_DEFAULT | VM_PROT_EXECUTE);
    pages.put(page(), 1);
    let (_, _, info) = told(task(), middle, VM_REGION_EXTENDED_INFO, 9).unwrap();
    // SAFETY: so many integers are the structure.
    let info = unsafe { info.as_ptr().cast::<vm_region_extended_info>().read() };
    assert_eq!((info.pages_resident, info.pages_dirtied), (1, 1));
    assert_eq!((info.share_mode, info.ref_count), (SM_PRIVATE, 1));
    let (_, _, info) = told(task(), middle, VM_REGION_TOP_INFO, 9).unwrap();
    assert_eq!((info.len(), info[2], info[3]), (5, 1, 0));
}

#[test]
fn all_about_a_region_in_as_many_integers_as_there_is_room_for() {
    let (pages, middle) = three(VM_PROT_DEFAULT | VM_PROT_EXECUTE);
    pages.put(page(), 1);
    for (room, count) in [
        (30, 19),
        (19, 19),
        (18, 17),
        (17, 17),
        (16, 16),
        (15, 12),
        (12, 12),
    ] {
        let (at, size, info, given) = recurse(middle, room).unwrap();
        assert_eq!((at, size, given), (middle, page(), count));
        assert_eq!({ info.protection }, VM_PROT_ALL);
        if count > 12 {
            assert_eq!(({ info.pages_resident }, info.share_mode), (1, SM_PRIVATE));
        }
    }
    assert_eq!(recurse(middle, 11).err(), Some(KERN_INVALID_ARGUMENT));
}

#[test]
fn what_is_not_told_of_regions() {
    let pages = Pages::new(1);
    for (flavor, room) in [
        (VM_REGION_BASIC_INFO_64, 8),
        (VM_REGION_EXTENDED_INFO, 8),
        (VM_REGION_TOP_INFO, 4),
        (8, 100),
    ] {
        let refused = told(task(), pages.address, flavor, room);
        assert_eq!(refused, Err(KERN_INVALID_ARGUMENT));
    }
    let other = port();
    assert!(told(other, pages.address, VM_REGION_BASIC_INFO_64, 9).is_err());
    release_port(other);
}

#[test]
fn several_ranges_are_read_at_once_or_none() {
    let pages = Pages::new(3);
    pages.put(7, 1);
    let entry = |address, size| mach_vm_read_entry { address, size };
    let mut list = [
        entry(pages.address + 7, 2),
        entry(64, 0),
        entry(pages.address + 7, 2 * page()),
    ];
    // SAFETY: the list can be written.
    ok(unsafe { mach_vm_read_list(task(), list.as_mut_ptr(), 3) });
    let [small, none, large] = list;
    assert_eq!(({ none.address }, { large.address } % page()), (0, 7));
    for made in [small, large] {
        let copied = Pages::mapped(made.address, made.size);
        assert_eq!(copied.get(0), 1);
    }
    // The last one with bytes counts; of what cannot be read before it zeros are left.
    let mut list = [
        entry(64, 1),
        entry(pages.address, 1 << 40),
        entry(pages.address + 7, 1),
        entry(3, 0),
    ];
    // SAFETY: as above.
    ok(unsafe { mach_vm_read_list(task(), list.as_mut_ptr(), 4) });
    assert_eq!(Pages::mapped(list[2].address, 1).get(0), 1);
    assert_eq!(
        (list[0], list[1], list[3]),
        (entry(0, 0), entry(0, 0), entry(0, 0))
    );
    let mut list = [entry(pages.address, 2), entry(64, 1)];
    // SAFETY: as above.
    unsafe {
        let code = mach_vm_read_list(task(), list.as_mut_ptr(), 2);
        assert_eq!(code, KERN_INVALID_ADDRESS);
        assert_eq!(list, [entry(pages.address, 2), entry(64, 1)]);
        let code = mach_vm_read_list(task(), list.as_mut_ptr(), 257);
        assert_eq!(code, KERN_INVALID_ARGUMENT);
    }
}

#[test]
fn the_calls_on_regions_of_pointer_size_are_the_same_calls() {
    let (pages, middle) = three(VM_PROT_READ);
    let (mut at, mut size, mut count, mut name, mut depth) = (middle as usize, 0, 9, 1, 1);
    let mut info = [0; 19];
    let mut entry = vm_read_entry {
        address: pages.address as usize,
        size: 3,
    };
    // SAFETY: the out-parameters can be written.
    unsafe {
        let flavor = VM_REGION_BASIC_INFO_64;
        let out = info.as_mut_ptr();
        ok(vm_region_64(
            task(),
            &mut at,
            &mut size,
            flavor,
            out,
            &mut count,
            &mut name,
        ));
        assert_eq!(
            (at as u64, size as u64, *out),
            (middle, page(), VM_PROT_READ)
        );
        (size, count) = (0, 19);
        ok(vm_region_recurse_64(
            task(),
            &mut at,
            &mut size,
            &mut depth,
            out,
            &mut count,
        ));
        assert_eq!((at as u64, size as u64, count), (middle, page(), 19));
        ok(vm_read_list(task(), &mut entry, 1));
    }
    assert_eq!(Pages::mapped(entry.address as u64, 3).get(0), 0);
}
