//! Names for the kinds of ports: `mach/mach_types.h`.
//!
//! All are [`mach_port_t`]; the type says what the port stands for.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_long, c_uchar};

use crate::headers::port::mach_port_t;

/// Port of a task: an address space with its name space of ports.
pub type task_t = mach_port_t;
/// Port of a task that may be named but not changed.
pub type task_name_t = mach_port_t;
/// Port that is the right to change a task's policy.
pub type task_policy_set_t = mach_port_t;
/// Port that is the right to read a task's policy.
pub type task_policy_get_t = mach_port_t;
/// Port of a task that may be inspected.
pub type task_inspect_t = mach_port_t;
/// Port of a task that may be read.
pub type task_read_t = mach_port_t;
/// Port that is the right to resume a task.
pub type task_suspension_token_t = mach_port_t;
/// Port of a task's identity.
pub type task_id_token_t = mach_port_t;
/// Port of a thread.
pub type thread_t = mach_port_t;
/// Port of a thread.
pub type thread_act_t = mach_port_t;
/// Port of a thread that may be inspected.
pub type thread_inspect_t = mach_port_t;
/// Port of a thread that may be read.
pub type thread_read_t = mach_port_t;
/// Port that is the right to resume a thread.
pub type thread_suspension_token_t = mach_port_t;
/// Port of a task's name space of ports.
pub type ipc_space_t = mach_port_t;
/// Port of a name space that may be read.
pub type ipc_space_read_t = mach_port_t;
/// Port of a name space that may be inspected.
pub type ipc_space_inspect_t = mach_port_t;
/// Port of a coalition of tasks.
pub type coalition_t = mach_port_t;
/// Port of the machine.
pub type host_t = mach_port_t;
/// Port of the machine, privileged.
pub type host_priv_t = mach_port_t;
/// Port of the machine's security.
pub type host_security_t = mach_port_t;
/// Port of a processor.
pub type processor_t = mach_port_t;
/// Port of a set of processors.
pub type processor_set_t = mach_port_t;
/// Port of a set of processors, privileged.
pub type processor_set_control_t = mach_port_t;
/// Port of a semaphore.
pub type semaphore_t = mach_port_t;
/// Port of a lock set.
pub type lock_set_t = mach_port_t;
/// Port of a ledger.
pub type ledger_t = mach_port_t;
/// Port of an alarm.
pub type alarm_t = mach_port_t;
/// Port of a clock that may be read.
pub type clock_serv_t = mach_port_t;
/// Port of a clock that may be set.
pub type clock_ctrl_t = mach_port_t;
/// Port of the arcade register.
pub type arcade_register_t = mach_port_t;
/// Port of one end of an event link.
pub type ipc_eventlink_t = mach_port_t;
/// Port of one end of an event link.
pub type mach_eventlink_t = mach_port_t;
/// Port of a kernel data object.
pub type kcdata_object_t = mach_port_t;
/// Port that is where a clock answers.
pub type clock_reply_t = mach_port_t;
/// Port of a namespace of services.
pub type bootstrap_t = mach_port_t;
/// Port of a memory entry: shareable memory.
pub type mem_entry_name_port_t = mach_port_t;
/// Port that is where exceptions are sent.
pub type exception_handler_t = mach_port_t;
/// Port of a task whose memory a call acts on.
pub type vm_task_entry_t = mach_port_t;
/// Port of the I/O registry.
pub type io_main_t = mach_port_t;
/// Port of the I/O registry, older name.
pub type io_master_t = mach_port_t;
/// Port of the user notification server.
pub type UNDServerRef = mach_port_t;
/// Both ends of an event link.
pub type eventlink_port_pair_t = [mach_port_t; 2];
/// Port of a set of processors that may only be named.
pub type processor_set_name_t = processor_set_t;
/// Number of an entry in a ledger.
pub type ledger_entry_id_t = u32;
/// No entry of a ledger.
pub const LEDGER_ENTRY_ID_INVALID: ledger_entry_id_t = 0;
/// What [`CLOCK_NULL`] is a value of.
pub type clock_t = c_long;
/// 16 bytes that identify something for ever.
pub type uuid_t = [c_uchar; 16];

/// Several of [`exception_handler_t`].
pub type exception_handler_array_t = *mut exception_handler_t;
/// Several of [`task_t`].
pub type task_array_t = *mut task_t;
/// Several of [`thread_t`].
pub type thread_array_t = *mut thread_t;
/// Several of [`processor_set_t`].
pub type processor_set_array_t = *mut processor_set_t;
/// Several of [`processor_t`].
pub type processor_array_t = *mut processor_t;
/// Several of [`thread_act_t`].
pub type thread_act_array_t = *mut thread_act_t;
/// Several of [`ledger_t`].
pub type ledger_array_t = *mut ledger_t;
/// Several of [`processor_set_name_t`].
pub type processor_set_name_array_t = *mut processor_set_name_t;

