//! Memory of a test's own, and what Linux says of it.

use std::os::unix::fs::MetadataExt;

use embedded_mach::kern_return::KERN_SUCCESS;
use embedded_mach::traps::mach_task_self;
use embedded_mach::vm::{mach_vm_allocate, mach_vm_deallocate};
use embedded_mach::vm_page_size::vm_page_size;
use embedded_mach::vm_statistics::VM_FLAGS_ANYWHERE;

/// Large enough to leave without being copied.
pub(crate) const LARGE: u64 = 256 << 10;

pub(crate) fn page() -> u64 {
    // SAFETY: not written once the program runs.
    (unsafe { vm_page_size }) as u64
}

/// A region, given back at the end.
pub(crate) struct Memory {
    pub(crate) address: u64,
    pub(crate) len: u64,
}

impl Memory {
    pub(crate) fn new(len: u64) -> Self {
        let mut address = 0;
        // SAFETY: `address` can be written.
        let code =
            unsafe { mach_vm_allocate(mach_task_self(), &mut address, len, VM_FLAGS_ANYWHERE) };
        assert_eq!(code, KERN_SUCCESS);
        Self { address, len }
    }

    /// With a number in every page that only this page of this memory has.
    pub(crate) fn filled(len: u64, first: u64) -> Self {
        let memory = Self::new(len);
        for at in (0..len).step_by(page() as usize) {
            memory.put(at, first + at);
        }
        memory
    }

    pub(crate) fn received(address: u64, len: u64) -> Self {
        Self { address, len }
    }

    pub(crate) fn put(&self, at: u64, value: u64) {
        assert!(at + 8 <= self.len);
        // SAFETY: within the memory, which is this test's.
        unsafe { ((self.address + at) as *mut u64).write_unaligned(value) };
    }

    pub(crate) fn get(&self, at: u64) -> u64 {
        assert!(at + 8 <= self.len);
        // SAFETY: as above.
        unsafe { ((self.address + at) as *const u64).read_unaligned() }
    }

    /// Whether it is as [`Memory::filled`] left it.
    pub(crate) fn is_filled(&self, first: u64) -> bool {
        (0..self.len)
            .step_by(page() as usize)
            .all(|at| self.get(at) == first + at)
    }

    /// The file that is mapped at an offset.
    pub(crate) fn file(&self, at: u64) -> u64 {
        inode(self.address + at).unwrap()
    }

    /// It is somebody else's now.
    pub(crate) fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        let code = unsafe { mach_vm_deallocate(mach_task_self(), self.address, self.len) };
        assert_eq!(code, KERN_SUCCESS);
    }
}

/// The inode of what is mapped at an address, 0 without a file; `None` if nothing is there.
pub(crate) fn inode(address: u64) -> Option<u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
        let inode = fields.nth(3)?.parse().ok()?;
        (start..end).contains(&address).then_some(inode)
    })
}

/// This process's descriptors of a file.
pub(crate) fn descriptors(inode: u64) -> Vec<std::fs::File> {
    let all = std::fs::read_dir("/proc/self/fd").unwrap();
    let open = all.filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = std::fs::read_link(&path).ok()?;
        let is_it = name.to_str()?.starts_with("/memfd:mach-memory")
            && std::fs::metadata(&path).ok()?.ino() == inode;
        is_it.then(|| std::fs::File::options().read(true).write(true).open(path))
    });
    open.filter_map(Result::ok).collect()
}
