//! `servers/bootstrap.h` and `bootstrap_priv.h`: names for ports.

use core::ffi::{c_char, c_int, c_uint};

use mach::boolean::boolean_t;
use mach::kern_return::kern_return_t;
use mach::port::mach_port_t;

functions! {
    mach::bootstrap:

    fn bootstrap_check_in(
        bp: mach_port_t,
        service_name: *const c_char,
        sp: *mut mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_look_up(
        bp: mach_port_t,
        service_name: *const c_char,
        sp: *mut mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_register(
        bp: mach_port_t,
        service_name: *mut c_char,
        sp: mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_create_service(
        bp: mach_port_t,
        service_name: *mut c_char,
        sp: *mut mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_status(
        bp: mach_port_t,
        service_name: *mut c_char,
        service_active: *mut c_int,
    ) -> kern_return_t;
    fn bootstrap_create_server(
        bp: mach_port_t,
        server_cmd: *mut c_char,
        server_uid: c_uint,
        on_demand: boolean_t,
        server_port: *mut mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_subset(
        bp: mach_port_t,
        requestor_port: mach_port_t,
        subset_port: *mut mach_port_t,
    ) -> kern_return_t;
    fn bootstrap_unprivileged(bp: mach_port_t, unpriv_port: *mut mach_port_t) -> kern_return_t;
    fn bootstrap_parent(bp: mach_port_t, parent_port: *mut mach_port_t) -> kern_return_t;
    fn bootstrap_strerror(r: kern_return_t) -> *const c_char;
    fn bootstrap_register2(
        bp: mach_port_t,
        service_name: *mut c_char,
        sp: mach_port_t,
        flags: u64,
    ) -> kern_return_t;
}

variables! {
    mach::bootstrap:

    bootstrap_port: mach_port_t;
}
