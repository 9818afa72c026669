//! `vm_*` and `mach_vm_*`: memory of this task.
//!
//! The calls with pointer-sized addresses are those with 64-bit addresses, for both have 64 bits here.

pub(crate) mod advice;
pub(crate) mod allocate;
pub(crate) mod attribute;
pub(crate) mod copy;
pub(crate) mod entry;
pub(crate) mod listed;
pub(crate) mod map;
pub(crate) mod page;
pub(crate) mod protect;
pub(crate) mod purgeable;
mod region;
pub(crate) mod remap;
pub(crate) mod wire;

use core::ffi::c_int;

use nix::errno::Errno;

use crate::headers::kern_return::{
    KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_NO_SPACE, KERN_PROTECTION_FAILURE,
    KERN_RESOURCE_SHORTAGE, kern_return_t,
};
use crate::headers::vm_statistics::{
    VM_FLAGS_ANYWHERE, VM_FLAGS_OVERWRITE, VM_FLAGS_PURGABLE, VM_FLAGS_SUPERPAGE_MASK,
    VM_FLAGS_SUPERPAGE_SHIFT, VM_FLAGS_SUPERPAGE_SIZE_ANY, VM_FLAGS_TPRO,
};
use crate::kernel::Result;
use crate::sys::mapping::{Place, SPACE};
use crate::sys::memory::page_size;

/// Where an allocation or mapping of `len` bytes is to be, by its flags; wherever there is room, if they say so.
fn place(address: u64, len: usize, mask: u64, flags: c_int) -> Result<Place> {
    let at = address as usize / page_size() * page_size();
    let mask = mask as usize | superpages(len, flags)?;
    if flags & VM_FLAGS_ANYWHERE != 0 {
        return Ok(Place::Anywhere { mask });
    }
    if at & mask != 0 {
        return Err(KERN_NO_SPACE);
    }
    if at < SPACE.start || at.checked_add(len).is_none_or(|end| end > SPACE.end) {
        return Err(KERN_INVALID_ADDRESS);
    }
    Ok(match flags & VM_FLAGS_OVERWRITE {
        0 => Place::Free(at),
        _ => Place::Over(at),
    })
}

/// As [`place`]; an address that is not 0 says where the search for room begins.
fn place_from(address: u64, len: usize, mask: u64, flags: c_int) -> Result<Place> {
    let place = place(address, len, mask, flags)?;
    Ok(match (place, address as usize) {
        (Place::Anywhere { mask }, from @ 1..) => Place::Upwards { from, mask },
        _ => place,
    })
}

/// What superpages ask of an address, as a mask. They are asked for with a size, or with none in particular.
fn superpages(len: usize, flags: c_int) -> Result<usize> {
    const SIZE: usize = 2 << 20;
    const OF_THAT_SIZE: c_int = 2 << VM_FLAGS_SUPERPAGE_SHIFT;
    let asked = flags & VM_FLAGS_SUPERPAGE_MASK;
    let fits = match asked {
        0 => return Ok(0),
        VM_FLAGS_SUPERPAGE_SIZE_ANY => true,
        OF_THAT_SIZE => len.is_multiple_of(SIZE),
        _ => false,
    };
    match fits && flags & (VM_FLAGS_PURGABLE | VM_FLAGS_TPRO) == 0 {
        true => Ok(SIZE - 1),
        false => Err(KERN_INVALID_ARGUMENT),
    }
}

/// Whether memory of a size can be made to vanish, if that is asked for.
fn purgeable_size(flags: c_int, size: u64) -> Result<()> {
    const MOST: u64 = 0xffff_f000;
    match flags & VM_FLAGS_PURGABLE != 0 && size > MOST {
        true => Err(KERN_INVALID_ARGUMENT),
        false => Ok(()),
    }
}

/// Where in a page of 4 KiB something is of which this is the place in its page.
fn four_kilobytes(beyond: u64) -> u64 {
    beyond & !0xfff
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
