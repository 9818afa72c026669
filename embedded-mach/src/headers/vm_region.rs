//! What the calls tell of mapped regions: `mach/vm_region.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uchar, c_uint, c_ushort};

use crate::headers::boolean::boolean_t;
use crate::headers::memory_object_types::{memory_object_offset_t, vm_object_id_t};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_behavior::vm_behavior_t;
use crate::headers::vm_inherit::vm_inherit_t;
use crate::headers::vm_prot::vm_prot_t;
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_size_t, natural_t, vm_address_t, vm_size_t,
};

/// What a region shows, as a short number.
pub type vm32_object_id_t = u32;
/// What is asked.
pub type vm_region_flavor_t = c_int;
/// The answer, as an array of integers whose meaning the flavor says.
pub type vm_region_info_t = *mut c_int;
/// As [`vm_region_info_t`].
pub type vm_region_info_64_t = *mut c_int;
/// The answer of `vm_region_recurse`, as an array of integers.
pub type vm_region_recurse_info_t = *mut c_int;
/// As [`vm_region_recurse_info_t`].
pub type vm_region_recurse_info_64_t = *mut c_int;
/// Room for any answer.
pub type vm_region_info_data_t = [c_int; VM_REGION_INFO_MAX as usize];
/// A range to be read, and the copy of it, with addresses of pointer size.
#[repr(C, packed(4))]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_read_entry {
    /// Where it begins.
    pub address: vm_address_t,
    /// Its bytes.
    pub size: vm_size_t,
}
/// Ranges to be read with one call.
pub type vm_read_entry_t = [vm_read_entry; VM_MAP_ENTRY_MAX as usize];
/// Ranges to be read with one call.
pub type mach_vm_read_entry_t = [mach_vm_read_entry; VM_MAP_ENTRY_MAX as usize];

/// The most integers an answer has.
pub const VM_REGION_INFO_MAX: c_int = 1024;
/// The most ranges of [`mach_vm_read_entry_t`].
pub const VM_MAP_ENTRY_MAX: c_int = 256;

/// [`vm_region_basic_info_64`].
pub const VM_REGION_BASIC_INFO_64: vm_region_flavor_t = 9;
/// [`vm_region_basic_info_64`] as well, on machines of 64 bits.
pub const VM_REGION_BASIC_INFO: vm_region_flavor_t = 10;
/// [`vm_region_top_info`].
pub const VM_REGION_TOP_INFO: vm_region_flavor_t = 12;
/// [`vm_region_extended_info`].
pub const VM_REGION_EXTENDED_INFO: vm_region_flavor_t = 13;

/// Code is made and run there.
pub const VM_REGION_FLAG_JIT_ENABLED: c_ushort = 1;
/// Only trusted code writes there.
pub const VM_REGION_FLAG_TPRO_ENABLED: c_ushort = 2;

/// Copied when it is written to.
pub const SM_COW: c_uchar = 1;
/// Of this task alone.
pub const SM_PRIVATE: c_uchar = 2;
/// Nothing was written yet.
pub const SM_EMPTY: c_uchar = 3;
/// Shared.
pub const SM_SHARED: c_uchar = 4;
/// Shared by tasks.
pub const SM_TRUESHARED: c_uchar = 5;
/// Of this task alone, at several places.
pub const SM_PRIVATE_ALIASED: c_uchar = 6;
/// Shared, at several places.
pub const SM_SHARED_ALIASED: c_uchar = 7;
/// In large pages.
pub const SM_LARGE_PAGE: c_uchar = 8;

/// What a region allows, and what it shows.
#[repr(C, packed(4))]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_basic_info_64 {
    /// What is allowed now.
    pub protection: vm_prot_t,
    /// What can be allowed.
    pub max_protection: vm_prot_t,
    /// What forked children get.
    pub inheritance: vm_inherit_t,
    /// Whether others see what is written.
    pub shared: boolean_t,
    /// Whether no memory was set aside.
    pub reserved: boolean_t,
    /// Where the region begins in what it shows.
    pub offset: memory_object_offset_t,
    /// How it is expected to be used.
    pub behavior: vm_behavior_t,
    /// How often it was wired.
    pub user_wired_count: c_ushort,
}

