//! Flags of memory allocation: `mach/vm_statistics.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uint};

use crate::headers::vm_types::{integer_t, natural_t};

/// At the address given.
pub const VM_FLAGS_FIXED: c_int = 0x0000_0000;
/// Wherever there is room, from the address given upwards.
pub const VM_FLAGS_ANYWHERE: c_int = 0x0000_0001;
/// The memory may be purged.
pub const VM_FLAGS_PURGABLE: c_int = 0x0000_0002;
/// In a chunk of 4 GiB of its own.
pub const VM_FLAGS_4GB_CHUNK: c_int = 0x0000_0004;
/// At a random address.
pub const VM_FLAGS_RANDOM_ADDR: c_int = 0x0000_0008;
/// The pages are not kept once they are out of use.
pub const VM_FLAGS_NO_CACHE: c_int = 0x0000_0010;
/// A page that fails its signature reads as zero.
pub const VM_FLAGS_RESILIENT_CODESIGN: c_int = 0x0000_0020;
/// A page that cannot be read reads as zero.
pub const VM_FLAGS_RESILIENT_MEDIA: c_int = 0x0000_0040;
/// The mapping stays.
pub const VM_FLAGS_PERMANENT: c_int = 0x0000_0080;
/// Memory of a trusted path.
pub const VM_FLAGS_TPRO: c_int = 0x0000_1000;
/// Memory with tags.
pub const VM_FLAGS_MTE: c_int = 0x0000_2000;
/// What is mapped there is replaced.
pub const VM_FLAGS_OVERWRITE: c_int = 0x0000_4000;
/// The size of superpages.
pub const VM_FLAGS_SUPERPAGE_MASK: c_int = 0x0007_0000;
/// The address of the data is returned, not that of its page.
pub const VM_FLAGS_RETURN_DATA_ADDR: c_int = 0x0010_0000;
/// No guard pages around it.
pub const VM_FLAGS_GUARD_OBJECT_OPTOUT: c_int = 0x0040_0000;
/// The address of the data to 4 KiB is returned.
pub const VM_FLAGS_RETURN_4K_DATA_ADDR: c_int = 0x0080_0000;
/// The memory's tag, in the upper byte.
pub const VM_FLAGS_ALIAS_MASK: c_int = 0xff << 24;
/// What hardware must know of.
pub const VM_FLAGS_HW: c_int = VM_FLAGS_TPRO | VM_FLAGS_MTE;
/// The flags that an allocation takes.
pub const VM_FLAGS_USER_ALLOCATE: c_int = VM_FLAGS_FIXED
    | VM_FLAGS_ANYWHERE
    | VM_FLAGS_PURGABLE
    | VM_FLAGS_4GB_CHUNK
    | VM_FLAGS_RANDOM_ADDR
    | VM_FLAGS_NO_CACHE
    | VM_FLAGS_PERMANENT
    | VM_FLAGS_OVERWRITE
    | VM_FLAGS_GUARD_OBJECT_OPTOUT
    | VM_FLAGS_SUPERPAGE_MASK
    | VM_FLAGS_HW
    | VM_FLAGS_ALIAS_MASK;
/// The flags that a mapping takes.
pub const VM_FLAGS_USER_MAP: c_int =
    VM_FLAGS_USER_ALLOCATE | VM_FLAGS_RETURN_4K_DATA_ADDR | VM_FLAGS_RETURN_DATA_ADDR;
/// The flags that a second mapping takes.
pub const VM_FLAGS_USER_REMAP: c_int = VM_FLAGS_FIXED
    | VM_FLAGS_ANYWHERE
    | VM_FLAGS_RANDOM_ADDR
    | VM_FLAGS_OVERWRITE
    | VM_FLAGS_RETURN_DATA_ADDR
    | VM_FLAGS_RESILIENT_CODESIGN
    | VM_FLAGS_RESILIENT_MEDIA;

/// Where the size of superpages stands in the flags.
pub const VM_FLAGS_SUPERPAGE_SHIFT: c_int = 16;
/// No superpages.
pub const SUPERPAGE_NONE: c_int = 0;
/// Superpages of any size.
pub const SUPERPAGE_SIZE_ANY: c_int = 1;
/// No superpages.
pub const VM_FLAGS_SUPERPAGE_NONE: c_int = SUPERPAGE_NONE << VM_FLAGS_SUPERPAGE_SHIFT;
/// Superpages of any size.
pub const VM_FLAGS_SUPERPAGE_SIZE_ANY: c_int = SUPERPAGE_SIZE_ANY << VM_FLAGS_SUPERPAGE_SHIFT;
/// Superpages of 2 MiB.
#[cfg(target_arch = "x86_64")]
pub const SUPERPAGE_SIZE_2MB: c_int = 2;
/// Superpages of 2 MiB.
#[cfg(target_arch = "x86_64")]
pub const VM_FLAGS_SUPERPAGE_SIZE_2MB: c_int = SUPERPAGE_SIZE_2MB << VM_FLAGS_SUPERPAGE_SHIFT;

