//! How a thread is to be scheduled: `mach/thread_policy.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use crate::headers::boolean::boolean_t;
use crate::headers::message::mach_msg_type_number_t;
use crate::headers::vm_types::{integer_t, natural_t};

/// A policy, as an array of integers whose meaning the flavor says.
pub type thread_policy_t = *mut integer_t;
/// Which policy.
pub type thread_policy_flavor_t = natural_t;

/// Which tier of delays a thread bears.
pub type thread_latency_qos_t = integer_t;
/// Which tier of throughput a thread asks for.
pub type thread_throughput_qos_t = integer_t;

/// No affinity.
pub const THREAD_AFFINITY_TAG_NULL: integer_t = 0;

/// Declares a flavor with its structure, the other name of that and its size in integers.
macro_rules! policies {
    ($(
        $flavor:ident = $number:literal, $count:ident;
        $(#[$doc:meta])*
        $name:ident, $data:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }
    )*) => {$(
        #[doc = concat!("[`", stringify!($name), "`].")]
        pub const $flavor: thread_policy_flavor_t = $number;

        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name { $($(#[$field_doc])* pub $field: $type),* }
        #[doc = concat!("[`", stringify!($name), "`].")]
        pub type $data = $name;
        #[doc = concat!("Integers in [`", stringify!($name), "`].")]
        pub const $count: mach_msg_type_number_t =
            (size_of::<$name>() / size_of::<integer_t>()) as mach_msg_type_number_t;
    )*};
}

policies! {
    THREAD_EXTENDED_POLICY = 1, THREAD_EXTENDED_POLICY_COUNT;
    /// Whether a thread shares its time with others.
    thread_extended_policy, thread_extended_policy_data_t {
        /// Whether it does.
        timeshare: boolean_t,
    }
    THREAD_TIME_CONSTRAINT_POLICY = 2, THREAD_TIME_CONSTRAINT_POLICY_COUNT;
    /// A thread that has to be done in time. Times are those of `mach_absolute_time`.
    thread_time_constraint_policy, thread_time_constraint_policy_data_t {
        /// How often it runs, 0 if that is not regular.
        period: u32,
        /// How long it computes.
        computation: u32,
        /// In what time it has to be done.
        constraint: u32,
        /// Whether it may be interrupted.
        preemptible: boolean_t,
    }
    THREAD_PRECEDENCE_POLICY = 3, THREAD_PRECEDENCE_POLICY_COUNT;
    /// How a thread is to the others of its task.
    thread_precedence_policy, thread_precedence_policy_data_t {
        /// By how much it is more important.
        importance: integer_t,
    }
    THREAD_AFFINITY_POLICY = 4, THREAD_AFFINITY_POLICY_COUNT;
    /// Which threads like to share a cache.
    thread_affinity_policy, thread_affinity_policy_data_t {
        /// Those with the same tag.
        affinity_tag: integer_t,
    }
    THREAD_BACKGROUND_POLICY = 5, THREAD_BACKGROUND_POLICY_COUNT;
    /// A thread of which nobody waits for.
    thread_background_policy, thread_background_policy_data_t {
        /// Not 0 if it is one.
        priority: integer_t,
    }
    THREAD_LATENCY_QOS_POLICY = 7, THREAD_LATENCY_QOS_POLICY_COUNT;
    /// What delays a thread bears.
    thread_latency_qos_policy, thread_latency_qos_policy_data_t {
        /// The tier.
        thread_latency_qos_tier: thread_latency_qos_t,
    }
    THREAD_THROUGHPUT_QOS_POLICY = 8, THREAD_THROUGHPUT_QOS_POLICY_COUNT;
    /// What throughput a thread asks for.
    thread_throughput_qos_policy, thread_throughput_qos_policy_data_t {
        /// The tier.
        thread_throughput_qos_tier: thread_throughput_qos_t,
    }
}

/// [`thread_standard_policy`].
pub const THREAD_STANDARD_POLICY: thread_policy_flavor_t = 1;
/// Integers in [`thread_standard_policy`] that count.
pub const THREAD_STANDARD_POLICY_COUNT: mach_msg_type_number_t = 0;
/// A thread like others.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct thread_standard_policy {
    /// Nothing.
    pub no_data: natural_t,
}
/// [`thread_standard_policy`].
pub type thread_standard_policy_data_t = thread_standard_policy;
