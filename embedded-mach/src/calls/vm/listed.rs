//! `vm_region`: what is mapped where.

use core::ffi::c_int;

use super::super::kernel_by;
use crate::headers::kern_return::{
    KERN_FAILURE, KERN_INVALID_ADDRESS, KERN_INVALID_ARGUMENT, KERN_SUCCESS, kern_return_t,
};
use crate::headers::mach_types::vm_task_entry_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{MACH_PORT_NULL, mach_port_t};
use crate::headers::vm_inherit::{
    VM_INHERIT_COPY, VM_INHERIT_NONE, VM_INHERIT_SHARE, vm_inherit_t,
};
use crate::headers::vm_region::{
    SM_COW, SM_EMPTY, SM_PRIVATE, SM_SHARED, VM_REGION_BASIC_INFO, VM_REGION_BASIC_INFO_64,
    VM_REGION_EXTENDED_INFO, VM_REGION_SUBMAP_INFO_COUNT, VM_REGION_SUBMAP_SHORT_INFO_COUNT_64,
    VM_REGION_TOP_INFO, vm_region_basic_info, vm_region_basic_info_64, vm_region_extended_info,
    vm_region_flavor_t, vm_region_info_64_t, vm_region_info_t, vm_region_recurse_info_64_t,
    vm_region_recurse_info_t, vm_region_submap_info, vm_region_submap_info_64,
    vm_region_submap_short_info_64, vm_region_top_info,
};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, natural_t, vm_address_t, vm_map_t, vm_size_t,
};
use crate::kernel::Result;
use crate::kernel::objects::kobject::TaskPort;
use crate::kernel::objects::marks::Mark;
use crate::sys::memory::page_size;
use crate::sys::smaps::{self, Told};

/// The first region at or above an address, as the program knows it, and what was said of it.
fn found(task: vm_task_entry_t, address: u64) -> Result<(Told, Mark)> {
    let kernel = kernel_by(task, TaskPort::Read)?;
    let mut told = smaps::first_above(address as usize)
        .map_err(|_| KERN_FAILURE)?
        .ok_or(KERN_INVALID_ADDRESS)?;
    let known = kernel.memory.as_known(vec![told.region.clone()]);
    told.region.shared = known.iter().all(|region| region.shared);
    let (part, mark) = kernel
        .memory
        .marks
        .at((address as usize).max(told.region.range.start));
    told.cut(&part);
    told.most &= mark.most;
    Ok((told, mark))
}

fn pages(bytes: u64) -> u32 {
    u32::try_from(bytes / page_size() as u64).unwrap_or(u32::MAX)
}

fn inheritance(told: &Told) -> vm_inherit_t {
    match (told.inherited, told.region.shared) {
        (false, _) => VM_INHERIT_NONE,
        (true, true) => VM_INHERIT_SHARE,
        (true, false) => VM_INHERIT_COPY,
    }
}

fn share_mode(told: &Told) -> u8 {
    let untouched = told.present == 0 && told.put_away == 0;
    match (told.region.shared, told.region.file.inode) {
        (true, _) => SM_SHARED,
        (false, 0) if untouched => SM_EMPTY,
        (false, 0) => SM_PRIVATE,
        (false, _) => SM_COW,
    }
}

fn basic(told: &Told, mark: Mark) -> vm_region_basic_info_64 {
    vm_region_basic_info_64 {
        protection: told.region.protection,
        max_protection: told.most,
        inheritance: inheritance(told),
        shared: told.region.shared.into(),
        offset: told.region.offset,
        behavior: mark.behavior,
        ..Default::default()
    }
}

fn extended(told: &Told, mark: Mark) -> vm_region_extended_info {
    vm_region_extended_info {
        protection: told.region.protection,
        user_tag: mark.tag.into(),
        pages_resident: pages(told.present),
        pages_swapped_out: pages(told.put_away),
        pages_dirtied: pages(told.written),
        ref_count: 1,
        external_pager: (told.region.file.inode != 0).into(),
        share_mode: share_mode(told),
        ..Default::default()
    }
}

fn top(told: &Told) -> vm_region_top_info {
    vm_region_top_info {
        obj_id: told.region.file.inode as u32,
        ref_count: 1,
        private_pages_resident: pages(told.present - told.of_others_too.min(told.present)),
        shared_pages_resident: pages(told.of_others_too),
        share_mode: share_mode(told),
    }
}