// Tags: whose memory it is, for tools that list it.
/// The allocator's.
pub const VM_MEMORY_MALLOC: c_uint = 1;
/// The allocator's, small blocks.
pub const VM_MEMORY_MALLOC_SMALL: c_uint = 2;
/// The allocator's, large blocks.
pub const VM_MEMORY_MALLOC_LARGE: c_uint = 3;
/// The allocator's, huge blocks.
pub const VM_MEMORY_MALLOC_HUGE: c_uint = 4;
/// The break's.
pub const VM_MEMORY_SBRK: c_uint = 5;
/// The allocator's, resized blocks.
pub const VM_MEMORY_REALLOC: c_uint = 6;
/// The allocator's, tiny blocks.
pub const VM_MEMORY_MALLOC_TINY: c_uint = 7;
/// An analysis tool's.
pub const VM_MEMORY_ANALYSIS_TOOL: c_uint = 10;
/// Out-of-line memory of messages.
pub const VM_MEMORY_MACH_MSG: c_uint = 20;
/// Drivers'.
pub const VM_MEMORY_IOKIT: c_uint = 21;
/// Stacks.
pub const VM_MEMORY_STACK: c_uint = 30;
/// Guard pages.
pub const VM_MEMORY_GUARD: c_uint = 31;
/// Shared page tables.
pub const VM_MEMORY_SHARED_PMAP: c_uint = 32;
/// Libraries.
pub const VM_MEMORY_DYLIB: c_uint = 33;
/// Java's.
pub const VM_MEMORY_JAVA: c_uint = 44;
/// The loader's.
pub const VM_MEMORY_DYLD: c_uint = 60;
/// SQLite's.
pub const VM_MEMORY_SQLITE: c_uint = 62;
/// Allocated once, for ever.
pub const VM_MEMORY_OS_ALLOC_ONCE: c_uint = 73;
/// The dispatch library's.
pub const VM_MEMORY_LIBDISPATCH: c_uint = 74;
/// The program's own, number 1.
pub const VM_MEMORY_APPLICATION_SPECIFIC_1: c_uint = 240;
/// The program's own, number 2.
pub const VM_MEMORY_APPLICATION_SPECIFIC_2: c_uint = 241;
/// The program's own, number 3.
pub const VM_MEMORY_APPLICATION_SPECIFIC_3: c_uint = 242;
/// The program's own, number 4.
pub const VM_MEMORY_APPLICATION_SPECIFIC_4: c_uint = 243;
/// The program's own, number 5.
pub const VM_MEMORY_APPLICATION_SPECIFIC_5: c_uint = 244;
/// The program's own, number 6.
pub const VM_MEMORY_APPLICATION_SPECIFIC_6: c_uint = 245;
/// The program's own, number 7.
pub const VM_MEMORY_APPLICATION_SPECIFIC_7: c_uint = 246;
/// The program's own, number 8.
pub const VM_MEMORY_APPLICATION_SPECIFIC_8: c_uint = 247;
/// The program's own, number 9.
pub const VM_MEMORY_APPLICATION_SPECIFIC_9: c_uint = 248;
/// The program's own, number 10.
pub const VM_MEMORY_APPLICATION_SPECIFIC_10: c_uint = 249;
/// The program's own, number 11.
pub const VM_MEMORY_APPLICATION_SPECIFIC_11: c_uint = 250;
/// The program's own, number 12.
pub const VM_MEMORY_APPLICATION_SPECIFIC_12: c_uint = 251;
/// The program's own, number 13.
pub const VM_MEMORY_APPLICATION_SPECIFIC_13: c_uint = 252;
/// The program's own, number 14.
pub const VM_MEMORY_APPLICATION_SPECIFIC_14: c_uint = 253;
/// The program's own, number 15.
pub const VM_MEMORY_APPLICATION_SPECIFIC_15: c_uint = 254;
/// The program's own, number 16.
pub const VM_MEMORY_APPLICATION_SPECIFIC_16: c_uint = 255;
/// How many tags there are.
pub const VM_MEMORY_COUNT: c_uint = 256;

/// The flags that give memory a tag.
#[inline]
pub const fn vm_make_tag(tag: c_uint) -> c_int {
    (tag << 24) as c_int
}

