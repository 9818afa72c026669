//! Forms of a thread's registers: `mach/thread_status.h`. No call here reads or writes them.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_upper_case_globals, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::headers::vm_types::natural_t;

aliases! {
    thread_state_t = *mut natural_t,
    thread_state_flavor_t = c_int,
}

numbered! {
    thread_state_flavor_t, "A form of registers:";
    ARM_THREAD_STATE = 1,
    ARM_UNIFIED_THREAD_STATE = ARM_THREAD_STATE,
    ARM_VFP_STATE = 2,
    ARM_EXCEPTION_STATE = 3,
    ARM_DEBUG_STATE = 4,
    THREAD_STATE_NONE = if cfg!(target_arch = "aarch64") { 5 } else { 13 },
    ARM_THREAD_STATE64 = 6,
    ARM_EXCEPTION_STATE64 = 7,
    ARM_DEBUG_STATE32 = 14,
    ARM_DEBUG_STATE64 = 15,
    ARM_NEON_STATE = 16,
    ARM_NEON_STATE64 = 17,
    ARM_CPMU_STATE64 = 18,
    ARM_SME_ZA_STATE12 = 43,
    x86_THREAD_STATE32 = 1,
    x86_FLOAT_STATE32 = 2,
    x86_EXCEPTION_STATE32 = 3,
    x86_THREAD_STATE64 = 4,
    x86_FLOAT_STATE64 = 5,
    x86_EXCEPTION_STATE64 = 6,
    x86_THREAD_STATE = 7,
    x86_FLOAT_STATE = 8,
    x86_EXCEPTION_STATE = 9,
    x86_DEBUG_STATE32 = 10,
    x86_DEBUG_STATE64 = 11,
    x86_DEBUG_STATE = 12,
    x86_AVX_STATE32 = 16,
    x86_AVX_STATE64 = 17,
    x86_AVX_STATE = 18,
}
