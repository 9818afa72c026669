//! Memory a second time.

use embedded_mach::extra::vm_remap;
use embedded_mach::kern_return::*;
use embedded_mach::vm::*;
use embedded_mach::vm_inherit::VM_INHERIT_NONE;
use embedded_mach::vm_prot::*;
use embedded_mach::vm_statistics::*;

use super::support::{Pages, ok, page, port, release_port, task};

/// A second mapping, and what it allows now and at most.
fn remap(
    source: u64,
    size: u64,
    flags: i32,
    copy: bool,
    from: u32,
) -> Result<(Pages, vm_prot_t, vm_prot_t), kern_return_t> {
    let (mut address, mut current, mut maximum) = (0, 0, 0);
    // SAFETY: the out-parameters can be written; the source is the test's own.
    let code = unsafe {
        mach_vm_remap(
            task(),
            &mut address,
            size,
            0,
            flags,
            from,
            source,
            u32::from(copy) as _,
            &mut current,
            &mut maximum,
            VM_INHERIT_NONE,
        )
    };
    match code {
        KERN_SUCCESS => Ok((Pages::mapped(address, size), current, maximum)),
        code => Err(code),
    }
}

#[test]
fn the_same_memory_or_a_copy() {
    let pages = Pages::new(2);
    pages.put(3, 1);
    let (copy, current, maximum) =
        remap(pages.address, page(), VM_FLAGS_ANYWHERE, true, task()).unwrap();
    assert_eq!((current, maximum), (VM_PROT_DEFAULT, VM_PROT_ALL));
    let (same, ..) = remap(pages.address, page(), VM_FLAGS_ANYWHERE, false, task()).unwrap();
    let (again, ..) = remap(same.address, page(), VM_FLAGS_ANYWHERE, false, task()).unwrap();
    pages.put(3, 2);
    assert_eq!((copy.get(3), same.get(3), again.get(3)), (1, 2, 2));
    drop(same);
    again.put(3, 4);
    assert_eq!(pages.get(3), 4);
}

#[test]
fn what_the_source_allows() {
    let pages = Pages::new(1);
    // SAFETY: the page is the test's own.
    ok(unsafe { mach_vm_protect(task(), pages.address, page(), 0, VM_PROT_READ) });
    let (same, current, _) = remap(pages.address, 1, VM_FLAGS_ANYWHERE, false, task()).unwrap();
    assert_eq!((current, same.get(0)), (VM_PROT_READ, 0));
}

#[test]
fn the_address_of_the_data_itself() {
    let pages = Pages::new(1);
    pages.put(40, 5);
    let flags = VM_FLAGS_ANYWHERE | VM_FLAGS_RETURN_DATA_ADDR;
    let (same, ..) = remap(pages.address + 40, 2, flags, false, task()).unwrap();
    assert_eq!((same.address % page(), same.get(0)), (40, 5));
}

#[test]
fn what_cannot_be_mapped_again() {
    let pages = Pages::new(1);
    let fails = |source, size, flags, from| remap(source, size, flags, false, from).err();
    let (at, any) = (pages.address, VM_FLAGS_ANYWHERE);
    assert_eq!(fails(64, 1, any, task()), Some(KERN_INVALID_ADDRESS));
    assert_eq!(fails(at, 0, any, task()), Some(KERN_INVALID_ARGUMENT));
    assert_eq!(fails(at, 1, 1 << 8, task()), Some(KERN_INVALID_ARGUMENT));
    let other = port();
    assert_eq!(fails(at, 1, any, other), Some(KERN_INVALID_ARGUMENT));
    release_port(other);

    // A program's own shared mapping: the library has no descriptor of it.
    // SAFETY: a mapping of the test's own, at a place of the kernel's choice.
    let own = unsafe {
        let kind = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        libc::mmap(std::ptr::null_mut(), 1, libc::PROT_READ, kind, -1, 0)
    };
    assert_ne!(own, libc::MAP_FAILED);
    let own = Pages::mapped(own as u64, page());
    assert_eq!(fails(own.address, 1, any, task()), Some(KERN_NOT_SUPPORTED));
    assert!(remap(own.address, 1, any, true, task()).is_ok());
}

#[test]
fn the_call_of_pointer_size_is_the_same_call() {
    let pages = Pages::new(1);
    let (mut address, mut now, mut most) = (0, 0, 0);
    // SAFETY: as in `remap`.
    unsafe {
        let (from, size) = (pages.address as usize, page() as usize);
        let flags = VM_FLAGS_ANYWHERE;
        let this = task();
        ok(vm_remap(
            this,
            &mut address,
            size,
            0,
            flags,
            this,
            from,
            0,
            &mut now,
            &mut most,
            2,
        ));
    }
    let same = Pages::mapped(address as u64, page());
    same.put(1, 1);
    assert_eq!((pages.get(1), now), (1, VM_PROT_DEFAULT));
}
