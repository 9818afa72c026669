//! What mach2 0.7 does not declare, with the signatures of the C headers named at each group.

#![allow(non_camel_case_types, reason = "the names of C")]

use std::ffi::{c_char, c_int, c_uint};

use super::port::{mach_port_name_array_t, mach_port_type_array_t, mach_port_type_t};
use mach2::boolean::boolean_t;
use mach2::error::mach_error_t;
use mach2::kern_return::kern_return_t;
use mach2::mach_debug::ipc_info::{
    ipc_info_name_array_t, ipc_info_space_t, ipc_info_tree_name_array_t,
};
use mach2::mach_types::{ipc_space_t, semaphore_t};
use mach2::message::{
    audit_token_t, mach_msg_header_t, mach_msg_id_t, mach_msg_option_t, mach_msg_return_t,
    mach_msg_size_t, mach_msg_timeout_t, mach_msg_trailer_type_t, mach_msg_type_number_t,
};
use mach2::port::{
    mach_port_flavor_t, mach_port_info_t, mach_port_mscount_t, mach_port_name_t, mach_port_right_t,
    mach_port_rights_t, mach_port_seqno_t, mach_port_t, mach_port_urefs_t,
};
use mach2::vm_types::{mach_port_context_t, vm_address_t, vm_map_t, vm_size_t};

/// `mach_msg_server`'s routine: handles the first message, fills in the second; false if it does not know the message.
/// There must be one.
pub type mig_demux_t =
    Option<unsafe extern "C" fn(*mut mach_msg_header_t, *mut mach_msg_header_t) -> boolean_t>;

// mach/mk_timer.h
unsafe extern "C" {
    /// A receive right that is a timer; null if none is to be had.
    pub fn mk_timer_create() -> mach_port_name_t;
    /// Gives up all rights under a timer's name.
    pub fn mk_timer_destroy(name: mach_port_name_t) -> kern_return_t;
    /// Has a timer get its message at a time, at once if it is past.
    pub fn mk_timer_arm(name: mach_port_name_t, expire_time: u64) -> kern_return_t;
    /// The same, by one of two clocks and with a leeway.
    pub fn mk_timer_arm_leeway(
        name: mach_port_name_t,
        mk_timer_flags: u64,
        mk_timer_expire_time: u64,
        mk_timer_leeway: u64,
    ) -> kern_return_t;
    /// Disarms a timer; the time may be null.
    pub fn mk_timer_cancel(name: mach_port_name_t, result_time: *mut u64) -> kern_return_t;
}

