//! `mach/vm_map.h`: memory, with addresses of the machine's size, and memory entries.

use core::ffi::c_int;

use mach::boolean::boolean_t;
use mach::kern_return::kern_return_t;
use mach::mach_types::mem_entry_name_port_t;
use mach::memory_object_types::{memory_object_offset_t, memory_object_size_t};
use mach::message::mach_msg_type_number_t;
use mach::port::mach_port_t;
use mach::vm_attributes::{vm_machine_attribute_t, vm_machine_attribute_val_t};
use mach::vm_behavior::vm_behavior_t;
use mach::vm_inherit::vm_inherit_t;
use mach::vm_prot::vm_prot_t;
use mach::vm_purgable::vm_purgable_t;
use mach::vm_region::{
    vm_read_entry, vm_region_flavor_t, vm_region_info_64_t, vm_region_info_t,
    vm_region_recurse_info_64_t, vm_region_recurse_info_t,
};
use mach::vm_sync::vm_sync_t;
use mach::vm_types::{integer_t, natural_t, vm_address_t, vm_map_t, vm_offset_t, vm_size_t};

functions! {
    mach::vm:

    fn vm_allocate(
        task: vm_map_t,
        address: *mut vm_address_t,
        size: vm_size_t,
        flags: c_int,
    ) -> kern_return_t;
    fn vm_deallocate(
        task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
    ) -> kern_return_t;
    fn vm_protect(
        target_task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
        set_maximum: boolean_t,
        new_protection: vm_prot_t,
    ) -> kern_return_t;
    fn vm_inherit(
        target_task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
        new_inheritance: vm_inherit_t,
    ) -> kern_return_t;
    fn vm_read(
        target_task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
        data: *mut vm_offset_t,
        data_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn vm_write(
        target_task: vm_map_t,
        address: vm_address_t,
        data: vm_offset_t,
        data_count: mach_msg_type_number_t,
    ) -> kern_return_t;
    fn vm_copy(
        target_task: vm_map_t,
        source_address: vm_address_t,
        size: vm_size_t,
        dest_address: vm_address_t,
    ) -> kern_return_t;
    fn vm_read_overwrite(
        target_task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
        data: vm_address_t,
        outsize: *mut vm_size_t,
    ) -> kern_return_t;
    fn vm_read_list(
        target_task: vm_map_t,
        data_list: *mut vm_read_entry,
        count: natural_t,
    ) -> kern_return_t;
    fn vm_region_64(
        target_task: vm_map_t,
        address: *mut vm_address_t,
        size: *mut vm_size_t,
        flavor: vm_region_flavor_t,
        info: vm_region_info_64_t,
        info_count: *mut mach_msg_type_number_t,
        object_name: *mut mach_port_t,
    ) -> kern_return_t;
    fn vm_region_recurse_64(
        target_task: vm_map_t,
        address: *mut vm_address_t,
        size: *mut vm_size_t,
        nesting_depth: *mut natural_t,
        info: vm_region_recurse_info_64_t,
        info_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn vm_map(
        target_task: vm_map_t,
        address: *mut vm_address_t,
        size: vm_size_t,
        mask: vm_address_t,
        flags: c_int,
        object: mem_entry_name_port_t,
        offset: vm_offset_t,
        copy: boolean_t,
        cur_protection: vm_prot_t,
        max_protection: vm_prot_t,
        inheritance: vm_inherit_t,
    ) -> kern_return_t;
    fn vm_remap(
        target_task: vm_map_t,
        target_address: *mut vm_address_t,
        size: vm_size_t,
        mask: vm_address_t,
        flags: c_int,
        src_task: vm_map_t,
        src_address: vm_address_t,
        copy: boolean_t,
        cur_protection: *mut vm_prot_t,
        max_protection: *mut vm_prot_t,
        inheritance: vm_inherit_t,
    ) -> kern_return_t;
    fn mach_make_memory_entry(
        target_task: vm_map_t,
        size: *mut vm_size_t,
        offset: vm_offset_t,
        permission: vm_prot_t,
        object_handle: *mut mem_entry_name_port_t,
        parent_entry: mem_entry_name_port_t,
    ) -> kern_return_t;
    fn mach_make_memory_entry_64(
        target_task: vm_map_t,
        size: *mut memory_object_size_t,
        offset: memory_object_offset_t,
        permission: vm_prot_t,
        object_handle: *mut mach_port_t,
        parent_handle: mem_entry_name_port_t,
    ) -> kern_return_t;
}

functions! {
    mach::vm:

    fn vm_remap_new(target_task: vm_map_t, target_address: *mut vm_address_t, size: vm_size_t, mask: vm_address_t, flags: c_int, src_task: vm_map_t, src_address: vm_address_t, copy: boolean_t, cur_protection: *mut vm_prot_t, max_protection: *mut vm_prot_t, inheritance: vm_inherit_t) -> kern_return_t;
    fn vm_region(target_task: vm_map_t, address: *mut vm_address_t, size: *mut vm_size_t, flavor: vm_region_flavor_t, info: vm_region_info_t, info_count: *mut mach_msg_type_number_t, object_name: *mut mach_port_t) -> kern_return_t;
    fn vm_region_recurse(target_task: vm_map_t, address: *mut vm_address_t, size: *mut vm_size_t, nesting_depth: *mut natural_t, info: vm_region_recurse_info_t, info_count: *mut mach_msg_type_number_t) -> kern_return_t;
    fn vm_map_page_query(target_map: vm_map_t, offset: vm_offset_t, disposition: *mut integer_t, ref_count: *mut integer_t) -> kern_return_t;
    fn vm_behavior_set(target_task: vm_map_t, address: vm_address_t, size: vm_size_t, new_behavior: vm_behavior_t) -> kern_return_t;
    fn vm_msync(target_task: vm_map_t, address: vm_address_t, size: vm_size_t, sync_flags: vm_sync_t) -> kern_return_t;
    fn vm_purgable_control(target_task: vm_map_t, address: vm_address_t, control: vm_purgable_t, state: *mut c_int) -> kern_return_t;
    fn vm_machine_attribute(target_task: vm_map_t, address: vm_address_t, size: vm_size_t, attribute: vm_machine_attribute_t, value: *mut vm_machine_attribute_val_t) -> kern_return_t;
}
