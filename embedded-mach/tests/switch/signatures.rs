//! Every call that both `mach2` and this crate have is where `mach2` has it, with the same types: as a function pointer,
//! nothing is converted.

#[cfg(target_os = "linux")]
use embedded_mach as mach;
#[cfg(target_vendor = "apple")]
use mach2 as mach;

use core::ffi::{c_char, c_int, c_uint};

use mach::boolean::boolean_t;
use mach::bootstrap::bootstrap_status_t;
use mach::clock_types::{alarm_type_t, clock_attr_t, clock_flavor_t, mach_timespec_t};
use mach::kern_return::kern_return_t;
use mach::mach_time::mach_timebase_info_t;
use mach::mach_types::{
    clock_ctrl_t, clock_reply_t, clock_serv_t, ipc_space_t, mem_entry_name_port_t, semaphore_t,
    task_name_t, task_t, thread_port_t, vm_task_entry_t,
};
use mach::memory_object_types::{memory_object_offset_t, memory_object_size_t};
use mach::message::{
    mach_msg_header_t, mach_msg_id_t, mach_msg_option_t, mach_msg_return_t, mach_msg_size_t,
    mach_msg_timeout_t, mach_msg_type_name_t, mach_msg_type_number_t,
};
use mach::port::{
    mach_port_array_t, mach_port_delta_t, mach_port_flavor_t, mach_port_info_t,
    mach_port_mscount_t, mach_port_name_t, mach_port_options_t, mach_port_right_t, mach_port_t,
};
use mach::sync_policy::sync_policy_t;
use mach::task_info::{task_flavor_t, task_info_t};
use mach::task_special_ports::task_special_port_t;
use mach::vm_inherit::vm_inherit_t;
use mach::vm_prot::vm_prot_t;
use mach::vm_types::{
    mach_port_context_t, mach_vm_address_t, mach_vm_offset_t, mach_vm_size_t, vm_address_t,
    vm_map_t, vm_offset_t, vm_size_t,
};

macro_rules! calls {
    ($($module:ident { $($name:ident($($argument:ty),*) $(-> $result:ty)?;)* })*) => {$($(
        const _: unsafe extern "C" fn($($argument),*) $(-> $result)? = mach::$module::$name;
    )*)*};
}

