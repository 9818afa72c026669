//! Writing memory back: `mach/vm_sync.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_uint;

aliases! {
    vm_sync_t = c_uint,
}

numbered! {
    vm_sync_t, "How memory is written back:";
    VM_SYNC_ASYNCHRONOUS = 1,
    VM_SYNC_SYNCHRONOUS = 1 << 1,
    VM_SYNC_INVALIDATE = 1 << 2,
    VM_SYNC_KILLPAGES = 1 << 3,
    VM_SYNC_DEACTIVATE = 1 << 4,
    VM_SYNC_CONTIGUOUS = 1 << 5,
    VM_SYNC_REUSABLEPAGES = 1 << 6,
}
