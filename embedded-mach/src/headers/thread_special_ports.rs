//! Ports that every thread has: `mach/thread_special_ports.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_int;

numbered! {
    c_int, "A thread's port:";
    THREAD_KERNEL_PORT = 1,
    THREAD_INSPECT_PORT = 2,
    THREAD_READ_PORT = 3,
    THREAD_MAX_SPECIAL_PORT = THREAD_READ_PORT,
}