/// The tag in the flags.
#[inline]
pub const fn vm_get_flags_alias(flags: c_int) -> u8 {
    (flags >> 24) as u8
}

/// Puts a tag into the flags.
#[inline]
pub fn vm_set_flags_alias(flags: &mut c_int, alias: u8) {
    *flags = (*flags & !VM_FLAGS_ALIAS_MASK) | vm_make_tag(alias.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_stands_in_the_upper_byte() {
        let mut flags = VM_FLAGS_ANYWHERE | vm_make_tag(VM_MEMORY_STACK);
        vm_set_flags_alias(&mut flags, VM_MEMORY_APPLICATION_SPECIFIC_16 as u8);
        assert_eq!(vm_get_flags_alias(flags), 255);
        assert_eq!(flags & !VM_FLAGS_ALIAS_MASK, VM_FLAGS_ANYWHERE);
    }
}

aliases! {
    vm_statistics_t = *mut vm_statistics,
    vm_statistics_data_t = vm_statistics,
    vm_statistics64_t = *mut vm_statistics64,
    vm_statistics64_data_t = vm_statistics64,
    vm_extmod_statistics_t = *mut vm_extmod_statistics,
    vm_extmod_statistics_data_t = vm_extmod_statistics,
    vm_purgeable_stat_t = vm_purgeable_stat,
    vm_purgeable_info_t = *mut vm_purgeable_info,
    vm_page_disposition_t = i32,
}

numbered! {
    integer_t, "Of a page:";
    VM_PAGE_QUERY_PAGE_PRESENT = 1,
    VM_PAGE_QUERY_PAGE_FICTITIOUS = 1 << 1,
    VM_PAGE_QUERY_PAGE_REF = 1 << 2,
    VM_PAGE_QUERY_PAGE_DIRTY = 1 << 3,
    VM_PAGE_QUERY_PAGE_PAGED_OUT = 1 << 4,
    VM_PAGE_QUERY_PAGE_COPIED = 1 << 5,
    VM_PAGE_QUERY_PAGE_SPECULATIVE = 1 << 6,
    VM_PAGE_QUERY_PAGE_EXTERNAL = 1 << 7,
    VM_PAGE_QUERY_PAGE_CS_VALIDATED = 1 << 8,
    VM_PAGE_QUERY_PAGE_CS_TAINTED = 1 << 9,
    VM_PAGE_QUERY_PAGE_CS_NX = 1 << 10,
    VM_PAGE_QUERY_PAGE_REUSABLE = 1 << 11,
}

numbered! {
    c_uint, "Of memory, without a meaning here:";
    VM_MEMORY_MALLOC_LARGE_REUSABLE = 8,
    VM_MEMORY_MALLOC_LARGE_REUSED = 9,
    VM_MEMORY_MALLOC_NANO = 11,
    VM_MEMORY_MALLOC_MEDIUM = 12,
    VM_MEMORY_MALLOC_PROB_GUARD = 13,
    VM_MEMORY_VM_RECLAIM = 22,
    VM_MEMORY_OBJC_DISPATCHERS = 34,
    VM_MEMORY_UNSHARED_PMAP = 35,
    VM_MEMORY_LIBCHANNEL = 36,
    VM_MEMORY_APPKIT = 40,
    VM_MEMORY_FOUNDATION = 41,
    VM_MEMORY_COREGRAPHICS = 42,
    VM_MEMORY_CORESERVICES = 43,
    VM_MEMORY_CARBON = VM_MEMORY_CORESERVICES,
    VM_MEMORY_COREDATA = 45,
    VM_MEMORY_COREDATA_OBJECTIDS = 46,
    VM_MEMORY_ATS = 50,
    VM_MEMORY_LAYERKIT = 51,
    VM_MEMORY_CGIMAGE = 52,
    VM_MEMORY_TCMALLOC = 53,
    VM_MEMORY_COREGRAPHICS_DATA = 54,
    VM_MEMORY_COREGRAPHICS_SHARED = 55,
    VM_MEMORY_COREGRAPHICS_FRAMEBUFFERS = 56,
    VM_MEMORY_COREGRAPHICS_BACKINGSTORES = 57,
    VM_MEMORY_COREGRAPHICS_XALLOC = 58,
    VM_MEMORY_COREGRAPHICS_MISC = VM_MEMORY_COREGRAPHICS,
    VM_MEMORY_DYLD_MALLOC = 61,
    VM_MEMORY_JAVASCRIPT_CORE = 63,
    VM_MEMORY_WEBASSEMBLY = VM_MEMORY_JAVASCRIPT_CORE,
    VM_MEMORY_JAVASCRIPT_JIT_EXECUTABLE_ALLOCATOR = 64,
    VM_MEMORY_JAVASCRIPT_JIT_REGISTER_FILE = 65,
    VM_MEMORY_GLSL = 66,
    VM_MEMORY_OPENCL = 67,
    VM_MEMORY_COREIMAGE = 68,
    VM_MEMORY_WEBCORE_PURGEABLE_BUFFERS = 69,
    VM_MEMORY_IMAGEIO = 70,
    VM_MEMORY_COREPROFILE = 71,
    VM_MEMORY_ASSETSD = 72,
    VM_MEMORY_ACCELERATE = 75,
    VM_MEMORY_COREUI = 76,
    VM_MEMORY_COREUIFILE = 77,
    VM_MEMORY_GENEALOGY = 78,
    VM_MEMORY_RAWCAMERA = 79,
    VM_MEMORY_CORPSEINFO = 80,
    VM_MEMORY_ASL = 81,
    VM_MEMORY_SWIFT_RUNTIME = 82,
    VM_MEMORY_SWIFT_METADATA = 83,
    VM_MEMORY_DHMM = 84,
    VM_MEMORY_DFR = 85,
    VM_MEMORY_SCENEKIT = 86,
    VM_MEMORY_SKYWALK = 87,
    VM_MEMORY_IOSURFACE = 88,
    VM_MEMORY_LIBNETWORK = 89,
    VM_MEMORY_AUDIO = 90,
    VM_MEMORY_VIDEOBITSTREAM = 91,
    VM_MEMORY_CM_XPC = 92,
    VM_MEMORY_CM_RPC = 93,
    VM_MEMORY_CM_MEMORYPOOL = 94,
    VM_MEMORY_CM_READCACHE = 95,
    VM_MEMORY_CM_CRABS = 96,
    VM_MEMORY_QUICKLOOK_THUMBNAILS = 97,
    VM_MEMORY_ACCOUNTS = 98,
    VM_MEMORY_SANITIZER = 99,
    VM_MEMORY_IOACCELERATOR = 100,
    VM_MEMORY_CM_REGWARP = 101,
    VM_MEMORY_EAR_DECODER = 102,
    VM_MEMORY_COREUI_CACHED_IMAGE_DATA = 103,
    VM_MEMORY_COLORSYNC = 104,
    VM_MEMORY_BTINFO = 105,
    VM_MEMORY_CM_HLS = 106,
    VM_MEMORY_COMPOSITOR_SERVICES = 107,
    VM_MEMORY_ROSETTA = 230,
    VM_MEMORY_ROSETTA_THREAD_CONTEXT = 231,
    VM_MEMORY_ROSETTA_INDIRECT_BRANCH_MAP = 232,
    VM_MEMORY_ROSETTA_RETURN_STACK = 233,
    VM_MEMORY_ROSETTA_EXECUTABLE_HEAP = 234,
    VM_MEMORY_ROSETTA_USER_LDT = 235,
    VM_MEMORY_ROSETTA_ARENA = 236,
    VM_MEMORY_ROSETTA_10 = 239,
}

numbered! {
    c_int, "Of memory, without a meaning here:";
    VM_REALLOCATE_DEALLOCATE_SOURCE = 0,
    VM_REALLOCATE_ZERO_FILL_SOURCE = 1,
}

numbered! {
    u32, "Of memory, without a meaning here:";
    GUARD_TYPE_VIRT_MEMORY = 5,
}

aliases! {
    virtual_memory_guard_exception_code_t = u32,
}

numbered! {
    u32, "Of memory, without a meaning here:";
    kGUARD_EXC_DEALLOC_GAP = 1,
    kGUARD_EXC_RECLAIM_COPYIO_FAILURE = 2,
    kGUARD_EXC_RECLAIM_INDEX_FAILURE = 4,
    kGUARD_EXC_RECLAIM_DEALLOCATE_FAILURE = 8,
    kGUARD_EXC_RECLAIM_ACCOUNTING_FAILURE = 9,
    kGUARD_EXC_SEC_IOPL_ON_EXEC_PAGE = 10,
    kGUARD_EXC_SEC_EXEC_ON_IOPL_PAGE = 11,
    kGUARD_EXC_SEC_UPL_WRITE_ON_EXEC_REGION = 12,
    kGUARD_EXC_LARGE_ALLOCATION_TELEMETRY = 13,
    kGUARD_EXC_SEC_ACCESS_FAULT = 98,
    kGUARD_EXC_SEC_ASYNC_ACCESS_FAULT = 99,
    kGUARD_EXC_SEC_COPY_DENIED = 100,
    kGUARD_EXC_SEC_SHARING_DENIED = 101,
    kGUARD_EXC_MTE_SYNC_FAULT = 200,
    kGUARD_EXC_MTE_ASYNC_USER_FAULT = 201,
    kGUARD_EXC_MTE_ASYNC_KERN_FAULT = 202,
    kGUARD_EXC_GUARD_OBJECT_ASYNC_USER_FAULT = 203,
    kGUARD_EXC_GUARD_OBJECT_ASYNC_KERN_FAULT = 204,
    kGUARD_EXC_MTE_SOFT_MODE = 0x100000,
}

numbered! {
    u64, "Of memory, without a meaning here:";
    __VM_LEDGER_ACCOUNTING_POSTMARK = 2_019_032_600,
}

numbered! {
    c_int, "Of memory, without a meaning here:";
    VM_LEDGER_TAG_NONE = 0x0000_0000,
    VM_LEDGER_TAG_DEFAULT = 0x0000_0001,
    VM_LEDGER_TAG_NETWORK = 0x0000_0002,
    VM_LEDGER_TAG_MEDIA = 0x0000_0003,
    VM_LEDGER_TAG_GRAPHICS = 0x0000_0004,
    VM_LEDGER_TAG_NEURAL = 0x0000_0005,
    VM_LEDGER_TAG_MAX = VM_LEDGER_TAG_NEURAL,
    VM_LEDGER_TAG_UNCHANGED = -1,
    VM_LEDGER_FLAG_NO_FOOTPRINT = 1 << 0,
    VM_LEDGER_FLAG_NO_FOOTPRINT_FOR_DEBUG = 1 << 1,
    VM_LEDGER_FLAG_FROM_KERNEL = 1 << 2,
    VM_LEDGER_FLAGS_USER = VM_LEDGER_FLAG_NO_FOOTPRINT | VM_LEDGER_FLAG_NO_FOOTPRINT_FOR_DEBUG,
    VM_LEDGER_FLAGS_ALL = VM_LEDGER_FLAGS_USER | VM_LEDGER_FLAG_FROM_KERNEL,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_statistics {
        free_count: natural_t,
        active_count: natural_t,
        inactive_count: natural_t,
        wire_count: natural_t,
        zero_fill_count: natural_t,
        reactivations: natural_t,
        pageins: natural_t,
        pageouts: natural_t,
        faults: natural_t,
        cow_faults: natural_t,
        lookups: natural_t,
        hits: natural_t,
        purgeable_count: natural_t,
        purges: natural_t,
        speculative_count: natural_t,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_statistics64 {
        free_count: natural_t,
        active_count: natural_t,
        inactive_count: natural_t,
        wire_count: natural_t,
        zero_fill_count: u64,
        reactivations: u64,
        pageins: u64,
        pageouts: u64,
        faults: u64,
        cow_faults: u64,
        lookups: u64,
        hits: u64,
        purges: u64,
        purgeable_count: natural_t,
        speculative_count: natural_t,
        decompressions: u64,
        compressions: u64,
        swapins: u64,
        swapouts: u64,
        compressor_page_count: natural_t,
        throttled_count: natural_t,
        external_page_count: natural_t,
        internal_page_count: natural_t,
        total_uncompressed_pages_in_compressor: u64,
        swapped_count: u64,
        total_tag_storage_pages: u64,
        nontag_pageable_tag_storage_pages: u64,
        nontag_wired_tag_storage_pages: u64,
        free_tag_storage_pages: u64,
        tag_storing_tag_storage_pages: u64,
        total_tagged_pages: u64,
        resident_tagged_pages: u64,
        compressed_tagged_pages: u64,
        tagged_compressions: u64,
        tagged_decompressions: u64,
        compressed_tag_storage_bytes: u64,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_extmod_statistics {
        task_for_pid_count: i64,
        task_for_pid_caller_count: i64,
        thread_creation_count: i64,
        thread_creation_caller_count: i64,
        thread_set_state_count: i64,
        thread_set_state_caller_count: i64,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_purgeable_stat {
        count: u64,
        size: u64,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    vm_purgeable_info {
        fifo_data: [vm_purgeable_stat_t; 8usize],
        obsolete_data: vm_purgeable_stat_t,
        lifo_data: [vm_purgeable_stat_t; 8usize],
    }
}

/// A count of 64 bits in 32: the largest, if it does not fit.
#[inline]
pub const fn vm_statistics_truncate_to_32_bit(value: u64) -> u32 {
    if value > u32::MAX as u64 {
        u32::MAX
    } else {
        value as u32
    }
}
