//! Memory entries, and mapping them.

use embedded_mach::extra::vm_map;
use embedded_mach::kern_return::*;
use embedded_mach::memory_object_types::*;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::{VM_INHERIT_NONE, VM_INHERIT_SHARE};
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::*;

use super::support::{Pages, deallocate, in_child, ok, page, port, release_port, send_refs, task};

pub(crate) const CREATE: vm_prot_t = MAP_MEM_NAMED_CREATE as vm_prot_t;
pub(crate) const READ_WRITE: vm_prot_t = VM_PROT_DEFAULT;

/// An entry, and its size.
pub(crate) fn entry(
    size: u64,
    offset: u64,
    permission: vm_prot_t,
    parent: u32,
) -> Result<(u32, u64), kern_return_t> {
    let (mut size, mut name) = (size, MACH_PORT_NULL);
    // SAFETY: both can be written; what is at the offset is the test's own, and no other thread's.
    match unsafe {
        mach_make_memory_entry_64(task(), &mut size, offset, permission, &mut name, parent)
    } {
        KERN_SUCCESS => Ok((name, size)),
        code => Err(code),
    }
}

pub(crate) fn fresh(size: u64) -> u32 {
    entry(size, 0, CREATE | READ_WRITE, 0).unwrap().0
}

/// How an entry is to be mapped.
#[derive(Clone, Copy)]
pub(crate) struct Mapping {
    pub(crate) address: u64,
    pub(crate) mask: u64,
    pub(crate) flags: i32,
    pub(crate) copy: bool,
    pub(crate) current: vm_prot_t,
    pub(crate) maximum: vm_prot_t,
    pub(crate) inheritance: u32,
}

pub(crate) const ANYWHERE: Mapping = Mapping {
    address: 0,
    mask: 0,
    flags: VM_FLAGS_ANYWHERE,
    copy: false,
    current: READ_WRITE,
    maximum: READ_WRITE,
    inheritance: VM_INHERIT_NONE,
};

impl Mapping {
    pub(crate) fn map(self, entry: u32, offset: u64, size: u64) -> Result<Pages, kern_return_t> {
        let mut address = self.address;
        // SAFETY: `address` can be written; what is replaced is the test's own.
        let code = unsafe {
            mach_vm_map(
                task(),
                &mut address,
                size,
                self.mask,
                self.flags,
                entry,
                offset,
                u32::from(self.copy) as _,
                self.current,
                self.maximum,
                self.inheritance,
            )
        };
        match code {
            KERN_SUCCESS => Ok(Pages::mapped(address, size)),
            code => Err(code),
        }
    }
}

pub(crate) fn map(entry: u32, offset: u64, size: u64) -> Result<Pages, kern_return_t> {
    ANYWHERE.map(entry, offset, size)
}

#[test]
fn new_memory_has_whole_pages_which_all_mappings_show() {
    let (name, size) = entry(1, 0, CREATE | READ_WRITE, 0).unwrap();
    assert_eq!(size, page());
    let (one, other) = (map(name, 0, size).unwrap(), map(name, 0, size).unwrap());
    assert_eq!(other.get(9), 0);
    one.put(9, 1);
    assert_eq!(other.get(9), 1);
    deallocate(name);
    one.put(9, 2);
    assert_eq!(other.get(9), 2, "mappings outlive the right");

    assert_eq!(entry(0, 0, CREATE | READ_WRITE, 0), Ok((MACH_PORT_NULL, 0)));
    assert_eq!(
        entry(u64::MAX, 0, CREATE | READ_WRITE, 0),
        Err(KERN_INVALID_ARGUMENT)
    );
    let most = page().wrapping_neg();
    assert_eq!(entry(most, 0, CREATE | READ_WRITE, 0), Err(KERN_FAILURE));
}

#[test]
fn the_processor_caches_as_it_does() {
    const ONLY: vm_prot_t = MAP_MEM_ONLY as vm_prot_t;
    let name = fresh(page());
    assert_eq!(entry(1, 0, ONLY, name), Ok((MACH_PORT_NULL, 0)));
    assert_eq!(entry(1, 0, ONLY | 2 << 24, name), Err(KERN_NOT_SUPPORTED));
    for parent in [MACH_PORT_NULL, task()] {
        assert_eq!(entry(1, 0, ONLY, parent), Err(KERN_INVALID_ARGUMENT));
    }
    deallocate(name);
}

