//! Calls on memory that Linux cannot give: `mach/mach_vm.h`, `mach/mach_host.h`, traps.

use core::ffi::c_int;

use crate::headers::kern_return::{KERN_NOT_SUPPORTED, kern_return_t};
use crate::headers::mach_debug::zone_info::{
    mach_memory_info_array_t, mach_zone_info_array_t, mach_zone_name_array_t,
};
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::port::{mach_port_name_t, mach_port_t};
use crate::headers::vm_types::{
    mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, vm_address_t, vm_map_t, vm_offset_t,
    vm_size_t,
};

refused! {
    "`mremap` is there for what Linux can do."; KERN_NOT_SUPPORTED;
    fn mach_vm_reallocate(target_task: vm_map_t, src: mach_vm_address_t, src_size: mach_vm_size_t, dst: *mut mach_vm_address_t, dst_size: mach_vm_size_t, align_mask: mach_vm_offset_t, options: c_int, flags: c_int);
    fn vm_reallocate(target_task: vm_map_t, src: vm_address_t, src_size: vm_size_t, dst: *mut vm_address_t, dst_size: vm_size_t, align_mask: vm_offset_t, options: c_int, flags: c_int);
}

refused! {
    "there are no zones."; KERN_NOT_SUPPORTED;
    fn mach_memory_info_redacted(host: mach_port_t, names: *mut mach_zone_name_array_t, namesCnt: *mut mach_msg_type_number_t, info: *mut mach_zone_info_array_t, infoCnt: *mut mach_msg_type_number_t, memory_info: *mut mach_memory_info_array_t, memory_infoCnt: *mut mach_msg_type_number_t);
}

refused! {
    "memory is not taken back in that way."; KERN_NOT_SUPPORTED;
    fn mach_vm_reclaim_update_kernel_accounting_trap(target_tport: mach_port_name_t, bytes_reclaimed: *mut u64, next_deadline: *mut u64);
}
