//! Attributes of a receive right.

use core::ffi::c_int;

use super::{mach_port_mscount_t, mach_port_msgcount_t, mach_port_rights_t, mach_port_seqno_t};
use crate::headers::boolean::boolean_t;
use crate::headers::machine::{integer_t, natural_t};

/// Queue limit: none gets in.
pub const MACH_PORT_QLIMIT_ZERO: mach_port_msgcount_t = 0;
/// Queue limit: that of a fresh port.
pub const MACH_PORT_QLIMIT_BASIC: mach_port_msgcount_t = 5;
/// Queue limit: small.
pub const MACH_PORT_QLIMIT_SMALL: mach_port_msgcount_t = 16;
/// Queue limit: large.
pub const MACH_PORT_QLIMIT_LARGE: mach_port_msgcount_t = 1024;
/// Queue limit: the kernel's own.
pub const MACH_PORT_QLIMIT_KERNEL: mach_port_msgcount_t = 65534;
/// The lowest queue limit.
pub const MACH_PORT_QLIMIT_MIN: mach_port_msgcount_t = MACH_PORT_QLIMIT_ZERO;
/// The queue limit of a fresh port.
pub const MACH_PORT_QLIMIT_DEFAULT: mach_port_msgcount_t = MACH_PORT_QLIMIT_BASIC;
/// The highest queue limit a task can set.
pub const MACH_PORT_QLIMIT_MAX: mach_port_msgcount_t = MACH_PORT_QLIMIT_LARGE;

/// State of a receive right.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_status_t {
    /// Whether it is in a port set.
    pub mps_pset: mach_port_rights_t,
    /// The sequence number of the next message.
    pub mps_seqno: mach_port_seqno_t,
    /// The make-send count.
    pub mps_mscount: mach_port_mscount_t,
    /// The queue limit.
    pub mps_qlimit: mach_port_msgcount_t,
    /// Messages in the queue.
    pub mps_msgcount: mach_port_msgcount_t,
    /// Send-once rights that exist.
    pub mps_sorights: mach_port_rights_t,
    /// Whether send rights exist.
    pub mps_srights: boolean_t,
    /// Whether a port-destroyed notification is requested.
    pub mps_pdrequest: boolean_t,
    /// Whether a no-senders notification is requested.
    pub mps_nsrequest: boolean_t,
    /// `MACH_PORT_STATUS_FLAG_` bits.
    pub mps_flags: natural_t,
}

/// The receive right will move to another task.
pub const MACH_PORT_STATUS_FLAG_TEMPOWNER: natural_t = 0x01;
/// The port is guarded.
pub const MACH_PORT_STATUS_FLAG_GUARDED: natural_t = 0x02;
/// The guard is strict.
pub const MACH_PORT_STATUS_FLAG_STRICT_GUARD: natural_t = 0x04;
/// The port takes importance.
pub const MACH_PORT_STATUS_FLAG_IMP_DONATION: natural_t = 0x08;
/// A destroyed port comes back to who asked for it.
pub const MACH_PORT_STATUS_FLAG_REVIVE: natural_t = 0x10;
/// The port points to its task.
pub const MACH_PORT_STATUS_FLAG_TASKPTR: natural_t = 0x20;
/// The guard forbids moving the receive right.
pub const MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE: natural_t = 0x40;
/// The port takes no rights.
pub const MACH_PORT_STATUS_FLAG_NO_GRANT: natural_t = 0x80;

/// Limits of a port.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_limits_t {
    /// How many messages the queue holds.
    pub mpl_qlimit: mach_port_msgcount_t,
}

/// State of a receive right, with more.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_info_ext_t {
    /// The state.
    pub mpie_status: mach_port_status_t,
    /// How often importance was raised.
    pub mpie_boost_cnt: mach_port_msgcount_t,
    /// Unused.
    pub reserved: [u32; 6],
}

/// The guard of a port.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_port_guard_info_t {
    /// The guard.
    pub mpgi_guard: u64,
}

/// Attributes, as an array of integers whose meaning the flavor says.
pub type mach_port_info_t = *mut integer_t;
/// Which attributes.
pub type mach_port_flavor_t = c_int;

/// [`mach_port_limits_t`].
pub const MACH_PORT_LIMITS_INFO: mach_port_flavor_t = 1;
/// [`mach_port_status_t`].
pub const MACH_PORT_RECEIVE_STATUS: mach_port_flavor_t = 2;
/// How many dead-name requests the name space has room for.
pub const MACH_PORT_DNREQUESTS_SIZE: mach_port_flavor_t = 3;
/// The receive right will move to another task.
pub const MACH_PORT_TEMPOWNER: mach_port_flavor_t = 4;
/// The port takes importance.
pub const MACH_PORT_IMPORTANCE_RECEIVER: mach_port_flavor_t = 5;
/// The port wakes napping apps.
pub const MACH_PORT_DENAP_RECEIVER: mach_port_flavor_t = 6;
/// [`mach_port_info_ext_t`].
pub const MACH_PORT_INFO_EXT: mach_port_flavor_t = 7;
/// [`mach_port_guard_info_t`], to assert the guard.
pub const MACH_PORT_GUARD_INFO: mach_port_flavor_t = 8;
/// Whether a service's port is throttled.
pub const MACH_PORT_SERVICE_THROTTLED: mach_port_flavor_t = 9;

/// Integers in [`mach_port_limits_t`].
pub const MACH_PORT_LIMITS_INFO_COUNT: natural_t = integers_in::<mach_port_limits_t>();
/// Integers in [`mach_port_status_t`].
pub const MACH_PORT_RECEIVE_STATUS_COUNT: natural_t = integers_in::<mach_port_status_t>();
/// Integers of [`MACH_PORT_DNREQUESTS_SIZE`].
pub const MACH_PORT_DNREQUESTS_SIZE_COUNT: natural_t = 1;
/// Integers in [`mach_port_info_ext_t`].
pub const MACH_PORT_INFO_EXT_COUNT: natural_t = integers_in::<mach_port_info_ext_t>();
/// Integers in [`mach_port_guard_info_t`].
pub const MACH_PORT_GUARD_INFO_COUNT: natural_t = integers_in::<mach_port_guard_info_t>();
/// Integers of [`MACH_PORT_SERVICE_THROTTLED`].
pub const MACH_PORT_SERVICE_THROTTLED_COUNT: natural_t = 1;

const fn integers_in<T>() -> natural_t {
    (size_of::<T>() / size_of::<natural_t>()) as natural_t
}

const _: () = {
    assert!(MACH_PORT_RECEIVE_STATUS_COUNT == 10);
    assert!(MACH_PORT_INFO_EXT_COUNT == 17);
    assert!(MACH_PORT_GUARD_INFO_COUNT == 2);
};
