//! The head of a program file of macOS: `mach-o/loader.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

aliases! {
    cpu_type_t = c_int,
    cpu_subtype_t = c_int,
}

numbered! {
    u32, "Of program files:";
    LC_LAZY_LOAD_DYLIB_INFO = 0x3a,
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug)]
    mach_header {
        magic: u32,
        cputype: cpu_type_t,
        cpusubtype: cpu_subtype_t,
        filetype: u32,
        ncmds: u32,
        sizeofcmds: u32,
        flags: u32,
    }
}
