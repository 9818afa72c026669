//! `mach/mach_vm.h`: memory, with addresses of 64 bits.

use core::ffi::c_int;

use mach::boolean::boolean_t;
use mach::kern_return::kern_return_t;
use mach::mach_types::{mem_entry_name_port_t, vm_task_entry_t};
use mach::memory_object_types::memory_object_offset_t;
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::vm_attributes::{vm_machine_attribute_t, vm_machine_attribute_val_t};
use mach::vm_behavior::vm_behavior_t;
use mach::vm_inherit::vm_inherit_t;
use mach::vm_prot::vm_prot_t;
use mach::vm_purgable::vm_purgable_t;
use mach::vm_region::{
    mach_vm_read_entry, vm_page_info_flavor_t, vm_page_info_t, vm_region_flavor_t,
    vm_region_info_t, vm_region_recurse_info_t,
};
use mach::vm_sync::vm_sync_t;
use mach::vm_types::{
    integer_t, mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, natural_t, vm_map_t,
    vm_offset_t,
};

functions! {
    mach::vm:

    fn mach_vm_allocate(
        task: vm_map_t,
        address: *mut mach_vm_address_t,
        size: mach_vm_size_t,
        flags: c_int,
    ) -> kern_return_t;
    fn mach_vm_deallocate(
        task: vm_map_t,
        address: mach_vm_address_t,
        size: mach_vm_size_t,
    ) -> kern_return_t;
    fn mach_vm_protect(
        target_task: vm_map_t,
        address: mach_vm_address_t,
        size: mach_vm_size_t,
        set_maximum: boolean_t,
        new_protection: vm_prot_t,
    ) -> kern_return_t;
    fn mach_vm_inherit(
        target_task: vm_map_t,
        address: mach_vm_address_t,
        size: mach_vm_size_t,
        new_inheritance: vm_inherit_t,
    ) -> kern_return_t;
    fn mach_vm_read(
        target_task: vm_map_t,
        address: mach_vm_address_t,
        size: mach_vm_size_t,
        data: *mut vm_offset_t,
        data_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_vm_read_list(
        target_task: vm_map_t,
        data_list: *mut mach_vm_read_entry,
        count: natural_t,
    ) -> kern_return_t;
    fn mach_vm_region(
        target_task: vm_map_t,
        address: *mut mach_vm_address_t,
        size: *mut mach_vm_size_t,
        flavor: vm_region_flavor_t,
        info: vm_region_info_t,
        info_count: *mut mach_msg_type_number_t,
        object_name: *mut mach_port_t,
    ) -> kern_return_t;
    fn mach_vm_region_recurse(
        target_task: vm_map_t,
        address: *mut mach_vm_address_t,
        size: *mut mach_vm_size_t,
        nesting_depth: *mut natural_t,
        info: vm_region_recurse_info_t,
        info_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_vm_write(
        target_task: vm_map_t,
        address: mach_vm_address_t,
        data: vm_offset_t,
        data_count: mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_vm_copy(
        target_task: vm_map_t,
        source_address: mach_vm_address_t,
        size: mach_vm_size_t,
        dest_address: mach_vm_address_t,
    ) -> kern_return_t;
    fn mach_vm_read_overwrite(
        target_task: vm_map_t,
        address: mach_vm_address_t,
        size: mach_vm_size_t,
        data: mach_vm_address_t,
        outsize: *mut mach_vm_size_t,
    ) -> kern_return_t;
    fn mach_vm_map(
        target_task: vm_map_t,
        address: *mut mach_vm_address_t,
        size: mach_vm_size_t,
        mask: mach_vm_offset_t,
        flags: c_int,
        object: mem_entry_name_port_t,
        offset: memory_object_offset_t,
        copy: boolean_t,
        cur_protection: vm_prot_t,
        max_protection: vm_prot_t,
        inheritance: vm_inherit_t,
    ) -> kern_return_t;
    fn mach_vm_remap(
        target_task: vm_map_t,
        target_address: *mut mach_vm_address_t,
        size: mach_vm_size_t,
        mask: mach_vm_offset_t,
        flags: c_int,
        src_task: vm_map_t,
        src_address: mach_vm_address_t,
        copy: boolean_t,
        cur_protection: *mut vm_prot_t,
        max_protection: *mut vm_prot_t,
        inheritance: vm_inherit_t,
    ) -> kern_return_t;
}

functions! {
    mach::vm:

    fn mach_vm_msync(target_task: vm_task_entry_t, address: mach_vm_address_t, size: mach_vm_size_t, sync_flags: vm_sync_t) -> kern_return_t;
    fn mach_vm_behavior_set(target_task: vm_task_entry_t, address: mach_vm_address_t, size: mach_vm_size_t, new_behavior: vm_behavior_t) -> kern_return_t;
    fn mach_vm_purgable_control(target_task: vm_task_entry_t, address: mach_vm_address_t, control: vm_purgable_t, state: *mut c_int) -> kern_return_t;
    fn mach_vm_page_query(target_map: vm_map_t, offset: mach_vm_offset_t, disposition: *mut integer_t, ref_count: *mut integer_t) -> kern_return_t;
    fn mach_vm_machine_attribute(target_task: vm_task_entry_t, address: mach_vm_address_t, size: mach_vm_size_t, attribute: vm_machine_attribute_t, value: *mut vm_machine_attribute_val_t) -> kern_return_t;
}

functions! {
    mach::vm:

    fn mach_vm_remap_new(target_task: vm_map_t, target_address: *mut mach_vm_address_t, size: mach_vm_size_t, mask: mach_vm_offset_t, flags: c_int, src_task: vm_map_t, src_address: mach_vm_address_t, copy: boolean_t, cur_protection: *mut vm_prot_t, max_protection: *mut vm_prot_t, inheritance: vm_inherit_t) -> kern_return_t;
    fn mach_vm_page_info(target_task: vm_map_t, address: mach_vm_address_t, flavor: vm_page_info_flavor_t, info: vm_page_info_t, info_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn mach_vm_page_range_query(target_map: vm_map_t, address: mach_vm_offset_t, size: mach_vm_size_t, dispositions: mach_vm_address_t, dispositions_count: *mut mach_vm_size_t) -> kern_return_t;
}