calls! {
    bootstrap {
        bootstrap_check_in(mach_port_t, *const c_char, *mut mach_port_t) -> kern_return_t;
        bootstrap_create_server(
            mach_port_t, *mut c_char, c_uint, boolean_t, *mut mach_port_t
        ) -> kern_return_t;
        bootstrap_create_service(mach_port_t, *mut c_char, *mut mach_port_t) -> kern_return_t;
        bootstrap_look_up(mach_port_t, *const c_char, *mut mach_port_t) -> kern_return_t;
        bootstrap_parent(mach_port_t, *mut mach_port_t) -> kern_return_t;
        bootstrap_register(mach_port_t, *mut c_char, mach_port_t) -> kern_return_t;
        bootstrap_status(mach_port_t, *mut c_char, *mut bootstrap_status_t) -> kern_return_t;
        bootstrap_strerror(kern_return_t) -> *const c_char;
        bootstrap_subset(mach_port_t, mach_port_t, *mut mach_port_t) -> kern_return_t;
        bootstrap_unprivileged(mach_port_t, *mut mach_port_t) -> kern_return_t;
    }
    clock {
        clock_alarm(clock_serv_t, alarm_type_t, mach_timespec_t, clock_reply_t) -> kern_return_t;
        clock_get_attributes(
            clock_serv_t, clock_flavor_t, clock_attr_t, *mut mach_msg_type_number_t
        ) -> kern_return_t;
        clock_get_time(clock_serv_t, *mut mach_timespec_t) -> kern_return_t;
    }
    clock_priv {
        clock_set_attributes(
            clock_ctrl_t, clock_flavor_t, clock_attr_t, mach_msg_type_number_t
        ) -> kern_return_t;
        clock_set_time(clock_ctrl_t, mach_timespec_t) -> kern_return_t;
    }
    clock_reply {
        clock_alarm_reply(
            clock_reply_t, mach_msg_type_name_t, kern_return_t, alarm_type_t, mach_timespec_t
        ) -> kern_return_t;
    }
    mach_init {
        mach_host_self() -> thread_port_t;
        mach_thread_self() -> thread_port_t;
    }
    mach_port {
        mach_port_allocate(ipc_space_t, mach_port_right_t, *mut mach_port_name_t) -> kern_return_t;
        mach_port_construct(
            ipc_space_t, *mut mach_port_options_t, mach_port_context_t, *mut
            mach_port_name_t
        ) -> kern_return_t;
        mach_port_deallocate(ipc_space_t, mach_port_name_t) -> kern_return_t;
        mach_port_destroy(ipc_space_t, mach_port_name_t) -> kern_return_t;
        mach_port_destruct(
            ipc_space_t, mach_port_name_t, mach_port_delta_t, mach_port_context_t
        ) -> kern_return_t;
        mach_port_extract_right(
            ipc_space_t, mach_port_name_t, mach_msg_type_name_t, *mut mach_port_t,
            *mut mach_msg_type_name_t
        ) -> kern_return_t;
        mach_port_get_attributes(
            ipc_space_t, mach_port_name_t, mach_port_flavor_t, mach_port_info_t, *mut
            mach_msg_type_number_t
        ) -> kern_return_t;
        mach_port_insert_right(
            ipc_space_t, mach_port_name_t, mach_port_t, mach_msg_type_name_t
        ) -> kern_return_t;
        mach_port_mod_refs(
            ipc_space_t, mach_port_name_t, mach_port_right_t, mach_port_delta_t
        ) -> kern_return_t;
        mach_port_request_notification(
            ipc_space_t, mach_port_name_t, mach_msg_id_t, mach_port_mscount_t,
            mach_port_t, mach_msg_type_name_t, *mut mach_port_t
        ) -> kern_return_t;
        mach_port_set_attributes(
            ipc_space_t, mach_port_name_t, mach_port_flavor_t, mach_port_info_t,
            mach_msg_type_number_t
        ) -> kern_return_t;
    }
    mach_time {
        mach_absolute_time() -> u64;
        mach_approximate_time() -> u64;
        mach_continuous_approximate_time() -> u64;
        mach_continuous_time() -> u64;
        mach_timebase_info(mach_timebase_info_t) -> kern_return_t;
        mach_wait_until(u64) -> kern_return_t;
    }
    message {
        mach_msg(
            *mut mach_msg_header_t, mach_msg_option_t, mach_msg_size_t,
            mach_msg_size_t, mach_port_name_t, mach_msg_timeout_t, mach_port_name_t
        ) -> mach_msg_return_t;
        mach_msg_destroy(*mut mach_msg_header_t);
        mach_msg_send(*mut mach_msg_header_t) -> mach_msg_return_t;
    }
    mig {
        mig_allocate(*mut vm_address_t, vm_size_t);
        mig_dealloc_reply_port(mach_port_t);
        mig_deallocate(vm_address_t, vm_size_t);
        mig_get_reply_port() -> mach_port_t;
        mig_put_reply_port(mach_port_t);
        mig_strncpy(*mut c_char, *const c_char, c_int) -> c_int;
        mig_strncpy_zerofill(*mut c_char, *const c_char, c_int) -> c_int;
    }
    semaphore {
        semaphore_create(task_t, *mut semaphore_t, sync_policy_t, c_int) -> kern_return_t;
        semaphore_destroy(task_t, semaphore_t) -> kern_return_t;
        semaphore_signal(semaphore_t) -> kern_return_t;
        semaphore_timedwait(semaphore_t, mach_timespec_t) -> kern_return_t;
        semaphore_wait(semaphore_t) -> kern_return_t;
    }
    task {
        mach_ports_lookup(
            task_t, *mut mach_port_array_t, *mut mach_msg_type_number_t
        ) -> kern_return_t;
        mach_ports_register(task_t, mach_port_array_t, mach_msg_type_number_t) -> kern_return_t;
        task_get_special_port(task_t, task_special_port_t, *mut mach_port_t) -> kern_return_t;
        task_info(
            task_name_t, task_flavor_t, task_info_t, *mut mach_msg_type_number_t
        ) -> kern_return_t;
        task_set_special_port(task_t, task_special_port_t, mach_port_t) -> kern_return_t;
    }
    traps {
        task_for_pid(mach_port_name_t, c_int, *mut mach_port_name_t) -> kern_return_t;
        task_name_for_pid(mach_port_name_t, c_int, *mut mach_port_name_t) -> kern_return_t;
    }
    vm {
        mach_make_memory_entry(
            vm_map_t, *mut vm_size_t, vm_offset_t, vm_prot_t, *mut
            mem_entry_name_port_t, mem_entry_name_port_t
        ) -> kern_return_t;
        mach_make_memory_entry_64(
            vm_map_t, *mut memory_object_size_t, memory_object_offset_t, vm_prot_t,
            *mut mach_port_t, mem_entry_name_port_t
        ) -> kern_return_t;
        mach_vm_allocate(
            vm_task_entry_t, *mut mach_vm_address_t, mach_vm_size_t, c_int
        ) -> kern_return_t;
        mach_vm_copy(
            vm_task_entry_t, mach_vm_address_t, mach_vm_size_t, mach_vm_address_t
        ) -> kern_return_t;
        mach_vm_deallocate(vm_task_entry_t, mach_vm_address_t, mach_vm_size_t) -> kern_return_t;
        mach_vm_inherit(
            vm_task_entry_t, mach_vm_address_t, mach_vm_size_t, vm_inherit_t
        ) -> kern_return_t;
        mach_vm_map(
            vm_task_entry_t, *mut mach_vm_address_t, mach_vm_size_t,
            mach_vm_offset_t, c_int, mem_entry_name_port_t, memory_object_offset_t,
            boolean_t, vm_prot_t, vm_prot_t, vm_inherit_t
        ) -> kern_return_t;
        mach_vm_protect(
            vm_task_entry_t, mach_vm_address_t, mach_vm_size_t, boolean_t, vm_prot_t
        ) -> kern_return_t;
        mach_vm_read(
            vm_task_entry_t, mach_vm_address_t, mach_vm_size_t, *mut vm_offset_t,
            *mut mach_msg_type_number_t
        ) -> kern_return_t;
        mach_vm_read_overwrite(
            vm_task_entry_t, mach_vm_address_t, mach_vm_size_t, mach_vm_address_t,
            *mut mach_vm_size_t
        ) -> kern_return_t;
        mach_vm_remap(
            vm_task_entry_t, *mut mach_vm_address_t, mach_vm_size_t,
            mach_vm_offset_t, c_int, vm_task_entry_t, mach_vm_address_t, boolean_t,
            *mut vm_prot_t, *mut vm_prot_t, vm_inherit_t
        ) -> kern_return_t;
        mach_vm_write(
            vm_map_t, mach_vm_address_t, vm_offset_t, mach_msg_type_number_t
        ) -> kern_return_t;
    }
}

/// Variables are read by value, inside `unsafe`.
#[test]
fn variables_are_where_mach2_has_them() {
    // SAFETY: nothing writes them once the program runs.
    let (bootstrap, page, mask, shift) = unsafe {
        (
            mach::bootstrap::bootstrap_port,
            mach::vm_page_size::vm_page_size,
            mach::vm_page_size::vm_page_mask,
            mach::vm_page_size::vm_page_shift,
        )
    };
    let _: (mach_port_t, vm_size_t, vm_size_t, c_int) = (bootstrap, page, mask, shift);
    assert_ne!(bootstrap, mach::port::MACH_PORT_NULL);
    assert!(page == mask + 1 && page == 1 << shift);
    // SAFETY: as above.
    let kernel = unsafe { mach::vm_page_size::vm_kernel_page_size };
    // Larger, where a program for another processor is translated.
    assert!(kernel >= page && kernel.is_multiple_of(page));
}
