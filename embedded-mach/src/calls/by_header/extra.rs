//! Calls of Mach that `mach2` does not declare, all of them; each is in the module of its C header as well, if
//! `mach2` has that.

pub use crate::calls::attributes::{
    mach_port_assert_attributes, mach_port_get_context, mach_port_peek, mach_port_set_context,
    mach_port_set_mscount, mach_port_set_seqno,
};
pub use crate::calls::bootstrap::bootstrap_register2;
pub use crate::calls::clock::{mach_get_times, mach_timebase_info_trap};
pub use crate::calls::clock_port::{clock_sleep, clock_sleep_trap, host_get_clock_service};
pub use crate::calls::errors::{mach_error, mach_error_string, mach_error_type};
pub use crate::calls::eventlink::{
    mach_eventlink_associate, mach_eventlink_create, mach_eventlink_destroy,
    mach_eventlink_disassociate, mach_eventlink_signal, mach_eventlink_signal_wait_until,
    mach_eventlink_wait_until,
};
pub use crate::calls::exception_ports::{
    host_get_exception_ports, host_set_exception_ports, host_swap_exception_ports,
    thread_get_exception_ports, thread_swap_exception_ports,
};
pub use crate::calls::fileport::{fileport_makefd, fileport_makeport};
pub use crate::calls::guards::{
    mach_port_guard, mach_port_guard_with_flags, mach_port_swap_guard, mach_port_unguard,
};
pub use crate::calls::host::{host_get_special_port, host_info, host_kernel_version};
pub use crate::calls::kobject::{
    mach_port_get_service_port_info, mach_port_is_connection_for_service, mach_port_kernel_object,
    mach_port_kobject, mach_port_kobject_description,
};
pub use crate::calls::message::{mach_msg_overwrite, mach_msg_receive};
pub use crate::calls::mig::mig_reply_setup;
pub use crate::calls::names::{
    mach_port_get_refs, mach_port_get_srights, mach_port_names, mach_port_rename, mach_port_type,
};
pub use crate::calls::pages::host_page_size;
pub use crate::calls::rights::{mach_port_allocate_name, mach_voucher_deallocate};
pub use crate::calls::semaphore::{
    semaphore_signal_all, semaphore_signal_thread, semaphore_timedwait_signal,
    semaphore_wait_signal,
};
pub use crate::calls::server::{mach_msg_server, mach_msg_server_once, mig_demux_t};
pub use crate::calls::sets::{
    mach_port_extract_member, mach_port_get_set_status, mach_port_insert_member,
    mach_port_move_member,
};
pub use crate::calls::space::{
    mach_port_allocate_full, mach_port_allocate_qos, mach_port_space_basic_info,
    mach_port_space_info,
};
pub use crate::calls::task::{
    host_self_trap, mach_reply_port, mach_task_is_self, pid_for_task, task_self_trap,
};
pub use crate::calls::thread::{thread_get_special_reply_port, thread_self_trap, thread_switch};
pub use crate::calls::thread_info::thread_info;
pub use crate::calls::timer::{
    mk_timer_arm, mk_timer_arm_leeway, mk_timer_cancel, mk_timer_create, mk_timer_destroy,
};
pub use crate::calls::tokens::{
    au_tid, audit_token_to_asid, audit_token_to_au32, audit_token_to_auid, audit_token_to_egid,
    audit_token_to_euid, audit_token_to_pid, audit_token_to_pidversion, audit_token_to_rgid,
    audit_token_to_ruid,
};
pub use crate::calls::vm::advice::{vm_behavior_set, vm_msync};
pub use crate::calls::vm::allocate::{vm_allocate, vm_deallocate};
pub use crate::calls::vm::attribute::vm_machine_attribute;
pub use crate::calls::vm::copy::{vm_copy, vm_read, vm_read_list, vm_read_overwrite, vm_write};
pub use crate::calls::vm::entry::{
    mach_memory_object_memory_entry, mach_memory_object_memory_entry_64,
};
pub use crate::calls::vm::listed::{
    vm_region, vm_region_64, vm_region_recurse, vm_region_recurse_64,
};
pub use crate::calls::vm::map::vm_map;
pub use crate::calls::vm::page::{mach_vm_page_range_query, vm_map_page_query};
pub use crate::calls::vm::protect::{vm_inherit, vm_protect};
pub use crate::calls::vm::purgeable::vm_purgable_control;
pub use crate::calls::vm::remap::{mach_vm_remap_new, vm_remap, vm_remap_new};
pub use crate::calls::vm::wire::{mach_vm_wire, vm_wire};
