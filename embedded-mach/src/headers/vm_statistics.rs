//! Flags of memory allocation: `mach/vm_statistics.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uint};

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
