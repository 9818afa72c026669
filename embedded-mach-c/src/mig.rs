//! `mach/mig.h`: what generated code calls.

use core::ffi::{c_char, c_int};

use mach::port::mach_port_t;
use mach::vm_types::{vm_address_t, vm_size_t};

functions! {
    mach::mig:

    fn mig_get_reply_port() -> mach_port_t;
    fn mig_dealloc_reply_port(reply_port: mach_port_t);
    fn mig_put_reply_port(reply_port: mach_port_t);
    fn mig_strncpy(dest: *mut c_char, src: *const c_char, len: c_int) -> c_int;
    fn mig_strncpy_zerofill(dest: *mut c_char, src: *const c_char, len: c_int) -> c_int;
    fn mig_allocate(address: *mut vm_address_t, size: vm_size_t);
    fn mig_deallocate(address: vm_address_t, size: vm_size_t);
}
