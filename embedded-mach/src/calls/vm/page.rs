//! `vm_page_query` and its kin: how single pages are.

use core::ffi::c_int;
use std::ops::Range;

use super::super::{code, kernel_by};
use super::region::{all_mapped, possible_pages, within_space};
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, kern_return_t,
};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_region::{
    VM_PAGE_INFO_BASIC, VM_PAGE_INFO_BASIC_COUNT, vm_page_info_basic, vm_page_info_flavor_t,
    vm_page_info_t,
};
use crate::headers::vm_statistics::{
    VM_PAGE_QUERY_PAGE_COPIED, VM_PAGE_QUERY_PAGE_DIRTY, VM_PAGE_QUERY_PAGE_EXTERNAL,
    VM_PAGE_QUERY_PAGE_PAGED_OUT, VM_PAGE_QUERY_PAGE_PRESENT, VM_PAGE_QUERY_PAGE_REF,
};
use crate::headers::vm_types::{
    integer_t, mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, vm_map_t, vm_offset_t,
};
use crate::kernel::Result;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::objects::own_memory::OwnMemory;
use crate::sys::maps::Region;
use crate::sys::memory::page_size;
use crate::sys::{pagemap, user};

/// What is asked of Linux at once.
const AT_ONCE: usize = 256 << 20;

/// How the pages of a range are; 0 where nothing is mapped.
fn dispositions(memory: &OwnMemory, range: &Range<usize>) -> Result<Vec<c_int>> {
    let page = page_size();
    let mut told = vec![0; range.len() / page];
    for region in all_mapped(&within_space(range.clone()))? {
        let pages = pagemap::pages(region.range.clone()).map_err(|_| KERN_FAILURE)?;
        let first = (region.range.start - range.start) / page;
        for (told, found) in told[first..].iter_mut().zip(pages) {
            *told = disposition(&region, memory.is_own(&region), found);
        }
    }
    Ok(told)
}

fn disposition(region: &Region, own: bool, page: pagemap::Page) -> c_int {
    let external = region.file.inode != 0 && !own;
    let copied = external && page.present && !page.of_a_file;
    let bits = [
        (
            page.present,
            VM_PAGE_QUERY_PAGE_PRESENT | VM_PAGE_QUERY_PAGE_REF,
        ),
        (
            page.present && (!external || copied),
            VM_PAGE_QUERY_PAGE_DIRTY,
        ),
        (page.put_away, VM_PAGE_QUERY_PAGE_PAGED_OUT),
        (copied, VM_PAGE_QUERY_PAGE_COPIED),
        (external && !copied, VM_PAGE_QUERY_PAGE_EXTERNAL),
    ];
    let bits = bits.into_iter().filter(|(is, _)| *is);
    bits.fold(0, |all, (_, bit)| all | bit)
}

fn one(target: vm_map_t, address: u64) -> Result<c_int> {
    let kernel = kernel_by(target, TaskPort::Read)?;
    let range = possible_pages(address, 1).ok().flatten();
    let range = range.ok_or(KERN_INVALID_ADDRESS)?;
    let told = dispositions(&kernel.memory, &range)?;
    told.first().copied().ok_or(KERN_FAILURE)
}

/// How the page at an address is, and how many others have what it shows, which is always 0. Where nothing is mapped, both
/// are 0.
pub unsafe extern "C" fn mach_vm_page_query(
    target_map: vm_map_t,
    offset: mach_vm_offset_t,
    disposition: *mut integer_t,
    ref_count: *mut integer_t,
) -> kern_return_t {
    code(one(target_map, offset).map(|told| {
        // SAFETY: the caller's promise.
        unsafe {
            disposition.write(told);
            ref_count.write(0);
        }
    }))
}

/// As [`mach_vm_page_query`], as one structure: `VM_PAGE_INFO_BASIC`.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_vm_page_info(
    target_task: vm_map_t,
    address: mach_vm_address_t,
    flavor: vm_page_info_flavor_t,
    info: vm_page_info_t,
    infoCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let room = unsafe { infoCnt.read() };
    // It was an integer shorter once.
    if flavor != VM_PAGE_INFO_BASIC
        || !(room == VM_PAGE_INFO_BASIC_COUNT || room + 1 == VM_PAGE_INFO_BASIC_COUNT)
    {
        return KERN_INVALID_ARGUMENT;
    }
    code(one(target_task, address).map(|disposition| {
        let told = vm_page_info_basic {
            disposition,
            offset: address % page_size() as u64,
            ..Default::default()
        };
        let len = room as usize * size_of::<c_int>();
        // SAFETY: the caller's promise; the structure is of integers, and as long.
        unsafe {
            info.cast::<u8>()
                .copy_from_nonoverlapping((&raw const told).cast(), len);
        }
    }))
}

/// Writes how each page of a range is, an integer for each, as many as `dispositions_count` has room for; the count becomes
/// what was written. Places that cannot be written are `EFAULT`, as on XNU.
pub unsafe extern "C" fn mach_vm_page_range_query(
    target_map: vm_map_t,
    address: mach_vm_offset_t,
    size: mach_vm_size_t,
    dispositions: mach_vm_address_t,
    dispositions_count: *mut mach_vm_size_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    let room = unsafe { dispositions_count.read() };
    let asked = Asked {
        address,
        size,
        dispositions,
        room,
    };
    // SAFETY: as above.
    code(unsafe { asked.answer(target_map) }.map(|written| {
        if let Some(written) = written {
            // SAFETY: as above.
            unsafe { dispositions_count.write(written) };
        }
    }))
}

struct Asked {
    address: u64,
    size: u64,
    dispositions: u64,
    room: u64,
}

impl Asked {
    /// How many were written; `None` if nothing was asked for.
    ///
    /// # Safety
    /// What is at `dispositions` is there for the answer.
    unsafe fn answer(&self, target: vm_map_t) -> Result<Option<u64>> {
        const EACH: u64 = size_of::<c_int>() as u64;
        let kernel = kernel_by(target, TaskPort::Read)?;
        let bytes = self.room.checked_mul(EACH);
        let end = bytes.and_then(|bytes| self.dispositions.checked_add(bytes));
        end.ok_or(KERN_INVALID_ARGUMENT)?;
        if self.size == 0 {
            return Ok(None);
        }
        let range = possible_pages(self.address, self.size)?.ok_or(KERN_INVALID_ARGUMENT)?;
        if self.room == 0 {
            return Ok(None);
        }
        let (mut written, mut at) = (0, range.start);
        while at < range.end && written < self.room {
            let part = at..range.end.min(at.saturating_add(AT_ONCE));
            let told = self::dispositions(&kernel.memory, &part)?;
            let left = usize::try_from(self.room - written).unwrap_or(usize::MAX);
            let told = &told[..left.min(told.len())];
            let to = (self.dispositions + written * EACH) as usize;
            // SAFETY: the caller's promise.
            unsafe { user::write(to, told) }.map_err(|errno| errno as kern_return_t)?;
            written += told.len() as u64;
            at = part.end;
        }
        Ok(Some(written))
    }
}

/// As [`mach_vm_page_query`].
pub unsafe extern "C" fn vm_map_page_query(
    target_map: vm_map_t,
    offset: vm_offset_t,
    disposition: *mut integer_t,
    ref_count: *mut integer_t,
) -> kern_return_t {
    // SAFETY: the caller's promise.
    unsafe { mach_vm_page_query(target_map, offset as u64, disposition, ref_count) }
}