// The spelling with `_port`, kept for code that uses it.
/// Another name of [`task_t`].
pub type task_port_t = task_t;
/// Another name of [`task_array_t`].
pub type task_port_array_t = task_array_t;
/// Another name of [`thread_t`].
pub type thread_port_t = thread_t;
/// Another name of [`thread_array_t`].
pub type thread_port_array_t = thread_array_t;
/// Another name of [`ipc_space_t`].
pub type ipc_space_port_t = ipc_space_t;
/// Another name of [`host_t`].
pub type host_name_t = host_t;
/// Another name of [`host_t`].
pub type host_name_port_t = host_t;
/// Another name of [`processor_set_t`].
pub type processor_set_port_t = processor_set_t;
/// Another name of [`processor_set_t`].
pub type processor_set_name_port_t = processor_set_t;
/// Another name of [`processor_set_array_t`].
pub type processor_set_name_port_array_t = processor_set_array_t;
/// Another name of [`processor_set_t`].
pub type processor_set_control_port_t = processor_set_t;
/// Another name of [`processor_t`].
pub type processor_port_t = processor_t;
/// Another name of [`processor_array_t`].
pub type processor_port_array_t = processor_array_t;
/// Another name of [`thread_act_t`].
pub type thread_act_port_t = thread_act_t;
/// Another name of [`thread_act_array_t`].
pub type thread_act_port_array_t = thread_act_array_t;
/// Another name of [`semaphore_t`].
pub type semaphore_port_t = semaphore_t;
/// Another name of [`lock_set_t`].
pub type lock_set_port_t = lock_set_t;
/// Another name of [`ledger_t`].
pub type ledger_port_t = ledger_t;
/// Another name of [`ledger_array_t`].
pub type ledger_port_array_t = ledger_array_t;
/// Another name of [`alarm_t`].
pub type alarm_port_t = alarm_t;
/// Another name of [`clock_serv_t`].
pub type clock_serv_port_t = clock_serv_t;
/// Another name of [`clock_ctrl_t`].
pub type clock_ctrl_port_t = clock_ctrl_t;
/// Another name of [`exception_handler_t`].
pub type exception_port_t = exception_handler_t;
/// Another name of [`exception_handler_array_t`].
pub type exception_port_arrary_t = exception_handler_array_t;

/// The absent [`task_t`].
pub const TASK_NULL: task_t = 0;
/// The absent [`task_name_t`].
pub const TASK_NAME_NULL: task_name_t = 0;
/// The absent [`task_inspect_t`].
pub const TASK_INSPECT_NULL: task_inspect_t = 0;
/// The absent [`task_read_t`].
pub const TASK_READ_NULL: task_read_t = 0;
/// The absent [`thread_t`].
pub const THREAD_NULL: thread_t = 0;
/// The absent [`thread_inspect_t`].
pub const THREAD_INSPECT_NULL: thread_inspect_t = 0;
/// The absent [`thread_read_t`].
pub const THREAD_READ_NULL: thread_read_t = 0;
/// The absent [`thread_act_t`].
pub const THR_ACT_NULL: thread_act_t = 0;
/// The absent [`ipc_space_t`].
pub const IPC_SPACE_NULL: ipc_space_t = 0;
/// The absent [`ipc_space_read_t`].
pub const IPC_SPACE_READ_NULL: ipc_space_read_t = 0;
/// The absent [`ipc_space_inspect_t`].
pub const IPC_SPACE_INSPECT_NULL: ipc_space_inspect_t = 0;
/// The absent [`coalition_t`].
pub const COALITION_NULL: coalition_t = 0;
/// The absent [`host_t`].
pub const HOST_NULL: host_t = 0;
/// The absent [`host_priv_t`].
pub const HOST_PRIV_NULL: host_priv_t = 0;
/// The absent [`host_security_t`].
pub const HOST_SECURITY_NULL: host_security_t = 0;
/// The absent [`processor_set_t`].
pub const PROCESSOR_SET_NULL: processor_set_t = 0;
/// The absent [`processor_t`].
pub const PROCESSOR_NULL: processor_t = 0;
/// The absent [`semaphore_t`].
pub const SEMAPHORE_NULL: semaphore_t = 0;
/// The absent [`lock_set_t`].
pub const LOCK_SET_NULL: lock_set_t = 0;
/// The absent [`ledger_t`].
pub const LEDGER_NULL: ledger_t = 0;
/// The absent [`alarm_t`].
pub const ALARM_NULL: alarm_t = 0;
/// The absent [`clock_t`].
pub const CLOCK_NULL: clock_t = 0;
/// The absent [`UNDServerRef`].
pub const UND_SERVER_NULL: UNDServerRef = 0;
/// The absent [`arcade_register_t`].
pub const ARCADE_REG_NULL: arcade_register_t = 0;
/// The absent [`mach_eventlink_t`].
pub const MACH_EVENTLINK_NULL: mach_eventlink_t = 0;
/// The absent [`ipc_eventlink_t`].
pub const IPC_EVENTLINK_NULL: ipc_eventlink_t = 0;
/// The absent [`task_id_token_t`].
pub const TASK_ID_TOKEN_NULL: task_id_token_t = 0;
/// The absent [`kcdata_object_t`].
pub const KCDATA_OBJECT_NULL: kcdata_object_t = 0;
/// The absent thread identifier.
pub const TID_NULL: u64 = 0;

/// Identifies a file system.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct fsid {
    /// Two opaque numbers.
    pub val: [i32; 2],
}
/// Identifies a file system.
pub type fsid_t = fsid;

/// Identifies a file in its file system.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct fsobj_id {
    /// Number of the object.
    pub fid_objno: u32,
    /// How often the number was used.
    pub fid_generation: u32,
}
/// Identifies a file in its file system.
pub type fsobj_id_t = fsobj_id;
