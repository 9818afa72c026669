//! `sys/fileport.h`: file descriptors as ports.

use core::ffi::c_int;

use mach::port::mach_port_t;

functions! {
    mach::extra:

    fn fileport_makeport(fd: c_int, port: *mut mach_port_t) -> c_int;
    fn fileport_makefd(port: mach_port_t) -> c_int;
}
