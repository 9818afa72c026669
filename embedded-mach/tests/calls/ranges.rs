//! Ranges at the edges, and the most that memory may allow, call by call.

use embedded_mach::extra::{host_get_special_port, mach_vm_remap_new, mach_vm_wire};
use embedded_mach::host_special_ports::*;
use embedded_mach::kern_return::*;
use embedded_mach::mach_init::mach_host_self;
use embedded_mach::memory_object_types::MAP_MEM_PURGABLE;
use embedded_mach::port::MACH_PORT_NULL;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::*;
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::*;

use super::entries::{ANYWHERE, CREATE, Mapping, READ_WRITE, entry, fresh};
use super::regions::listed;
use super::support::{Pages, deallocate, ok, page, task};

fn protect(address: u64, size: u64, maximum: bool, allowed: vm_prot_t) -> kern_return_t {
    // SAFETY: the pages are the test's, or none.
    unsafe { mach_vm_protect(task(), address, size, maximum.into(), allowed) }
}

fn inherit(address: u64, size: u64, how: vm_inherit_t) -> kern_return_t {
    // SAFETY: as above.
    unsafe { mach_vm_inherit(task(), address, size, how) }
}

fn allocate(address: u64, size: u64) -> kern_return_t {
    let mut at = address;
    // SAFETY: `at` can be written, and nothing is replaced.
    let code = unsafe { mach_vm_allocate(task(), &mut at, size, VM_FLAGS_FIXED) };
    assert!(code == KERN_SUCCESS || at == address);
    code
}

#[test]
fn a_fixed_place_that_is_none_is_an_invalid_address() {
    let (page, last) = (page(), page().wrapping_neg());
    // To a mapping a range that wraps is a wrong argument.
    for (address, size, mapped) in [
        (0, page, KERN_INVALID_ADDRESS),
        (u64::MAX, 1, KERN_INVALID_ARGUMENT),
        (last, page, KERN_INVALID_ARGUMENT),
        (page, last, KERN_INVALID_ARGUMENT),
        (1 << 63, page, KERN_INVALID_ADDRESS),
        (page, 1 << 62, KERN_INVALID_ADDRESS),
    ] {
        assert_eq!(
            allocate(address, size),
            KERN_INVALID_ADDRESS,
            "{address:x} {size:x}"
        );
        let fixed = Mapping {
            address,
            flags: VM_FLAGS_FIXED,
            ..ANYWHERE
        };
        let refused = fixed.map(MACH_PORT_NULL, 0, size).err();
        assert_eq!(refused, Some(mapped), "{address:x} {size:x}");
    }
    for size in [u64::MAX, last + 1] {
        assert_eq!(allocate(page, size), KERN_INVALID_ARGUMENT);
    }
    let taken = Pages::new(1);
    assert_eq!(allocate(taken.address, page), KERN_NO_SPACE);
}

#[test]
fn nothing_to_do_succeeds_whatever_else_is_said() {
    for address in [0, 1, u64::MAX] {
        ok(protect(address, 0, false, -1));
        ok(inherit(address, 0, 77));
        // SAFETY: nothing is given back.
        ok(unsafe { mach_vm_deallocate(task(), address, 0) });
    }
    let give_back = |address, size| {
        // SAFETY: nothing is there.
        unsafe { mach_vm_deallocate(task(), address, size) }
    };
    ok(give_back(1 << 63, page()));
    ok(give_back(page().wrapping_neg(), page() - 1));
    assert_eq!(give_back(u64::MAX, 1), KERN_INVALID_ARGUMENT);
}

#[test]
fn inheritance_passes_over_holes() {
    let pages = Pages::new(3);
    let address = pages.address;
    drop(Pages::mapped(address + page(), page()));
    ok(inherit(address, 3 * page(), VM_INHERIT_NONE));
    let how = |address| listed(address).info.inheritance;
    assert_eq!(how(address), VM_INHERIT_NONE);
    assert_eq!(how(address + 2 * page()), VM_INHERIT_NONE);
    ok(inherit(address, page(), VM_INHERIT_COPY));
    assert_eq!(how(address), VM_INHERIT_COPY);
    ok(inherit(1 << 63, page(), VM_INHERIT_NONE));
    assert_eq!(inherit(1 << 63, page(), 3), KERN_INVALID_ARGUMENT);
    for (address, size) in [(u64::MAX, 1), (page().wrapping_neg(), 1), (1, u64::MAX)] {
        assert_eq!(
            inherit(address, size, VM_INHERIT_NONE),
            KERN_INVALID_ARGUMENT
        );
    }
}

