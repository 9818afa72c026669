//! Zones, in which XNU allocates: `mach_debug/zone_info.h`. None are told.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_char;

use crate::headers::vm_types::{integer_t, vm_size_t};

numbered! {
    usize, "A number of zones:";
    ZONE_NAME_MAX_LEN = 80,
    MACH_ZONE_NAME_MAX_LEN = 80,
    MACH_MEMORY_INFO_NAME_MAX_LEN = 80,
    MAX_ZTRACE_DEPTH = 15,
}

numbered! {
    u32, "A number of zones:";
    ZOP_ALLOC = 1,
    ZOP_FREE = 0,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    zone_name {
        zn_name: [c_char; ZONE_NAME_MAX_LEN],
    }
}

aliases! {
    zone_name_t = zone_name,
    zone_name_array_t = *mut zone_name_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    zone_info {
        zi_count: integer_t,
        zi_cur_size: vm_size_t,
        zi_max_size: vm_size_t,
        zi_elem_size: vm_size_t,
        zi_alloc_size: vm_size_t,
        zi_pageable: integer_t,
        zi_sleepable: integer_t,
        zi_exhaustible: integer_t,
        zi_collectable: integer_t,
    }
}

aliases! {
    zone_info_t = zone_info,
    zone_info_array_t = *mut zone_info_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    mach_zone_name {
        mzn_name: [c_char; ZONE_NAME_MAX_LEN],
    }
}

aliases! {
    mach_zone_name_t = mach_zone_name,
    mach_zone_name_array_t = *mut mach_zone_name_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    mach_zone_info_data {
        mzi_count: u64,
        mzi_cur_size: u64,
        mzi_max_size: u64,
        mzi_elem_size: u64,
        mzi_alloc_size: u64,
        mzi_sum_size: u64,
        mzi_exhaustible: u64,
        mzi_collectable: u64,
    }
}

aliases! {
    mach_zone_info_t = mach_zone_info_data,
    mach_zone_info_array_t = *mut mach_zone_info_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    task_zone_info_data {
        tzi_count: u64,
        tzi_cur_size: u64,
        tzi_max_size: u64,
        tzi_elem_size: u64,
        tzi_alloc_size: u64,
        tzi_sum_size: u64,
        tzi_exhaustible: u64,
        tzi_collectable: u64,
        tzi_caller_acct: u64,
        tzi_task_alloc: u64,
        tzi_task_free: u64,
    }
}

aliases! {
    task_zone_info_t = task_zone_info_data,
    task_zone_info_array_t = *mut task_zone_info_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    mach_memory_info {
        flags: u64,
        site: u64,
        size: u64,
        free: u64,
        largest: u64,
        collectable_bytes: u64,
        mapped: u64,
        peak: u64,
        tag: u16,
        zone: u16,
        _resvA: [u16; 2],
        _resv: [u64; 3],
        name: [c_char; MACH_MEMORY_INFO_NAME_MAX_LEN],
    }
}

aliases! {
    mach_memory_info_t = mach_memory_info,
    mach_memory_info_array_t = *mut mach_memory_info_t,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    zone_btrecord {
        ref_count: u32,
        operation_type: u32,
        bt: [u64; MAX_ZTRACE_DEPTH],
    }
}

aliases! {
    zone_btrecord_t = zone_btrecord,
    zone_btrecord_array_t = *mut zone_btrecord_t,
}

/// The bytes that could be collected, without the flag that stands in the lowest bit.
#[inline]
pub const fn get_mzi_collectable_bytes(val: u64) -> u64 {
    val >> 1
}

/// Whether anything could be collected at all.
#[inline]
pub const fn get_mzi_collectable_flag(val: u64) -> bool {
    val & 1 != 0
}

/// Sets the bytes, and leaves the flag.
#[inline]
pub const fn set_mzi_collectable_bytes(val: u64, size: u64) -> u64 {
    val & 1 | size << 1
}

/// Sets the flag, and leaves the bytes.
#[inline]
pub const fn set_mzi_collectable_flag(val: u64, flag: bool) -> u64 {
    val & !1 | flag as u64
}
