//! What can be asked of the host: `mach/host_info.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_char, c_int};

use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_statistics::vm_statistics64_data_t;
use crate::headers::vm_types::{integer_t, natural_t};

/// What is asked.
pub type host_flavor_t = integer_t;
/// The answer, as an array of integers whose meaning the flavor says.
pub type host_info_t = *mut integer_t;
/// A text about the kernel.
pub type kernel_version_t = [c_char; 512];

/// The most integers an answer has.
pub const HOST_INFO_MAX: mach_msg_type_number_t = 1024;
/// [`host_basic_info`].
pub const HOST_BASIC_INFO: host_flavor_t = 1;
/// [`host_sched_info`].
pub const HOST_SCHED_INFO: host_flavor_t = 3;
/// Sizes of the kernel's objects: not told.
pub const HOST_RESOURCE_SIZES: host_flavor_t = 4;
/// [`host_priority_info`].
pub const HOST_PRIORITY_INFO: host_flavor_t = 5;
/// Whether semaphores have traps, which they have: an answer of no integers.
pub const HOST_SEMAPHORE_TRAPS: host_flavor_t = 7;
/// Whether messages have a trap, which they have: an answer of no integers.
pub const HOST_MACH_MSG_TRAP: host_flavor_t = 8;
/// Use of purgeable memory: not told.
pub const HOST_VM_PURGABLE: host_flavor_t = 9;
/// How the kernel was built: not told.
pub const HOST_DEBUG_INFO_INTERNAL: host_flavor_t = 10;
/// Whether a debugger may look at the kernel: not told.
pub const HOST_CAN_HAS_DEBUGGER: host_flavor_t = 11;
/// The processor that programs are built for: its type and subtype.
pub const HOST_PREFERRED_USER_ARCH: host_flavor_t = 12;

/// Processors and memory.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct host_basic_info {
    /// Processors that there can be.
    pub max_cpus: integer_t,
    /// Processors that work.
    pub avail_cpus: integer_t,
    /// Bytes of memory, 2 GiB at most.
    pub memory_size: natural_t,
    /// The kind of processor.
    pub cpu_type: c_int,
    /// The variant of it.
    pub cpu_subtype: c_int,
    /// Whether a processor runs several threads at once: not told, 0.
    pub cpu_threadtype: c_int,
    /// Cores that work.
    pub physical_cpu: integer_t,
    /// Cores that there can be.
    pub physical_cpu_max: integer_t,
    /// Processors that work, each thread of a core for itself.
    pub logical_cpu: integer_t,
    /// Processors that there can be, each thread of a core for itself.
    pub logical_cpu_max: integer_t,
    /// Bytes of memory.
    pub max_mem: u64,
}
/// Where [`host_basic_info`] is put.
pub type host_basic_info_t = *mut host_basic_info;
/// [`host_basic_info`].
pub type host_basic_info_data_t = host_basic_info;

/// How long threads run.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct host_sched_info {
    /// The shortest timeout, in milliseconds.
    pub min_timeout: integer_t,
    /// The shortest turn of a thread, in milliseconds.
    pub min_quantum: integer_t,
}
/// Where [`host_sched_info`] is put.
pub type host_sched_info_t = *mut host_sched_info;
/// [`host_sched_info`].
pub type host_sched_info_data_t = host_sched_info;

/// Priorities, as macOS has them.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct host_priority_info {
    /// Of the kernel.
    pub kernel_priority: integer_t,
    /// Of the system.
    pub system_priority: integer_t,
    /// Of servers.
    pub server_priority: integer_t,
    /// Of programs.
    pub user_priority: integer_t,
    /// Of who gives the processor away.
    pub depress_priority: integer_t,
    /// Of who does nothing.
    pub idle_priority: integer_t,
    /// The lowest of a program.
    pub minimum_priority: integer_t,
    /// The highest of a program.
    pub maximum_priority: integer_t,
}
/// Where [`host_priority_info`] is put.
pub type host_priority_info_t = *mut host_priority_info;
/// [`host_priority_info`].
pub type host_priority_info_data_t = host_priority_info;

/// Integers in the first form of [`host_basic_info`].
pub const HOST_BASIC_INFO_OLD_COUNT: mach_msg_type_number_t = 5;
/// Integers in [`host_basic_info`].
pub const HOST_BASIC_INFO_COUNT: mach_msg_type_number_t = integers_in::<host_basic_info>();
/// Integers in [`host_sched_info`].
pub const HOST_SCHED_INFO_COUNT: mach_msg_type_number_t = integers_in::<host_sched_info>();
/// Integers in [`host_priority_info`].
pub const HOST_PRIORITY_INFO_COUNT: mach_msg_type_number_t = integers_in::<host_priority_info>();
/// Integers in the answer to [`HOST_PREFERRED_USER_ARCH`].
pub const HOST_PREFERRED_USER_ARCH_COUNT: mach_msg_type_number_t = 2;

numbered! {
    mach_msg_type_number_t, "Integers in an answer:";
    HOST_VM_INFO64_COUNT = (size_of::<vm_statistics64_data_t>() / size_of::<integer_t>()) as mach_msg_type_number_t,
    HOST_VM_INFO64_LATEST_COUNT = HOST_VM_INFO64_COUNT,
    HOST_VM_INFO64_REV3_COUNT = HOST_VM_INFO64_COUNT,
    HOST_VM_INFO64_REV2_COUNT = (core::mem::offset_of!( vm_statistics64_data_t, total_tag_storage_pages ) / size_of::<integer_t>()) as mach_msg_type_number_t,
}

const fn integers_in<T>() -> mach_msg_type_number_t {
    (size_of::<T>() / size_of::<integer_t>()) as mach_msg_type_number_t
}

const _: () = assert!(HOST_BASIC_INFO_COUNT == 12 && HOST_PRIORITY_INFO_COUNT == 8);