#[test]
fn a_copy_is_ones_own() {
    let name = fresh(page());
    let shared = map(name, 0, page()).unwrap();
    shared.put(0, 1);
    let copy = Mapping {
        copy: true,
        ..ANYWHERE
    }
    .map(name, 0, page())
    .unwrap();
    copy.put(0, 2);
    assert_eq!((shared.get(0), copy.get(0)), (1, 2));
    deallocate(name);
}

#[test]
fn a_part_has_its_bounds_and_no_more_rights_than_the_whole() {
    let whole = fresh(4 * page());
    let all = map(whole, 0, 4 * page()).unwrap();
    let (part, size) = entry(2 * page(), page(), READ_WRITE, whole).unwrap();
    assert_eq!(size, 2 * page());
    all.put(2 * page(), 7);
    assert_eq!(map(part, page(), page()).unwrap().get(0), 7);
    assert_eq!(
        map(part, page(), 2 * page()).err(),
        Some(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        map(part, u64::MAX, page()).err(),
        Some(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        entry(page(), 2 * page(), READ_WRITE, part),
        Err(KERN_INVALID_ARGUMENT)
    );

    let (reading, _) = entry(page(), 0, VM_PROT_READ, whole).unwrap();
    assert_eq!(map(reading, 0, page()).err(), Some(KERN_INVALID_RIGHT));
    let maximum = Mapping {
        current: VM_PROT_READ,
        ..ANYWHERE
    };
    assert_eq!(
        maximum.map(reading, 0, page()).err(),
        Some(KERN_INVALID_RIGHT)
    );
    assert_eq!(
        entry(page(), 0, READ_WRITE, reading),
        Err(KERN_PROTECTION_FAILURE)
    );
    let masked = READ_WRITE | VM_PROT_IS_MASK;
    let masked = Mapping {
        current: masked,
        maximum: masked,
        ..ANYWHERE
    };
    let view = masked.map(reading, 0, page()).unwrap();
    all.put(0, 8);
    assert_eq!(view.get(0), 8);
    // Nor can it be raised afterwards.
    // SAFETY: the page is the test's own.
    let code = unsafe { mach_vm_protect(task(), view.address, page(), 0, READ_WRITE) };
    assert_eq!(code, KERN_PROTECTION_FAILURE);

    let stranger = port();
    assert_eq!(
        entry(page(), 0, READ_WRITE, stranger),
        Err(KERN_INVALID_ARGUMENT)
    );
    release_port(stranger);
    for name in [whole, part, reading] {
        deallocate(name);
    }
}

#[test]
fn where_a_mapping_goes() {
    let name = fresh(2 * page());
    let taken = Pages::new(2);
    let fixed = Mapping {
        address: taken.address,
        flags: VM_FLAGS_FIXED,
        ..ANYWHERE
    };
    assert_eq!(fixed.map(name, 0, page()).err(), Some(KERN_NO_SPACE));
    let over = Mapping {
        flags: VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE,
        ..fixed
    };
    let mapped = over.map(name, 0, page()).unwrap();
    assert_eq!(mapped.address, taken.address);
    std::mem::forget(mapped);

    let mask = 64 * page() - 1;
    let aligned = Mapping { mask, ..ANYWHERE }.map(name, 0, page()).unwrap();
    assert_eq!(aligned.address & mask, 0);
    let wrong = Mapping {
        mask: page() + 1,
        ..ANYWHERE
    };
    assert!(wrong.map(name, 0, page()).is_err());

    deallocate(name);
}

#[test]
fn what_is_no_mapping() {
    let name = fresh(page());
    let fails = |mapping: Mapping, size| mapping.map(name, 0, size).err();
    assert_eq!(fails(ANYWHERE, 0), Some(KERN_INVALID_ARGUMENT));
    assert_eq!(
        fails(
            Mapping {
                flags: 1 << 8,
                ..ANYWHERE
            },
            1
        ),
        Some(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        fails(
            Mapping {
                current: 1 << 9,
                ..ANYWHERE
            },
            1
        ),
        Some(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        fails(
            Mapping {
                inheritance: 3,
                ..ANYWHERE
            },
            1
        ),
        Some(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(map(task(), 0, 1).err(), Some(KERN_INVALID_OBJECT));
    let stranger = port();
    assert_eq!(map(stranger, 0, 1).err(), Some(KERN_INVALID_OBJECT));
    release_port(stranger);
    deallocate(name);
}

#[test]
fn fresh_memory_is_mapped_without_an_entry() {
    let kept = map(MACH_PORT_NULL, 0, 10).unwrap();
    let shared = Mapping {
        inheritance: VM_INHERIT_SHARE,
        ..ANYWHERE
    };
    let shared = shared.map(MACH_PORT_NULL, 0, 10).unwrap();
    kept.put(0, 1);
    assert!(in_child(|| {
        shared.put(0, 2);
        true
    }));
    assert_eq!((kept.get(0), shared.get(0)), (1, 2));
    let mut address = 0;
    // SAFETY: `address` can be written.
    unsafe {
        let size = page() as usize;
        let flags = VM_FLAGS_ANYWHERE;
        ok(vm_map(
            task(),
            &mut address,
            size,
            0,
            flags,
            0,
            0,
            0,
            READ_WRITE,
            READ_WRITE,
            2,
        ));
    }
    Pages::mapped(address as u64, page()).put(0, 1);
}

#[test]
fn memory_at_an_address_becomes_shared_where_it_is() {
    let pages = Pages::new(3);
    pages.put(page() + 5, 1);
    let (name, size) = entry(10, pages.address + page() + 5, READ_WRITE, 0).unwrap();
    assert_eq!(size, page());
    let view = map(name, 0, size).unwrap();
    assert_eq!(view.get(5), 1);
    pages.put(page() + 5, 2);
    assert_eq!(view.get(5), 2);
    // Once shared, it is named again without being changed, also by its other mapping.
    for address in [pages.address + page(), view.address] {
        let (again, _) = entry(page(), address, READ_WRITE, 0).unwrap();
        let other = map(again, 0, page()).unwrap();
        other.put(5, 3);
        assert_eq!((pages.get(page() + 5), view.get(5)), (3, 3));
        pages.put(page() + 5, 2);
        deallocate(again);
    }
    deallocate(name);
    pages.put(0, 9);
    pages.put(2 * page(), 9);
}

#[test]
fn an_entry_of_a_copy_stays_as_it_was() {
    let pages = Pages::new(1);
    pages.put(0, 1);
    let permission = MAP_MEM_VM_COPY as vm_prot_t | READ_WRITE;
    let (name, size) = entry(page(), pages.address, permission, 0).unwrap();
    pages.put(0, 2);
    let copy = map(name, 0, size).unwrap();
    copy.put(1, 3);
    assert_eq!((copy.get(0), pages.get(1)), (1, 0));
    deallocate(name);
}

#[test]
fn an_entry_of_the_same_memory_is_given_again() {
    let pages = Pages::new(1);
    let (name, _) = entry(page(), pages.address, READ_WRITE, 0).unwrap();
    let reuse = MAP_MEM_NAMED_REUSE as vm_prot_t | READ_WRITE;
    assert_eq!(
        entry(page(), pages.address, reuse, name),
        Ok((name, page()))
    );
    assert_eq!(send_refs(name), 2);
    let others = Pages::new(1);
    let (other, _) = entry(page(), others.address, reuse, name).unwrap();
    assert_ne!(other, name);
    for name in [name, name, other] {
        deallocate(name);
    }
}

#[test]
fn memory_that_cannot_be_named() {
    let pages = Pages::new(2);
    // SAFETY: the pages are the test's own.
    unsafe {
        ok(mach_vm_protect(
            task(),
            pages.address,
            page(),
            0,
            VM_PROT_READ,
        ));
    }
    assert_eq!(
        entry(page(), pages.address, READ_WRITE, 0),
        Err(KERN_PROTECTION_FAILURE)
    );
    assert_eq!(entry(1, 64, VM_PROT_READ, 0), Err(KERN_INVALID_ADDRESS));
    assert_eq!(
        entry(0, pages.address, VM_PROT_READ, 0),
        Err(KERN_INVALID_ARGUMENT)
    );
    assert_eq!(
        entry(u64::MAX, pages.address, VM_PROT_READ, 0),
        Err(KERN_INVALID_ARGUMENT)
    );
}