impl vm_region_basic_info_64 {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_basic_info_64_t = *mut vm_region_basic_info_64;
/// The answer itself.
pub type vm_region_basic_info_data_64_t = vm_region_basic_info_64;
/// The integers of [`vm_region_basic_info_64`].
pub const VM_REGION_BASIC_INFO_COUNT_64: mach_msg_type_number_t =
    (size_of::<vm_region_basic_info_64>() / size_of::<c_int>()) as mach_msg_type_number_t;

/// As [`vm_region_basic_info_64`], with a short offset. No call gives it on a machine of 64 bits.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_basic_info {
    /// What is allowed now.
    pub protection: vm_prot_t,
    /// What can be allowed.
    pub max_protection: vm_prot_t,
    /// What forked children get.
    pub inheritance: vm_inherit_t,
    /// Whether others see what is written.
    pub shared: boolean_t,
    /// Whether no memory was set aside.
    pub reserved: boolean_t,
    /// Where the region begins in what it shows.
    pub offset: u32,
    /// How it is expected to be used.
    pub behavior: vm_behavior_t,
    /// How often it was wired.
    pub user_wired_count: c_ushort,
}

impl vm_region_basic_info {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_basic_info_t = *mut vm_region_basic_info;
/// The answer itself.
pub type vm_region_basic_info_data_t = vm_region_basic_info;
/// The integers of [`vm_region_basic_info`].
pub const VM_REGION_BASIC_INFO_COUNT: mach_msg_type_number_t =
    (size_of::<vm_region_basic_info>() / size_of::<c_int>()) as mach_msg_type_number_t;

/// The state of a region's pages.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_extended_info {
    /// What is allowed now.
    pub protection: vm_prot_t,
    /// Whose memory it is.
    pub user_tag: c_uint,
    /// Pages in memory.
    pub pages_resident: c_uint,
    /// Pages that were shared and are no more.
    pub pages_shared_now_private: c_uint,
    /// Pages that were put away.
    pub pages_swapped_out: c_uint,
    /// Pages that were written to.
    pub pages_dirtied: c_uint,
    /// How many have it.
    pub ref_count: c_uint,
    /// How many copies it was made from.
    pub shadow_depth: c_ushort,
    /// Whether a file holds the contents.
    pub external_pager: c_uchar,
    /// Whose it is, as `SM_` numbers.
    pub share_mode: c_uchar,
    /// Pages that the system may take.
    pub pages_reusable: c_uint,
}

impl vm_region_extended_info {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_extended_info_t = *mut vm_region_extended_info;
/// The answer itself.
pub type vm_region_extended_info_data_t = vm_region_extended_info;
/// The integers of [`vm_region_extended_info`].
pub const VM_REGION_EXTENDED_INFO_COUNT: mach_msg_type_number_t =
    (size_of::<vm_region_extended_info>() / size_of::<c_int>()) as mach_msg_type_number_t;

/// Who else has what a region shows.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_top_info {
    /// What it shows.
    pub obj_id: c_uint,
    /// How many have it.
    pub ref_count: c_uint,
    /// Pages that are its own.
    pub private_pages_resident: c_uint,
    /// Pages that others have, too.
    pub shared_pages_resident: c_uint,
    /// Whose it is, as `SM_` numbers.
    pub share_mode: c_uchar,
}

impl vm_region_top_info {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_top_info_t = *mut vm_region_top_info;
/// The answer itself.
pub type vm_region_top_info_data_t = vm_region_top_info;
/// The integers of [`vm_region_top_info`].
pub const VM_REGION_TOP_INFO_COUNT: mach_msg_type_number_t =
    (size_of::<vm_region_top_info>() / size_of::<c_int>()) as mach_msg_type_number_t;

/// All about a region.
#[repr(C, packed(4))]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_submap_info_64 {
    /// What is allowed now.
    pub protection: vm_prot_t,
    /// What can be allowed.
    pub max_protection: vm_prot_t,
    /// What forked children get.
    pub inheritance: vm_inherit_t,
    /// Where the region begins in what it shows.
    pub offset: memory_object_offset_t,
    /// Whose memory it is.
    pub user_tag: c_uint,
    /// Pages in memory.
    pub pages_resident: c_uint,
    /// Pages that were shared and are no more.
    pub pages_shared_now_private: c_uint,
    /// Pages that were put away.
    pub pages_swapped_out: c_uint,
    /// Pages that were written to.
    pub pages_dirtied: c_uint,
    /// How many have it.
    pub ref_count: c_uint,
    /// How many copies it was made from.
    pub shadow_depth: c_ushort,
    /// Whether a file holds the contents.
    pub external_pager: c_uchar,
    /// Whose it is, as `SM_` numbers.
    pub share_mode: c_uchar,
    /// Whether the region is a map itself.
    pub is_submap: boolean_t,
    /// How it is expected to be used.
    pub behavior: vm_behavior_t,
    /// What it shows.
    pub object_id: vm32_object_id_t,
    /// How often it was wired.
    pub user_wired_count: c_ushort,
    /// `VM_REGION_FLAG_` numbers.
    pub flags: c_ushort,
    /// Pages that the system may take.
    pub pages_reusable: c_uint,
    /// What it shows.
    pub object_id_full: vm_object_id_t,
}

