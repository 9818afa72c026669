//! `mach/mach_host.h`: calls on the host.

use core::ffi::{c_char, c_int};

use mach::boolean::boolean_t;
use mach::clock_types::clock_id_t;
use mach::host_info::{host_flavor_t, host_info_t};
use mach::kern_return::kern_return_t;
use mach::mach_types::{clock_serv_t, host_priv_t, host_t};
use mach::memory_object_types::memory_object_offset_t;
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::vm_prot::vm_prot_t;
use mach::vm_types::{mach_vm_address_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_size_t};

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

    fn host_get_special_port(host_priv: host_priv_t, node: c_int, which: c_int, port: *mut mach_port_t) -> kern_return_t;
    fn host_info(host: host_t, flavor: host_flavor_t, host_info_out: host_info_t, host_info_out_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn host_kernel_version(host: host_t, version: *mut c_char) -> kern_return_t;
    fn mach_memory_object_memory_entry_64(host: host_t, internal: boolean_t, size: memory_object_offset_t, permission: vm_prot_t, pager: mach_port_t, entry_handle: *mut mach_port_t) -> kern_return_t;
    fn mach_memory_object_memory_entry(host: host_t, internal: boolean_t, size: vm_size_t, permission: vm_prot_t, pager: mach_port_t, entry_handle: *mut mach_port_t) -> kern_return_t;
}

functions! {
    mach::vm:

    fn mach_vm_wire(host_priv: host_priv_t, task: vm_map_t, address: mach_vm_address_t, size: mach_vm_size_t, desired_access: vm_prot_t) -> kern_return_t;
    fn vm_wire(host_priv: host_priv_t, task: vm_map_t, address: vm_address_t, size: vm_size_t, desired_access: vm_prot_t) -> kern_return_t;
}
