//! `vm_*` and `mach_vm_*`: memory of this task.
//!
//! The calls with pointer-sized addresses are those with 64-bit addresses, for both have 64 bits here.

pub(crate) mod allocate;
pub(crate) mod copy;
pub(crate) mod entry;
pub(crate) mod map;
pub(crate) mod protect;
mod region;
pub(crate) mod remap;

use core::ffi::c_int;

use nix::errno::Errno;

use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NO_SPACE, KERN_PROTECTION_FAILURE,
    KERN_RESOURCE_SHORTAGE, kern_return_t,
};
use crate::headers::vm_statistics::{VM_FLAGS_ANYWHERE, VM_FLAGS_OVERWRITE};
use crate::sys::mapping::Place;
use crate::sys::memory::page_size;

/// Where an allocation or mapping is to be, by its flags.
fn place(address: u64, mask: u64, flags: c_int) -> Place {
    let at = address as usize / page_size() * page_size();
    if flags & VM_FLAGS_ANYWHERE != 0 {
        let mask = mask as usize;
        Place::Anywhere { hint: at, mask }
    } else if flags & VM_FLAGS_OVERWRITE != 0 {
        Place::Over(at)
    } else {
        Place::Free(at)
    }
}

/// The process has no room for what it needs.
fn short(_: Errno) -> kern_return_t {
    KERN_RESOURCE_SHORTAGE
}

/// Why pages could not be mapped.
fn unmapped(errno: Errno) -> kern_return_t {
    match errno {
        Errno::EEXIST | Errno::ENOMEM => KERN_NO_SPACE,
        Errno::EACCES | Errno::EPERM => KERN_PROTECTION_FAILURE,
        Errno::EINVAL => KERN_INVALID_ADDRESS,
        Errno::ENFILE | Errno::EMFILE => KERN_RESOURCE_SHORTAGE,
        _ => KERN_INVALID_ARGUMENT,
    }
}