fn whole(told: &Told, mark: Mark) -> vm_region_submap_info_64 {
    let (basic, extended) = (basic(told, mark), extended(told, mark));
    vm_region_submap_info_64 {
        user_tag: extended.user_tag,
        behavior: basic.behavior,
        protection: basic.protection,
        max_protection: basic.max_protection,
        inheritance: basic.inheritance,
        offset: basic.offset,
        pages_resident: extended.pages_resident,
        pages_swapped_out: extended.pages_swapped_out,
        pages_dirtied: extended.pages_dirtied,
        ref_count: extended.ref_count,
        external_pager: extended.external_pager,
        share_mode: extended.share_mode,
        object_id: told.region.file.inode as u32,
        object_id_full: told.region.file.inode,
        ..Default::default()
    }
}

fn short(told: &Told, mark: Mark) -> vm_region_submap_short_info_64 {
    let whole = whole(told, mark);
    vm_region_submap_short_info_64 {
        user_tag: whole.user_tag,
        behavior: whole.behavior,
        protection: whole.protection,
        max_protection: whole.max_protection,
        inheritance: whole.inheritance,
        offset: whole.offset,
        ref_count: whole.ref_count,
        external_pager: whole.external_pager,
        share_mode: whole.share_mode,
        object_id: whole.object_id,
        ..Default::default()
    }
}

/// Writes as many integers of an answer as are asked for.
///
/// # Safety
/// There is room for them.
unsafe fn answer<T: Copy>(told: T, integers: u32, info: *mut c_int, count: *mut u32) {
    let len = (integers as usize * size_of::<c_int>()).min(size_of::<T>());
    // SAFETY: the caller's promise; the answer is of integers, without bytes that have no value.
    unsafe {
        info.cast::<u8>()
            .copy_from_nonoverlapping((&raw const told).cast(), len);
        count.write(integers);
    }
}

/// Writes where what was found begins, and its size.
///
/// # Safety
/// Both can be written.
unsafe fn place(told: &Told, address: *mut mach_vm_address_t, size: *mut mach_vm_size_t) {
    // SAFETY: the caller's promise.
    unsafe {
        address.write(told.region.range.start as u64);
        size.write(told.region.range.len() as u64);
    }
}

/// What is mapped at an address, or else next above it: where it begins, its size, and what the flavor asks.
/// `object_name` becomes `MACH_PORT_NULL`.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_vm_region(
    target_task: vm_task_entry_t,
    address: *mut mach_vm_address_t,
    size: *mut mach_vm_size_t,
    flavor: vm_region_flavor_t,
    info: vm_region_info_t,
    infoCnt: *mut mach_msg_type_number_t,
    object_name: *mut mach_port_t,
) -> kern_return_t {
    let needed = match flavor {
        VM_REGION_BASIC_INFO_64 | VM_REGION_BASIC_INFO => vm_region_basic_info_64::count(),
        VM_REGION_EXTENDED_INFO => vm_region_extended_info::count(),
        VM_REGION_TOP_INFO => vm_region_top_info::count(),
        _ => u32::MAX,
    };
    // SAFETY: the caller's promise.
    unsafe {
        if infoCnt.read() < needed {
            return KERN_INVALID_ARGUMENT;
        }
        let (told, mark) = match found(target_task, address.read()) {
            Ok(found) => found,
            Err(code) => return code,
        };
        match flavor {
            VM_REGION_EXTENDED_INFO => answer(extended(&told, mark), needed, info, infoCnt),
            VM_REGION_TOP_INFO => answer(top(&told), needed, info, infoCnt),
            _ => answer(basic(&told, mark), needed, info, infoCnt),
        }
        place(&told, address, size);
        if !object_name.is_null() {
            object_name.write(MACH_PORT_NULL);
        }
    }
    KERN_SUCCESS
}

/// All about what is mapped at an address, or else next above it: as much as there is room for, `infoCnt` says. There
/// are no maps within maps: `nesting_depth` becomes 0.
#[allow(non_snake_case, reason = "the parameter's name in mach2")]
pub unsafe extern "C" fn mach_vm_region_recurse(
    target_task: vm_task_entry_t,
    address: *mut mach_vm_address_t,
    size: *mut mach_vm_size_t,
    nesting_depth: *mut natural_t,
    info: vm_region_recurse_info_t,
    infoCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // Without the last fields, with some of them, or with all, as the structure grew.
    let all = vm_region_submap_info_64::count();
    let counts = [all, all - 2, all - 3, VM_REGION_SUBMAP_SHORT_INFO_COUNT_64];
    // SAFETY: the caller's promise.
    unsafe {
        let room = infoCnt.read();
        let Some(count) = counts.into_iter().find(|&count| count <= room) else {
            return KERN_INVALID_ARGUMENT;
        };
        let (told, mark) = match found(target_task, address.read()) {
            Ok(found) => found,
            Err(code) => return code,
        };
        match count {
            VM_REGION_SUBMAP_SHORT_INFO_COUNT_64 => {
                answer(short(&told, mark), count, info, infoCnt)
            }
            _ => answer(whole(&told, mark), count, info, infoCnt),
        }
        place(&told, address, size);
        nesting_depth.write(0);
    }
    KERN_SUCCESS
}

