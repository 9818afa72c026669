//! A thread's registers: `mach/i386/_structs.h` and `mach/arm/_structs.h`. No call here reads or writes them.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::headers::message::mach_msg_type_number_t;

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    arm_thread_state64_t {
        __x: [u64; 29],
        __fp: u64,
        __lr: u64,
        __sp: u64,
        __pc: u64,
        __cpsr: u32,
        __pad: u32,
    }
}

laid_out! {
    #[repr(C)]
    #[derive(Copy, Clone, Debug, Default)]
    x86_thread_state64_t {
        __rax: u64,
        __rbx: u64,
        __rcx: u64,
        __rdx: u64,
        __rdi: u64,
        __rsi: u64,
        __rbp: u64,
        __rsp: u64,
        __r8: u64,
        __r9: u64,
        __r10: u64,
        __r11: u64,
        __r12: u64,
        __r13: u64,
        __r14: u64,
        __r15: u64,
        __rip: u64,
        __rflags: u64,
        __cs: u64,
        __fs: u64,
        __gs: u64,
    }
}

impl arm_thread_state64_t {
    /// All registers 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its size in integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}

impl x86_thread_state64_t {
    /// All registers 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its size in integers.
    pub fn count() -> mach_msg_type_number_t {
        (size_of::<Self>() / size_of::<c_int>()) as mach_msg_type_number_t
    }
}
