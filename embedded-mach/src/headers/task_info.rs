//! What can be asked of a task: `mach/task_info.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_uchar, c_uint};

use crate::headers::message::{audit_token_t, security_token_t};
use crate::headers::policy::policy_t;
use crate::headers::time_value::time_value_t;
use crate::headers::vm_statistics::{vm_extmod_statistics_data_t, vm_purgeable_info};
use crate::headers::vm_types::{integer_t, mach_vm_address_t, mach_vm_size_t, natural_t};

/// What is asked.
pub type task_flavor_t = natural_t;
/// The answer, as an array of integers whose meaning the flavor says.
pub type task_info_t = *mut integer_t;

/// The most integers an answer has.
pub const TASK_INFO_MAX: c_uint = 1024;
/// [`task_absolutetime_info`].
pub const TASK_ABSOLUTETIME_INFO: c_uint = 1;
/// [`task_events_info`].
pub const TASK_EVENTS_INFO: c_uint = 2;
/// [`task_thread_times_info`].
pub const TASK_THREAD_TIMES_INFO: c_uint = 3;
/// [`task_basic_info_32`].
pub const TASK_BASIC_INFO_32: c_uint = 4;
/// [`task_basic_info_64`].
#[cfg(not(target_arch = "aarch64"))]
pub const TASK_BASIC_INFO_64: c_uint = 5;
/// [`task_basic_info_64`].
#[cfg(target_arch = "aarch64")]
pub const TASK_BASIC_INFO_64: c_uint = 18;
/// [`task_basic_info_64`].
pub const TASK_BASIC_INFO: c_uint = TASK_BASIC_INFO_64;
/// [`task_basic_info_32`], of the peak size.
pub const TASK_BASIC2_INFO_32: c_uint = 6;
/// What the kernel allocated for the task.
pub const TASK_KERNELMEMORY_INFO: c_uint = 7;
/// [`security_token_t`].
pub const TASK_SECURITY_TOKEN: c_uint = 13;
/// [`audit_token_t`].
pub const TASK_AUDIT_TOKEN: c_uint = 15;
/// Which threads like to share a cache.
pub const TASK_AFFINITY_TAG_INFO: c_uint = 16;
/// The loader's list of images.
pub const TASK_DYLD_INFO: c_uint = 17;
/// Who changed the task from outside.
pub const TASK_EXTMOD_INFO: c_uint = 19;
/// [`mach_task_basic_info`].
pub const MACH_TASK_BASIC_INFO: c_uint = 20;
/// Use of energy.
pub const TASK_POWER_INFO: c_uint = 21;
/// Use of memory.
pub const TASK_VM_INFO: c_uint = 22;
/// Use of memory, purgeable memory included.
pub const TASK_VM_INFO_PURGEABLE: c_uint = 23;
/// Where traces are written.
pub const TASK_TRACE_MEMORY_INFO: c_uint = 24;
/// How long the threads waited.
pub const TASK_WAIT_STATE_INFO: c_uint = 25;
/// Use of energy, newer form.
pub const TASK_POWER_INFO_V2: c_uint = 26;
/// Flags of the task.
pub const TASK_FLAGS_INFO: c_uint = 28;

/// Sizes, times and policy, with 32-bit sizes.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct task_basic_info_32 {
    /// How often the task is suspended.
    pub suspend_count: integer_t,
    /// Bytes mapped.
    pub virtual_size: natural_t,
    /// Bytes in memory.
    pub resident_size: natural_t,
    /// Time in user mode of threads that have ended.
    pub user_time: time_value_t,
    /// Time in the kernel of threads that have ended.
    pub system_time: time_value_t,
    /// Policy of new threads.
    pub policy: policy_t,
}

/// Sizes, times and policy.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct task_basic_info_64 {
    /// How often the task is suspended.
    pub suspend_count: integer_t,
    /// Bytes mapped.
    pub virtual_size: mach_vm_size_t,
    /// Bytes in memory.
    pub resident_size: mach_vm_size_t,
    /// Time in user mode of threads that have ended.
    pub user_time: time_value_t,
    /// Time in the kernel of threads that have ended.
    pub system_time: time_value_t,
    /// Policy of new threads.
    pub policy: policy_t,
}
/// Sizes, times and policy.
pub type task_basic_info = task_basic_info_64;

/// Sizes, times and policy, with the peak size.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_task_basic_info {
    /// Bytes mapped.
    pub virtual_size: mach_vm_size_t,
    /// Bytes in memory.
    pub resident_size: mach_vm_size_t,
    /// The most bytes that were in memory.
    pub resident_size_max: mach_vm_size_t,
    /// Time in user mode of threads that have ended.
    pub user_time: time_value_t,
    /// Time in the kernel of threads that have ended.
    pub system_time: time_value_t,
    /// Policy of new threads.
    pub policy: policy_t,
    /// How often the task is suspended.
    pub suspend_count: integer_t,
}

