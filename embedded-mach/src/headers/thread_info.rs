//! What can be asked of a thread: `mach/thread_info.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::c_char;

use crate::headers::message::mach_msg_type_number_t;
use crate::headers::policy::policy_t;
use crate::headers::time_value::time_value_t;
use crate::headers::vm_types::{integer_t, natural_t};

/// What is asked.
pub type thread_flavor_t = natural_t;
/// The answer, as an array of integers whose meaning the flavor says.
pub type thread_info_t = *mut integer_t;

/// The most integers an answer has.
pub const THREAD_INFO_MAX: mach_msg_type_number_t = 32;
/// [`thread_basic_info`].
pub const THREAD_BASIC_INFO: thread_flavor_t = 3;
/// [`thread_identifier_info`].
pub const THREAD_IDENTIFIER_INFO: thread_flavor_t = 4;
/// [`thread_extended_info`].
pub const THREAD_EXTENDED_INFO: thread_flavor_t = 5;

/// Times and what the thread does.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct thread_basic_info {
    /// Time in user mode.
    pub user_time: time_value_t,
    /// Time in the kernel.
    pub system_time: time_value_t,
    /// The share of a processor that it has used since it began, of [`TH_USAGE_SCALE`].
    pub cpu_usage: integer_t,
    /// How it is scheduled.
    pub policy: policy_t,
    /// A `TH_STATE_`.
    pub run_state: integer_t,
    /// `TH_FLAGS_`: none here.
    pub flags: integer_t,
    /// How often it is suspended: never.
    pub suspend_count: integer_t,
    /// Seconds that it has slept: not told.
    pub sleep_time: integer_t,
}
/// Where [`thread_basic_info`] is put.
pub type thread_basic_info_t = *mut thread_basic_info;
/// [`thread_basic_info`].
pub type thread_basic_info_data_t = thread_basic_info;

/// How to tell the thread from others.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct thread_identifier_info {
    /// The number that the system gives it (`gettid`).
    pub thread_id: u64,
    /// Its place for variables: not told, 0.
    pub thread_handle: u64,
    /// Its dispatch queue: none, 0.
    pub dispatch_qaddr: u64,
}
/// Where [`thread_identifier_info`] is put.
pub type thread_identifier_info_t = *mut thread_identifier_info;
/// [`thread_identifier_info`].
pub type thread_identifier_info_data_t = thread_identifier_info;

/// The most bytes of a thread's name, with the 0 that ends it.
pub const MAXTHREADNAMESIZE: usize = 64;

/// Times, what the thread does, and its name.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct thread_extended_info {
    /// Nanoseconds in user mode.
    pub pth_user_time: u64,
    /// Nanoseconds in the kernel.
    pub pth_system_time: u64,
    /// As in [`thread_basic_info`].
    pub pth_cpu_usage: i32,
    /// How it is scheduled.
    pub pth_policy: i32,
    /// A `TH_STATE_`.
    pub pth_run_state: i32,
    /// `TH_FLAGS_`: none here.
    pub pth_flags: i32,
    /// Seconds that it has slept: not told.
    pub pth_sleep_time: i32,
    /// Its priority now, as Linux counts: from 0, the higher the later.
    pub pth_curpri: i32,
    /// The priority that it was given.
    pub pth_priority: i32,
    /// The highest that it can have.
    pub pth_maxpriority: i32,
    /// Its name, which has up to 15 bytes on Linux.
    pub pth_name: [c_char; MAXTHREADNAMESIZE],
}
/// Where [`thread_extended_info`] is put.
pub type thread_extended_info_t = *mut thread_extended_info;
/// [`thread_extended_info`].
pub type thread_extended_info_data_t = thread_extended_info;

/// Integers in [`thread_basic_info`].
pub const THREAD_BASIC_INFO_COUNT: mach_msg_type_number_t = integers_in::<thread_basic_info>();
/// Integers in [`thread_identifier_info`].
pub const THREAD_IDENTIFIER_INFO_COUNT: mach_msg_type_number_t =
    integers_in::<thread_identifier_info>();
/// Integers in [`thread_extended_info`].
pub const THREAD_EXTENDED_INFO_COUNT: mach_msg_type_number_t =
    integers_in::<thread_extended_info>();

/// All of one processor, as `cpu_usage` counts.
pub const TH_USAGE_SCALE: integer_t = 1000;
/// The thread runs, or could.
pub const TH_STATE_RUNNING: integer_t = 1;
/// It is stopped.
pub const TH_STATE_STOPPED: integer_t = 2;
/// It waits.
pub const TH_STATE_WAITING: integer_t = 3;
/// It waits, and no signal ends that.
pub const TH_STATE_UNINTERRUPTIBLE: integer_t = 4;
/// It has ended, or is about to.
pub const TH_STATE_HALTED: integer_t = 5;
/// Flag: swapped out.
pub const TH_FLAGS_SWAPPED: integer_t = 1;
/// Flag: it is what a processor does that has nothing to do.
pub const TH_FLAGS_IDLE: integer_t = 2;
/// Flag: it does not disturb others.
pub const TH_FLAGS_GLOBAL_FORCED_IDLE: integer_t = 4;

const fn integers_in<T>() -> mach_msg_type_number_t {
    (size_of::<T>() / size_of::<integer_t>()) as mach_msg_type_number_t
}

const _: () = assert!(THREAD_BASIC_INFO_COUNT == 10 && THREAD_IDENTIFIER_INFO_COUNT == 6);
const _: () = assert!(THREAD_EXTENDED_INFO_COUNT == 28);