#[test]
fn what_memory_may_never_allow_is_refused_later() {
    let pages = Pages::new(3);
    ok(protect(pages.address + page(), page(), true, VM_PROT_READ));
    let part = listed(pages.address + page());
    assert_eq!((part.address, part.size), (pages.address + page(), page()));
    assert_eq!((part.info.protection, part.info.max_protection), (1, 1));
    let again = protect(pages.address, pages.len, false, READ_WRITE);
    assert_eq!(again, KERN_PROTECTION_FAILURE);
    let again = protect(pages.address + page(), page(), true, READ_WRITE);
    assert_eq!(again, KERN_PROTECTION_FAILURE);
    ok(protect(pages.address, page(), false, READ_WRITE));
    // A copy may be written to.
    let copied = protect(
        pages.address + page(),
        page(),
        false,
        READ_WRITE | VM_PROT_COPY,
    );
    ok(copied);
    pages.put(page(), 1);

    let read = Mapping {
        current: READ_WRITE,
        maximum: VM_PROT_READ,
        ..ANYWHERE
    };
    let mapped = read.map(MACH_PORT_NULL, 0, page()).unwrap();
    let info = listed(mapped.address).info;
    assert_eq!(
        (info.protection, info.max_protection),
        (VM_PROT_READ, VM_PROT_READ)
    );
    let raised = protect(mapped.address, page(), false, READ_WRITE);
    assert_eq!(raised, KERN_PROTECTION_FAILURE);
}

#[test]
fn a_tag_is_told_with_the_region() {
    let pages = Pages::tagged(2, 240);
    let neighbour = Pages::new(1);
    assert_eq!({ listed(pages.address + 1).info.user_tag }, 240);
    assert_eq!({ listed(neighbour.address).info.user_tag }, 0);
    let mapped = Mapping {
        flags: VM_FLAGS_ANYWHERE | vm_make_tag(241),
        ..ANYWHERE
    };
    let mapped = mapped.map(MACH_PORT_NULL, 0, page()).unwrap();
    assert_eq!({ listed(mapped.address).info.user_tag }, 241);
    let address = pages.address;
    drop(pages);
    let mut at = address;
    // SAFETY: the place is free, or refused.
    if unsafe { mach_vm_allocate(task(), &mut at, page(), VM_FLAGS_FIXED) } == KERN_SUCCESS {
        let again = Pages::mapped(at, page());
        assert_eq!({ listed(again.address).info.user_tag }, 0);
    }
}

fn remap_new(
    source: u64,
    size: u64,
    flags: i32,
    asked: (vm_prot_t, vm_prot_t),
) -> Result<Pages, kern_return_t> {
    let (mut at, (mut current, mut maximum)) = (0, asked);
    // SAFETY: the out-parameters can be written, and nothing is replaced.
    let code = unsafe {
        mach_vm_remap_new(
            task(),
            &mut at,
            size,
            0,
            flags,
            task(),
            source,
            1,
            &mut current,
            &mut maximum,
            VM_INHERIT_DEFAULT,
        )
    };
    match code {
        KERN_SUCCESS => Ok(Pages::mapped(at, size)),
        code => Err(code),
    }
}

#[test]
fn a_new_remap_allows_what_it_says() {
    let pages = Pages::new(2);
    pages.put(5, 7);
    let made = remap_new(pages.address + 5, page(), VM_FLAGS_ANYWHERE, (1, 3)).unwrap();
    assert_eq!((made.address % page(), made.get(0)), (5, 7));
    let info = listed(made.address).info;
    assert_eq!((info.protection, info.max_protection), (1, 3));
    let run = VM_PROT_WRITE | VM_PROT_EXECUTE;
    for (asked, code) in [
        ((VM_PROT_NONE, run), KERN_PROTECTION_FAILURE),
        ((VM_PROT_EXECUTE, VM_PROT_EXECUTE), KERN_PROTECTION_FAILURE),
        ((READ_WRITE, VM_PROT_READ), KERN_INVALID_ARGUMENT),
        ((8, 8), KERN_INVALID_ARGUMENT),
    ] {
        let refused = remap_new(pages.address, page(), VM_FLAGS_ANYWHERE, asked).err();
        assert_eq!(refused, Some(code), "{asked:?}");
    }
}

