//! `mach/port.h`: mach2's module, and what it leaves out.
#![allow(non_camel_case_types, reason = "the names of C")]

pub use mach2::port::*;

/// An array of names, allocated by the callee in the caller's address space.
pub type mach_port_name_array_t = *mut mach_port_name_t;
/// An array of types, allocated by the callee in the caller's address space.
pub type mach_port_type_array_t = *mut mach_port_type_t;

/// The bit that stands for a kind of right.
#[must_use]
#[allow(non_snake_case, reason = "the name of the C macro")]
pub const fn MACH_PORT_TYPE(right: mach_port_right_t) -> mach_port_type_t {
    1 << (right + 16)
}

/// The name holds a send right.
pub const MACH_PORT_TYPE_SEND: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND);
/// The name holds a receive right.
pub const MACH_PORT_TYPE_RECEIVE: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE);
/// The name holds a send-once right.
pub const MACH_PORT_TYPE_SEND_ONCE: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE);
/// The name is a port set.
pub const MACH_PORT_TYPE_PORT_SET: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET);
/// The name is a dead name.
pub const MACH_PORT_TYPE_DEAD_NAME: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME);
/// A dead-name or send-possible request stands.
pub const MACH_PORT_TYPE_DNREQUEST: mach_port_type_t = 0x8000_0000;
/// A send-possible request stands.
pub const MACH_PORT_TYPE_SPREQUEST: mach_port_type_t = 0x4000_0000;
/// It waits for a send that finds the queue full.
pub const MACH_PORT_TYPE_SPREQUEST_DELAYED: mach_port_type_t = 0x2000_0000;

/// The most user references that a name counts.
pub const MACH_PORT_UREFS_MAX: mach_port_urefs_t = 65_535;

/// Guard: strict.
pub const MPG_STRICT: u64 = 0x01;
/// Guard: the receive right cannot be moved.
pub const MPG_IMMOVABLE_RECEIVE: u64 = 0x02;

/// The receive right will move to another task.
pub const MACH_PORT_STATUS_FLAG_TEMPOWNER: u32 = 0x01;
/// The port is guarded.
pub const MACH_PORT_STATUS_FLAG_GUARDED: u32 = 0x02;
/// The guard is strict.
pub const MACH_PORT_STATUS_FLAG_STRICT_GUARD: u32 = 0x04;
/// The port takes importance.
pub const MACH_PORT_STATUS_FLAG_IMP_DONATION: u32 = 0x08;
/// The guard forbids moving the receive right.
pub const MACH_PORT_STATUS_FLAG_GUARD_IMMOVABLE_RECEIVE: u32 = 0x40;