/// Counts of events.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct task_events_info {
    /// Page faults.
    pub faults: integer_t,
    /// Pages read in.
    pub pageins: integer_t,
    /// Pages copied on write.
    pub cow_faults: integer_t,
    /// Messages sent.
    pub messages_sent: integer_t,
    /// Messages received.
    pub messages_received: integer_t,
    /// Mach calls.
    pub syscalls_mach: integer_t,
    /// Unix calls.
    pub syscalls_unix: integer_t,
    /// Context switches.
    pub csw: integer_t,
}

/// Times of the threads that run.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct task_thread_times_info {
    /// In user mode.
    pub user_time: time_value_t,
    /// In the kernel.
    pub system_time: time_value_t,
}

/// Times in units of `mach_absolute_time`.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct task_absolutetime_info {
    /// In user mode, all threads.
    pub total_user: u64,
    /// In the kernel, all threads.
    pub total_system: u64,
    /// In user mode, threads that run.
    pub threads_user: u64,
    /// In the kernel, threads that run.
    pub threads_system: u64,
}

/// Integers in [`task_basic_info_32`].
pub const TASK_BASIC_INFO_32_COUNT: u32 = integers_in::<task_basic_info_32>();
/// Integers in [`task_basic_info_64`].
pub const TASK_BASIC_INFO_64_COUNT: u32 = integers_in::<task_basic_info_64>();
/// Integers in [`task_basic_info`].
pub const TASK_BASIC_INFO_COUNT: u32 = integers_in::<task_basic_info>();
/// Integers in [`mach_task_basic_info`].
pub const MACH_TASK_BASIC_INFO_COUNT: u32 = integers_in::<mach_task_basic_info>();
/// Integers in [`task_events_info`].
pub const TASK_EVENTS_INFO_COUNT: u32 = integers_in::<task_events_info>();
/// Integers in [`task_thread_times_info`].
pub const TASK_THREAD_TIMES_INFO_COUNT: u32 = integers_in::<task_thread_times_info>();
/// Integers in [`task_absolutetime_info`].
pub const TASK_ABSOLUTETIME_INFO_COUNT: u32 = integers_in::<task_absolutetime_info>();
/// Integers in [`security_token_t`].
pub const TASK_SECURITY_TOKEN_COUNT: u32 = integers_in::<security_token_t>();
/// Integers in [`audit_token_t`].
pub const TASK_AUDIT_TOKEN_COUNT: u32 = integers_in::<audit_token_t>();

/// What comes of a violated guard, by `TASK_EXC_GUARD_` bits.
pub type task_exc_guard_behavior_t = u32;

/// Nothing comes of it.
pub const TASK_EXC_GUARD_NONE: task_exc_guard_behavior_t = 0;
/// A violated guard of memory is an exception.
pub const TASK_EXC_GUARD_VM_DELIVER: task_exc_guard_behavior_t = 0x01;
/// A violated guard of memory is one only the first time.
pub const TASK_EXC_GUARD_VM_ONCE: task_exc_guard_behavior_t = 0x02;
/// A violated guard of memory leaves a picture of the process.
pub const TASK_EXC_GUARD_VM_CORPSE: task_exc_guard_behavior_t = 0x04;
/// A violated guard of memory ends the process.
pub const TASK_EXC_GUARD_VM_FATAL: task_exc_guard_behavior_t = 0x08;
/// All of memory.
pub const TASK_EXC_GUARD_VM_ALL: task_exc_guard_behavior_t = 0x0f;
/// A violated guard of a port is an exception.
pub const TASK_EXC_GUARD_MP_DELIVER: task_exc_guard_behavior_t = 0x10;
/// A violated guard of a port is one only the first time.
pub const TASK_EXC_GUARD_MP_ONCE: task_exc_guard_behavior_t = 0x20;
/// A violated guard of a port leaves a picture of the process.
pub const TASK_EXC_GUARD_MP_CORPSE: task_exc_guard_behavior_t = 0x40;
/// A violated guard of a port ends the process.
pub const TASK_EXC_GUARD_MP_FATAL: task_exc_guard_behavior_t = 0x80;
/// All of a port.
pub const TASK_EXC_GUARD_MP_ALL: task_exc_guard_behavior_t = 0xf0;
/// All bits.
pub const TASK_EXC_GUARD_ALL: task_exc_guard_behavior_t = 0xff;

const fn integers_in<T>() -> u32 {
    (size_of::<T>() / size_of::<natural_t>()) as u32
}

const _: () = {
    assert!(TASK_AUDIT_TOKEN_COUNT == 8 && TASK_SECURITY_TOKEN_COUNT == 2);
    assert!(TASK_BASIC_INFO_64_COUNT == 10 && MACH_TASK_BASIC_INFO_COUNT == 12);
};