#[test]
fn a_remap_counts_pages_from_the_first_one_on() {
    let pages = Pages::new(2);
    let remapped = |flags| {
        let (mut at, mut current, mut maximum) = (0, 0, 0);
        let source = pages.address + page() - 1;
        // SAFETY: the out-parameters can be written, and nothing is replaced.
        ok(unsafe {
            mach_vm_remap(
                task(),
                &mut at,
                2,
                0,
                VM_FLAGS_ANYWHERE | flags,
                task(),
                source,
                1,
                &mut current,
                &mut maximum,
                VM_INHERIT_DEFAULT,
            )
        });
        let made = Pages::mapped(at, 2);
        listed(made.address).size
    };
    assert_eq!(remapped(0), page());
    assert_eq!(remapped(VM_FLAGS_RETURN_DATA_ADDR), 2 * page());
    let wrong = remap_new(pages.address, page(), VM_FLAGS_PURGABLE, (1, 1));
    assert_eq!(wrong.err(), Some(KERN_INVALID_ARGUMENT));
}

#[test]
fn only_memory_that_was_made_so_is_mapped_to_vanish() {
    let purgeable = Mapping {
        flags: VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE,
        ..ANYWHERE
    };
    let superpages = Mapping {
        flags: VM_FLAGS_ANYWHERE | VM_FLAGS_SUPERPAGE_SIZE_ANY,
        ..ANYWHERE
    };
    let plain = fresh(2 * page());
    for mapping in [purgeable, superpages] {
        let refused = mapping.map(plain, 0, 2 * page()).err();
        assert_eq!(refused, Some(KERN_INVALID_ARGUMENT));
    }
    let permission = CREATE | READ_WRITE | MAP_MEM_PURGABLE as vm_prot_t;
    let (made, _) = entry(2 * page(), 0, permission, 0).unwrap();
    assert!(purgeable.map(made, 0, 2 * page()).is_ok());
    let part = purgeable.map(made, 0, page()).err();
    assert_eq!(part, Some(KERN_INVALID_ARGUMENT));
    for name in [plain, made] {
        deallocate(name);
    }
    let large = purgeable.map(MACH_PORT_NULL, 0, 1 << 32).err();
    assert_eq!(large, Some(KERN_INVALID_ARGUMENT));
    let mut at = 0;
    let flags = VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE;
    // SAFETY: `at` can be written.
    let large = unsafe { mach_vm_allocate(task(), &mut at, 1 << 32, flags) };
    assert_eq!(large, KERN_INVALID_ARGUMENT);
}

#[test]
fn only_the_administrator_keeps_memory_from_being_put_away() {
    let pages = Pages::new(1);
    // SAFETY: takes numbers; `port` can be written.
    unsafe {
        let (host, mut port) = (mach_host_self(), MACH_PORT_NULL);
        let found = host_get_special_port(host, HOST_LOCAL_NODE, HOST_PRIV_PORT, &mut port);
        let wire = |address, size, access| mach_vm_wire(host, task(), address, size, access);
        if libc::geteuid() != 0 {
            assert_eq!(found, KERN_INVALID_ARGUMENT);
            assert_eq!(wire(pages.address, page(), VM_PROT_READ), KERN_INVALID_HOST);
            return;
        }
        ok(found);
        assert_eq!(port, host);
        for which in [0, HOST_MAX_SPECIAL_PORT + 1] {
            let refused = host_get_special_port(host, HOST_LOCAL_NODE, which, &mut port);
            assert_eq!(refused, KERN_INVALID_ARGUMENT);
        }
        ok(wire(pages.address, page(), READ_WRITE));
        ok(wire(pages.address, page(), VM_PROT_NONE));
        ok(wire(u64::MAX, 0, -1));
        assert_eq!(
            wire(pages.address, page(), VM_PROT_EXECUTE),
            KERN_PROTECTION_FAILURE
        );
        assert_eq!(wire(pages.address, page(), 1 << 10), KERN_INVALID_ARGUMENT);
        assert_eq!(wire(u64::MAX, 1, VM_PROT_READ), KERN_INVALID_ARGUMENT);
        for access in [VM_PROT_READ, VM_PROT_NONE] {
            assert_eq!(wire(1 << 20, page(), access), KERN_INVALID_ADDRESS);
        }
        deallocate(port);
    }
}