/// As [`mach_vm_region`].
#[allow(non_snake_case, reason = "the parameter's name in C")]
pub unsafe extern "C" fn vm_region_64(
    target_task: vm_map_t,
    address: *mut vm_address_t,
    size: *mut vm_size_t,
    flavor: vm_region_flavor_t,
    info: vm_region_info_64_t,
    infoCnt: *mut mach_msg_type_number_t,
    object_name: *mut mach_port_t,
) -> kern_return_t {
    let (address, size) = (address.cast(), size.cast());
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        mach_vm_region(
            target_task,
            address,
            size,
            flavor,
            info,
            infoCnt,
            object_name,
        )
    }
}

/// As [`mach_vm_region_recurse`].
#[allow(non_snake_case, reason = "the parameter's name in C")]
pub unsafe extern "C" fn vm_region_recurse_64(
    target_task: vm_map_t,
    address: *mut vm_address_t,
    size: *mut vm_size_t,
    nesting_depth: *mut natural_t,
    info: vm_region_recurse_info_64_t,
    infoCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    let (address, size) = (address.cast(), size.cast());
    // SAFETY: as above.
    unsafe { mach_vm_region_recurse(target_task, address, size, nesting_depth, info, infoCnt) }
}

/// As [`vm_region_64`], with the shorter answer for `VM_REGION_BASIC_INFO`.
#[allow(non_snake_case, reason = "the parameter's name in C")]
pub unsafe extern "C" fn vm_region(
    target_task: vm_map_t,
    address: *mut vm_address_t,
    size: *mut vm_size_t,
    flavor: vm_region_flavor_t,
    info: vm_region_info_t,
    infoCnt: *mut mach_msg_type_number_t,
    object_name: *mut mach_port_t,
) -> kern_return_t {
    if flavor != VM_REGION_BASIC_INFO {
        // SAFETY: the caller's promise.
        return unsafe {
            vm_region_64(
                target_task,
                address,
                size,
                flavor,
                info,
                infoCnt,
                object_name,
            )
        };
    }
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        let needed = vm_region_basic_info::count();
        if infoCnt.read() < needed {
            return KERN_INVALID_ARGUMENT;
        }
        let (told, mark) = match found(target_task, address.read() as u64) {
            Ok(found) => found,
            Err(code) => return code,
        };
        let long = basic(&told, mark);
        let short = vm_region_basic_info {
            protection: long.protection,
            max_protection: long.max_protection,
            inheritance: long.inheritance,
            shared: long.shared,
            reserved: long.reserved,
            offset: long.offset as u32,
            behavior: long.behavior,
            ..Default::default()
        };
        answer(short, needed, info, infoCnt);
        place(&told, address.cast(), size.cast());
        if !object_name.is_null() {
            object_name.write(MACH_PORT_NULL);
        }
    }
    KERN_SUCCESS
}

/// As [`vm_region_recurse_64`], with the shorter answer.
#[allow(non_snake_case, reason = "the parameter's name in C")]
pub unsafe extern "C" fn vm_region_recurse(
    target_task: vm_map_t,
    address: *mut vm_address_t,
    size: *mut vm_size_t,
    nesting_depth: *mut natural_t,
    info: vm_region_recurse_info_t,
    infoCnt: *mut mach_msg_type_number_t,
) -> kern_return_t {
    // SAFETY: the caller's promise; an address has 64 bits.
    unsafe {
        if infoCnt.read() < VM_REGION_SUBMAP_INFO_COUNT {
            return KERN_INVALID_ARGUMENT;
        }
        let (told, mark) = match found(target_task, address.read() as u64) {
            Ok(found) => found,
            Err(code) => return code,
        };
        let long = whole(&told, mark);
        let short = vm_region_submap_info {
            protection: long.protection,
            max_protection: long.max_protection,
            inheritance: long.inheritance,
            offset: long.offset as u32,
            user_tag: long.user_tag,
            pages_resident: long.pages_resident,
            pages_swapped_out: long.pages_swapped_out,
            pages_dirtied: long.pages_dirtied,
            ref_count: long.ref_count,
            external_pager: long.external_pager,
            share_mode: long.share_mode,
            behavior: long.behavior,
            object_id: long.object_id,
            ..Default::default()
        };
        answer(short, VM_REGION_SUBMAP_INFO_COUNT, info, infoCnt);
        place(&told, address.cast(), size.cast());
        nesting_depth.write(0);
    }
    KERN_SUCCESS
}
