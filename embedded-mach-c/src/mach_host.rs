//! `mach/mach_host.h`: calls on the host.

use core::ffi::c_char;

use mach::boolean::boolean_t;
use mach::clock_types::clock_id_t;
use mach::host_info::{host_flavor_t, host_info_t};
use mach::kern_return::kern_return_t;
use mach::mach_types::{clock_serv_t, host_t};
use mach::memory_object_types::memory_object_offset_t;
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::vm_prot::vm_prot_t;
use mach::vm_types::vm_size_t;

functions! {
    mach::mach_host:

    fn host_get_clock_service(
        host: host_t,
        clock_id: clock_id_t,
        clock_serv: *mut clock_serv_t,
    ) -> kern_return_t;
}

functions! {
    mach::mach_host:

    fn host_info(host: host_t, flavor: host_flavor_t, host_info_out: host_info_t, host_info_out_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn host_kernel_version(host: host_t, version: *mut c_char) -> kern_return_t;
    fn mach_memory_object_memory_entry_64(host: host_t, internal: boolean_t, size: memory_object_offset_t, permission: vm_prot_t, pager: mach_port_t, entry_handle: *mut mach_port_t) -> kern_return_t;
    fn mach_memory_object_memory_entry(host: host_t, internal: boolean_t, size: vm_size_t, permission: vm_prot_t, pager: mach_port_t, entry_handle: *mut mach_port_t) -> kern_return_t;
}
