//! `mach/mach_port.h`: calls on ports.

use core::ffi::{c_char, c_uint};

use mach::boolean::boolean_t;
use mach::kern_return::kern_return_t;
use mach::mach_debug::ipc_info::{
    ipc_info_name_array_t, ipc_info_space_basic_t, ipc_info_space_t, ipc_info_tree_name_array_t,
};
use mach::mach_types::{ipc_space_inspect_t, ipc_space_read_t, ipc_space_t};
use mach::message::{
    mach_msg_id_t, mach_msg_size_t, mach_msg_trailer_type_t, mach_msg_type_name_t,
    mach_msg_type_number_t,
};
use mach::port::{
    mach_port_delta_t, mach_port_flavor_t, mach_port_info_t, mach_port_mscount_t, mach_port_name_t,
    mach_port_options_t, mach_port_qos_t, mach_port_right_t, mach_port_rights_t, mach_port_seqno_t,
    mach_port_t, mach_port_type_t, mach_port_urefs_t, mach_service_port_info_t,
};
use mach::vm_types::{mach_port_context_t, mach_vm_address_t, natural_t};

functions! {
    mach::mach_port:

    fn mach_port_names(
        task: ipc_space_t,
        names: *mut *mut mach_port_name_t,
        names_count: *mut mach_msg_type_number_t,
        types: *mut *mut mach_port_type_t,
        types_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_type(
        task: ipc_space_t,
        name: mach_port_name_t,
        ptype: *mut mach_port_type_t,
    ) -> kern_return_t;
    fn mach_port_rename(
        task: ipc_space_t,
        old: mach_port_name_t,
        new: mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_space_info(
        space: ipc_space_t,
        space_info: *mut ipc_info_space_t,
        table_info: *mut ipc_info_name_array_t,
        table_info_count: *mut mach_msg_type_number_t,
        tree_info: *mut ipc_info_tree_name_array_t,
        tree_info_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_space_basic_info(
        task: ipc_space_t,
        basic_info: *mut ipc_info_space_basic_t,
    ) -> kern_return_t;
    fn mach_port_allocate(
        task: ipc_space_t,
        right: mach_port_right_t,
        name: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_allocate_name(
        task: ipc_space_t,
        right: mach_port_right_t,
        name: mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_allocate_qos(
        task: ipc_space_t,
        right: mach_port_right_t,
        qos: *mut mach_port_qos_t,
        name: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_allocate_full(
        task: ipc_space_t,
        right: mach_port_right_t,
        proto: mach_port_t,
        qos: *mut mach_port_qos_t,
        name: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_destroy(task: ipc_space_t, name: mach_port_name_t) -> kern_return_t;
    fn mach_port_deallocate(task: ipc_space_t, name: mach_port_name_t) -> kern_return_t;
    fn mach_port_get_refs(
        task: ipc_space_t,
        name: mach_port_name_t,
        right: mach_port_right_t,
        refs: *mut mach_port_urefs_t,
    ) -> kern_return_t;
    fn mach_port_mod_refs(
        task: ipc_space_t,
        name: mach_port_name_t,
        right: mach_port_right_t,
        delta: mach_port_delta_t,
    ) -> kern_return_t;
    fn mach_port_construct(
        task: ipc_space_t,
        options: *mut mach_port_options_t,
        context: mach_port_context_t,
        name: *mut mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_destruct(
        task: ipc_space_t,
        name: mach_port_name_t,
        srdelta: mach_port_delta_t,
        guard: mach_port_context_t,
    ) -> kern_return_t;
    fn mach_port_insert_right(
        task: ipc_space_t,
        name: mach_port_name_t,
        poly: mach_port_t,
        poly_type: mach_msg_type_name_t,
    ) -> kern_return_t;
    fn mach_port_extract_right(
        task: ipc_space_t,
        name: mach_port_name_t,
        msgt_name: mach_msg_type_name_t,
        poly: *mut mach_port_t,
        poly_type: *mut mach_msg_type_name_t,
    ) -> kern_return_t;
    fn mach_port_request_notification(
        task: ipc_space_t,
        name: mach_port_name_t,
        msgid: mach_msg_id_t,
        sync: mach_port_mscount_t,
        notify: mach_port_t,
        notify_type: mach_msg_type_name_t,
        previous: *mut mach_port_t,
    ) -> kern_return_t;
    fn mach_port_peek(
        task: ipc_space_t,
        name: mach_port_name_t,
        trailer_type: mach_msg_trailer_type_t,
        seqno: *mut mach_port_seqno_t,
        size: *mut mach_msg_size_t,
        id: *mut mach_msg_id_t,
        trailer: *mut c_char,
        trailer_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_set_mscount(
        task: ipc_space_t,
        name: mach_port_name_t,
        mscount: mach_port_mscount_t,
    ) -> kern_return_t;
    fn mach_port_set_seqno(
        task: ipc_space_t,
        name: mach_port_name_t,
        seqno: mach_port_seqno_t,
    ) -> kern_return_t;
    fn mach_port_get_attributes(
        task: ipc_space_t,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        port_info_out: mach_port_info_t,
        port_info_out_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_set_attributes(
        task: ipc_space_t,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        port_info: mach_port_info_t,
        port_info_count: mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_assert_attributes(
        task: ipc_space_t,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        info: mach_port_info_t,
        info_count: mach_msg_type_number_t,
    ) -> kern_return_t;
    fn mach_port_get_srights(
        task: ipc_space_t,
        name: mach_port_name_t,
        srights: *mut mach_port_rights_t,
    ) -> kern_return_t;
    fn mach_port_get_context(
        task: ipc_space_t,
        name: mach_port_name_t,
        context: *mut mach_port_context_t,
    ) -> kern_return_t;
    fn mach_port_set_context(
        task: ipc_space_t,
        name: mach_port_name_t,
        context: mach_port_context_t,
    ) -> kern_return_t;
    fn mach_port_guard(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
        strict: boolean_t,
    ) -> kern_return_t;
    fn mach_port_guard_with_flags(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
        flags: u64,
    ) -> kern_return_t;
    fn mach_port_swap_guard(
        task: ipc_space_t,
        name: mach_port_name_t,
        old_guard: mach_port_context_t,
        new_guard: mach_port_context_t,
    ) -> kern_return_t;
    fn mach_port_unguard(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
    ) -> kern_return_t;
    fn mach_port_insert_member(
        task: ipc_space_t,
        name: mach_port_name_t,
        pset: mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_extract_member(
        task: ipc_space_t,
        name: mach_port_name_t,
        pset: mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_move_member(
        task: ipc_space_t,
        member: mach_port_name_t,
        after: mach_port_name_t,
    ) -> kern_return_t;
    fn mach_port_get_set_status(
        task: ipc_space_t,
        name: mach_port_name_t,
        members: *mut *mut mach_port_name_t,
        members_count: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
}

functions! {
    mach::mach_port:

    fn mach_port_kobject(task: ipc_space_inspect_t, name: mach_port_name_t, object_type: *mut natural_t, object_addr: *mut mach_vm_address_t) -> kern_return_t;
    fn mach_port_kernel_object(task: ipc_space_inspect_t, name: mach_port_name_t, object_type: *mut c_uint, object_addr: *mut c_uint) -> kern_return_t;
    fn mach_port_kobject_description(task: ipc_space_inspect_t, name: mach_port_name_t, object_type: *mut natural_t, object_addr: *mut mach_vm_address_t, description: *mut c_char) -> kern_return_t;
    fn mach_port_is_connection_for_service(task: ipc_space_t, connection_port: mach_port_name_t, service_port: mach_port_name_t, filter_policy_id: *mut u64) -> kern_return_t;
    fn mach_port_get_service_port_info(task: ipc_space_read_t, name: mach_port_name_t, sp_info: mach_service_port_info_t) -> kern_return_t;
}