impl vm_region_submap_info_64 {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_submap_info_64_t = *mut vm_region_submap_info_64;
/// The answer itself.
pub type vm_region_submap_info_data_64_t = vm_region_submap_info_64;

/// As [`vm_region_submap_info_64`], without what takes a look at the pages.
#[repr(C, packed(4))]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct vm_region_submap_short_info_64 {
    /// What is allowed now.
    pub protection: vm_prot_t,
    /// What can be allowed.
    pub max_protection: vm_prot_t,
    /// What forked children get.
    pub inheritance: vm_inherit_t,
    /// Where the region begins in what it shows.
    pub offset: memory_object_offset_t,
    /// Whose memory it is.
    pub user_tag: c_uint,
    /// How many have it.
    pub ref_count: c_uint,
    /// How many copies it was made from.
    pub shadow_depth: c_ushort,
    /// Whether a file holds the contents.
    pub external_pager: c_uchar,
    /// Whose it is, as `SM_` numbers.
    pub share_mode: c_uchar,
    /// Whether the region is a map itself.
    pub is_submap: boolean_t,
    /// How it is expected to be used.
    pub behavior: vm_behavior_t,
    /// What it shows.
    pub object_id: vm32_object_id_t,
    /// How often it was wired.
    pub user_wired_count: c_ushort,
    /// `VM_REGION_FLAG_` numbers.
    pub flags: c_ushort,
}

impl vm_region_submap_short_info_64 {
    /// Its integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
/// Points to an answer.
pub type vm_region_submap_short_info_64_t = *mut vm_region_submap_short_info_64;
/// The answer itself.
pub type vm_region_submap_short_info_data_64_t = vm_region_submap_short_info_64;
/// The integers of [`vm_region_submap_short_info_64`].
pub const VM_REGION_SUBMAP_SHORT_INFO_COUNT_64: mach_msg_type_number_t =
    (size_of::<vm_region_submap_short_info_64>() / size_of::<c_int>()) as mach_msg_type_number_t;

/// A range to be read, and the copy of it.
#[repr(C, packed(4))]
#[derive(Clone, Copy, Debug, Default, Hash, PartialEq, Eq, PartialOrd, Ord)]
pub struct mach_vm_read_entry {
    /// Where it begins.
    pub address: mach_vm_address_t,
    /// Its bytes.
    pub size: mach_vm_size_t,
}

aliases! {
    vm_region_submap_info_t = *mut vm_region_submap_info,
    vm_region_submap_info_data_t = vm_region_submap_info,
    vm_page_info_t = *mut c_int,
    vm_page_info_flavor_t = c_int,
    vm_page_info_basic_t = *mut vm_page_info_basic,
    vm_page_info_basic_data_t = vm_page_info_basic,
}

numbered! {
    mach_msg_type_number_t, "Of a region:";
    VM_REGION_SUBMAP_INFO_COUNT = (size_of::<vm_region_submap_info_data_t>() / size_of::<natural_t>()) as mach_msg_type_number_t,
    VM_PAGE_INFO_BASIC_COUNT = (size_of::<vm_page_info_basic_data_t>() / size_of::<c_int>()) as mach_msg_type_number_t,
}

numbered! {
    vm_page_info_flavor_t, "Of a region:";
    VM_PAGE_INFO_BASIC = 1,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_region_submap_info {
        protection: vm_prot_t,
        max_protection: vm_prot_t,
        inheritance: vm_inherit_t,
        offset: u32,
        user_tag: c_uint,
        pages_resident: c_uint,
        pages_shared_now_private: c_uint,
        pages_swapped_out: c_uint,
        pages_dirtied: c_uint,
        ref_count: c_uint,
        shadow_depth: c_ushort,
        external_pager: c_uchar,
        share_mode: c_uchar,
        is_submap: boolean_t,
        behavior: vm_behavior_t,
        object_id: vm32_object_id_t,
        user_wired_count: c_ushort,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_page_info_basic {
        disposition: c_int,
        ref_count: c_int,
        object_id: vm_object_id_t,
        offset: memory_object_offset_t,
        depth: c_int,
        __pad: c_int,
    }
}
