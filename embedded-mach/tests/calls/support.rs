//! Short forms of what most tests need.

use embedded_mach::extra::{mach_port_get_refs, mach_port_type};
use embedded_mach::kern_return::{KERN_SUCCESS, kern_return_t};
use embedded_mach::mach_port::{mach_port_allocate, mach_port_deallocate, mach_port_mod_refs};
use embedded_mach::port::{
    MACH_PORT_NULL, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_RIGHT_SEND, mach_port_name_t,
};
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::{mach_vm_allocate, mach_vm_deallocate};
use embedded_mach::vm_page_size::vm_page_size;
use embedded_mach::vm_statistics::{VM_FLAGS_ANYWHERE, vm_make_tag};

pub(crate) fn task() -> mach_port_name_t {
    // SAFETY: no argument could be wrong.
    unsafe { mach_task_self() }
}

pub(crate) fn page() -> u64 {
    // SAFETY: not written once the program runs.
    (unsafe { vm_page_size }) as u64
}

pub(crate) fn ok(code: kern_return_t) {
    assert_eq!(code, KERN_SUCCESS);
}

/// A receive right.
pub(crate) fn port() -> mach_port_name_t {
    let mut name = MACH_PORT_NULL;
    // SAFETY: `name` can be written.
    ok(unsafe { mach_port_allocate(task(), MACH_PORT_RIGHT_RECEIVE, &mut name) });
    name
}

pub(crate) fn release_port(name: mach_port_name_t) {
    // SAFETY: takes names.
    ok(unsafe { mach_port_mod_refs(task(), name, MACH_PORT_RIGHT_RECEIVE, -1) });
}

pub(crate) fn deallocate(name: mach_port_name_t) {
    // SAFETY: takes names.
    ok(unsafe { mach_port_deallocate(task(), name) });
}

/// Rights under a name; 0 for no name.
pub(crate) fn kind(name: mach_port_name_t) -> u32 {
    let mut kind = 0;
    // SAFETY: `kind` can be written.
    match unsafe { mach_port_type(task(), name, &mut kind) } {
        KERN_SUCCESS => kind,
        _ => 0,
    }
}

pub(crate) fn send_refs(name: mach_port_name_t) -> u32 {
    let mut refs = 0;
    // SAFETY: `refs` can be written.
    ok(unsafe { mach_port_get_refs(task(), name, MACH_PORT_RIGHT_SEND, &mut refs) });
    refs
}

/// Pages of this test's own.
pub(crate) struct Pages {
    pub(crate) address: u64,
    pub(crate) len: u64,
}

impl Pages {
    pub(crate) fn new(count: u64) -> Self {
        let (mut address, len) = (0, count * page());
        // SAFETY: `address` can be written.
        ok(unsafe { mach_vm_allocate(task(), &mut address, len, VM_FLAGS_ANYWHERE) });
        Self { address, len }
    }

    /// As [`Pages::new`], with a tag.
    pub(crate) fn tagged(count: u64, tag: u32) -> Self {
        let (mut address, len) = (0, count * page());
        let flags = VM_FLAGS_ANYWHERE | vm_make_tag(tag);
        // SAFETY: `address` can be written.
        ok(unsafe { mach_vm_allocate(task(), &mut address, len, flags) });
        Self { address, len }
    }

    /// Takes over what a call has mapped.
    pub(crate) fn mapped(address: u64, len: u64) -> Self {
        Self { address, len }
    }

    pub(crate) fn put(&self, offset: u64, value: u8) {
        assert!(offset < self.len);
        // SAFETY: within the pages, which are this test's.
        unsafe { ((self.address + offset) as *mut u8).write_volatile(value) };
    }

    pub(crate) fn get(&self, offset: u64) -> u8 {
        assert!(offset < self.len);
        // SAFETY: as above.
        unsafe { ((self.address + offset) as *const u8).read_volatile() }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: nobody uses the pages any more.
        ok(unsafe { mach_vm_deallocate(task(), self.address, self.len) });
    }
}

/// Runs in a forked child, which is one thread and has to get along without allocating; whether it found things right.
pub(crate) fn in_child(part: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child does its part and is gone without coming back here.
    match unsafe { libc::fork() } {
        0 => {
            // SAFETY: takes a number. A child that does not end is ended.
            unsafe { libc::alarm(20) };
            let right = part();
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(i32::from(!right)) }
        }
        child => {
            assert!(child > 0);
            let mut status = -1;
            // SAFETY: `status` can be written. The child has a deadline.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            status == 0
        }
    }
}