numbered! {
    c_uint, "Of a task:";
    TASK_DYLD_ALL_IMAGE_INFO_32 = 0,
    TASK_DYLD_ALL_IMAGE_INFO_64 = 1,
    TASK_VM_INFO_PURGEABLE_ACCOUNT = 27,
    TASK_DEBUG_INFO_INTERNAL = 29,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_kernelmemory_info {
        total_palloc: u64,
        total_pfree: u64,
        total_salloc: u64,
        total_sfree: u64,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_KERNELMEMORY_INFO_COUNT = (size_of::<task_kernelmemory_info>() / size_of::<natural_t>()) as u32,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_affinity_tag_info {
        set_count: integer_t,
        min: integer_t,
        max: integer_t,
        task_count: integer_t,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_dyld_info {
        all_image_info_addr: mach_vm_address_t,
        all_image_info_size: mach_vm_size_t,
        all_image_info_format: integer_t,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_DYLD_INFO_COUNT = (size_of::<task_dyld_info>() / size_of::<natural_t>()) as u32,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_extmod_info {
        task_uuid: [c_uchar; 16usize],
        extmod_statistics: vm_extmod_statistics_data_t,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_EXTMOD_INFO_COUNT = (size_of::<task_extmod_info>() / size_of::<natural_t>()) as u32,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_power_info {
        total_user: u64,
        total_system: u64,
        task_interrupt_wakeups: u64,
        task_platform_idle_wakeups: u64,
        task_timer_wakeups_bin_1: u64,
        task_timer_wakeups_bin_2: u64,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_POWER_INFO_COUNT = (size_of::<task_power_info>() / size_of::<natural_t>()) as u32,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_vm_info {
        virtual_size: mach_vm_size_t,
        region_count: integer_t,
        page_size: integer_t,
        resident_size: mach_vm_size_t,
        resident_size_peak: mach_vm_size_t,
        device: mach_vm_size_t,
        device_peak: mach_vm_size_t,
        internal: mach_vm_size_t,
        internal_peak: mach_vm_size_t,
        external: mach_vm_size_t,
        external_peak: mach_vm_size_t,
        reusable: mach_vm_size_t,
        reusable_peak: mach_vm_size_t,
        purgeable_volatile_pmap: mach_vm_size_t,
        purgeable_volatile_resident: mach_vm_size_t,
        purgeable_volatile_virtual: mach_vm_size_t,
        compressed: mach_vm_size_t,
        compressed_peak: mach_vm_size_t,
        compressed_lifetime: mach_vm_size_t,
        phys_footprint: mach_vm_size_t,
        min_address: mach_vm_address_t,
        max_address: mach_vm_address_t,
        ledger_phys_footprint_peak: i64,
        ledger_purgeable_nonvolatile: i64,
        ledger_purgeable_novolatile_compressed: i64,
        ledger_purgeable_volatile: i64,
        ledger_purgeable_volatile_compressed: i64,
        ledger_tag_network_nonvolatile: i64,
        ledger_tag_network_nonvolatile_compressed: i64,
        ledger_tag_network_volatile: i64,
        ledger_tag_network_volatile_compressed: i64,
        ledger_tag_media_footprint: i64,
        ledger_tag_media_footprint_compressed: i64,
        ledger_tag_media_nofootprint: i64,
        ledger_tag_media_nofootprint_compressed: i64,
        ledger_tag_graphics_footprint: i64,
        ledger_tag_graphics_footprint_compressed: i64,
        ledger_tag_graphics_nofootprint: i64,
        ledger_tag_graphics_nofootprint_compressed: i64,
        ledger_tag_neural_footprint: i64,
        ledger_tag_neural_footprint_compressed: i64,
        ledger_tag_neural_nofootprint: i64,
        ledger_tag_neural_nofootprint_compressed: i64,
        limit_bytes_remaining: u64,
        decompressions: integer_t,
        ledger_swapins: i64,
        ledger_tag_neural_nofootprint_total: i64,
        ledger_tag_neural_nofootprint_peak: i64,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_trace_memory_info {
        user_memory_address: u64,
        buffer_size: u64,
        mailbox_array_size: u64,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_wait_state_info {
        total_wait_state_time: u64,
        total_wait_sfi_state_time: u64,
        _reserved: [u32; 4],
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    gpu_energy_data {
        task_gpu_utilisation: u64,
        task_gpu_stat_reserved0: u64,
        task_gpu_stat_reserved1: u64,
        task_gpu_stat_reserved2: u64,
    }
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_power_info_v2 {
        cpu_energy: task_power_info,
        gpu_energy: gpu_energy_data,
        task_energy: u64,
        task_ptime: u64,
        task_pset_switches: u64,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_POWER_INFO_V2_COUNT = (size_of::<task_power_info_v2>() / size_of::<natural_t>()) as u32,
}

aliases! {
    task_purgable_info_t = vm_purgeable_info,
    task_corpse_forking_behavior_t = u32,
}

laid_out! {
    #[repr(C, packed(4))]
    #[derive(Copy, Clone, Debug, Default)]
    task_flags_info {
        flags: u32,
    }
}

numbered! {
    u32, "Of a task:";
    TASK_FLAGS_INFO_COUNT = (size_of::<task_flags_info>() / size_of::<natural_t>()) as u32,
}

/// Flag of [`task_flags_info`]: addresses have 64 bits.
pub const TF_LP64: u32 = 1;

/// Integers in the forms of [`task_vm_info`] that there have been, from the first on.
pub(crate) const TASK_VM_INFO_COUNTS: [u32; 8] = [36, 38, 42, 84, 86, 87, 89, 93];

const _: () = assert!(integers_in::<task_vm_info>() == TASK_VM_INFO_COUNTS[7]);