// mach/mach_port.h
unsafe extern "C" {
    /// Lists the task's names and what each denotes.
    pub fn mach_port_names(
        task: ipc_space_t,
        names: *mut mach_port_name_array_t,
        namesCnt: *mut mach_msg_type_number_t,
        types: *mut mach_port_type_array_t,
        typesCnt: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    /// What a name denotes.
    pub fn mach_port_type(
        task: ipc_space_t,
        name: mach_port_name_t,
        ptype: *mut mach_port_type_t,
    ) -> kern_return_t;
    /// Lists the task's names with rights, references and ports; there is never a tree.
    pub fn mach_port_space_info(
        space: ipc_space_t,
        space_info: *mut ipc_info_space_t,
        table_info: *mut ipc_info_name_array_t,
        table_infoCnt: *mut mach_msg_type_number_t,
        tree_info: *mut ipc_info_tree_name_array_t,
        tree_infoCnt: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    /// Renames a right; `MIG_BAD_ID`, up to macOS 12 `KERN_NOT_SUPPORTED`.
    pub fn mach_port_rename(
        task: ipc_space_t,
        old_name: mach_port_name_t,
        new_name: mach_port_name_t,
    ) -> kern_return_t;
    /// Allocates a right under a chosen name.
    pub fn mach_port_allocate_name(
        task: ipc_space_t,
        right: mach_port_right_t,
        name: mach_port_name_t,
    ) -> kern_return_t;
    /// The user references a name has of one right.
    pub fn mach_port_get_refs(
        task: ipc_space_t,
        name: mach_port_name_t,
        right: mach_port_right_t,
        refs: *mut mach_port_urefs_t,
    ) -> kern_return_t;
    /// Looks at the first queued message without taking it.
    pub fn mach_port_peek(
        task: ipc_space_t,
        name: mach_port_name_t,
        trailer_type: mach_msg_trailer_type_t,
        request_seqnop: *mut mach_port_seqno_t,
        msg_sizep: *mut mach_msg_size_t,
        msg_idp: *mut mach_msg_id_t,
        trailer_infop: *mut c_char,
        trailer_infopCnt: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    /// Sets a port's make-send count.
    pub fn mach_port_set_mscount(
        task: ipc_space_t,
        name: mach_port_name_t,
        mscount: mach_port_mscount_t,
    ) -> kern_return_t;
    /// Sets a port's sequence number.
    pub fn mach_port_set_seqno(
        task: ipc_space_t,
        name: mach_port_name_t,
        seqno: mach_port_seqno_t,
    ) -> kern_return_t;
    /// The members of a port set.
    pub fn mach_port_get_set_status(
        task: ipc_space_t,
        name: mach_port_name_t,
        members: *mut mach_port_name_array_t,
        membersCnt: *mut mach_msg_type_number_t,
    ) -> kern_return_t;
    /// Moves a receive right into a set and out of all others.
    pub fn mach_port_move_member(
        task: ipc_space_t,
        member: mach_port_name_t,
        after: mach_port_name_t,
    ) -> kern_return_t;
    /// Adds a receive right to a set.
    pub fn mach_port_insert_member(
        task: ipc_space_t,
        name: mach_port_name_t,
        pset: mach_port_name_t,
    ) -> kern_return_t;
    /// Takes a receive right out of a set.
    pub fn mach_port_extract_member(
        task: ipc_space_t,
        name: mach_port_name_t,
        pset: mach_port_name_t,
    ) -> kern_return_t;
    /// The number of send rights that exist to a port, 0 or 1 in newer kernels.
    pub fn mach_port_get_srights(
        task: ipc_space_t,
        name: mach_port_name_t,
        srights: *mut mach_port_rights_t,
    ) -> kern_return_t;
    /// Reads a port's context.
    pub fn mach_port_get_context(
        task: ipc_space_t,
        name: mach_port_name_t,
        context: *mut mach_port_context_t,
    ) -> kern_return_t;
    /// Sets a port's context.
    pub fn mach_port_set_context(
        task: ipc_space_t,
        name: mach_port_name_t,
        context: mach_port_context_t,
    ) -> kern_return_t;
    /// Guards a receive right.
    pub fn mach_port_guard(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
        strict: boolean_t,
    ) -> kern_return_t;
    /// Guards a receive right, with `MPG_*` flags.
    pub fn mach_port_guard_with_flags(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
        flags: u64,
    ) -> kern_return_t;
    /// Asserts what a receive right's guard is. macOS has it since 12.
    pub fn mach_port_assert_attributes(
        task: ipc_space_t,
        name: mach_port_name_t,
        flavor: mach_port_flavor_t,
        info: mach_port_info_t,
        infoCnt: mach_msg_type_number_t,
    ) -> kern_return_t;
    /// Takes a guard off.
    pub fn mach_port_unguard(
        task: ipc_space_t,
        name: mach_port_name_t,
        guard: mach_port_context_t,
    ) -> kern_return_t;
    /// Replaces a guard.
    pub fn mach_port_swap_guard(
        task: ipc_space_t,
        name: mach_port_name_t,
        old_guard: mach_port_context_t,
        new_guard: mach_port_context_t,
    ) -> kern_return_t;
}

// mach/mach_traps.h, mach/mach_error.h, mach/message.h, mach/mach.h, mach/vm_map.h, mach/semaphore.h
unsafe extern "C" {
    /// A new receive right, or null.
    pub fn mach_reply_port() -> mach_port_name_t;
    /// The process id behind a task port.
    pub fn pid_for_task(task: mach_port_name_t, pid: *mut c_int) -> kern_return_t;
    /// The text of a code; static.
    pub fn mach_error_string(error_value: mach_error_t) -> *mut c_char;
    /// `mach_msg` that receives into another buffer.
    pub fn mach_msg_overwrite(
        msg: *mut mach_msg_header_t,
        option: mach_msg_option_t,
        send_size: mach_msg_size_t,
        rcv_size: mach_msg_size_t,
        rcv_name: mach_port_name_t,
        timeout: mach_msg_timeout_t,
        notify: mach_port_name_t,
        rcv_msg: *mut mach_msg_header_t,
        rcv_limit: mach_msg_size_t,
    ) -> mach_msg_return_t;
    /// Receives on `msgh_local_port`, up to `msgh_size` bytes.
    pub fn mach_msg_receive(msg: *mut mach_msg_header_t) -> mach_msg_return_t;
    /// Serves requests until an error.
    pub fn mach_msg_server(
        demux: mig_demux_t,
        max_size: mach_msg_size_t,
        rcv_name: mach_port_t,
        options: mach_msg_option_t,
    ) -> mach_msg_return_t;
    /// Serves one request.
    pub fn mach_msg_server_once(
        demux: mig_demux_t,
        max_size: mach_msg_size_t,
        rcv_name: mach_port_t,
        options: mach_msg_option_t,
    ) -> mach_msg_return_t;
    /// Allocates zeroed memory.
    pub fn vm_allocate(
        target_task: vm_map_t,
        address: *mut vm_address_t,
        size: vm_size_t,
        flags: c_int,
    ) -> kern_return_t;
    /// Frees memory.
    pub fn vm_deallocate(
        target_task: vm_map_t,
        address: vm_address_t,
        size: vm_size_t,
    ) -> kern_return_t;
    /// Wakes every waiter.
    pub fn semaphore_signal_all(semaphore: semaphore_t) -> kern_return_t;
}

// bootstrap_priv.h, sys/fileport.h, spawn_private.h and spawn.h
unsafe extern "C" {
    /// `bootstrap_register` with flags.
    pub fn bootstrap_register2(
        bp: mach_port_t,
        service_name: *mut c_char,
        sp: mach_port_t,
        flags: u64,
    ) -> kern_return_t;
    /// A send right that stands for a descriptor; 0 or -1 with `errno`.
    pub fn fileport_makeport(fd: c_int, port: *mut mach_port_t) -> c_int;
    /// A new descriptor for such a right; -1 with `errno`.
    pub fn fileport_makefd(port: mach_port_t) -> c_int;
    /// Gives the spawned task a special port.
    pub fn posix_spawnattr_setspecialport_np(
        attr: *mut libc::posix_spawnattr_t,
        new_port: mach_port_t,
        which: c_int,
    ) -> c_int;
    /// Keeps a descriptor open in the child under `POSIX_SPAWN_CLOEXEC_DEFAULT`.
    pub fn posix_spawn_file_actions_addinherit_np(
        actions: *mut libc::posix_spawn_file_actions_t,
        fd: c_int,
    ) -> c_int;
}

/// Defines the accessors of `bsm/libbsm.h`. The words' order is the one in which XNU's
/// `set_security_token` writes them; reading them here spares every program a link to libbsm.
macro_rules! audit_token_accessors {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $index:literal;)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// Always safe to call; unsafe as every C function is.
        #[must_use]
        pub unsafe extern "C" fn $name(token: audit_token_t) -> $type {
            token.val[$index] as $type
        }
    )*};
}

audit_token_accessors! {
    /// The audit user id.
    audit_token_to_auid: c_uint = 0;
    /// The effective user id.
    audit_token_to_euid: c_uint = 1;
    /// The effective group id.
    audit_token_to_egid: c_uint = 2;
    /// The real user id.
    audit_token_to_ruid: c_uint = 3;
    /// The real group id.
    audit_token_to_rgid: c_uint = 4;
    /// The process id.
    audit_token_to_pid: c_int = 5;
    /// The audit session id.
    audit_token_to_asid: c_int = 6;
    /// The process's incarnation.
    audit_token_to_pidversion: c_int = 7;
}
