//! Ports, the rights to them and their attributes: `mach/port.h`.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(
    non_snake_case,
    reason = "function-like macros of the C header keep their names"
)]
#![allow(non_upper_case_globals, reason = "the names are those of the C header")]

mod attributes;
mod options;

use core::ffi::c_uint;

pub use attributes::*;
pub use options::*;

use crate::headers::machine::{integer_t, natural_t};

/// A name in a task's name space; it says nothing of the rights behind it.
pub type mach_port_name_t = natural_t;
/// Several names.
pub type mach_port_name_array_t = *mut mach_port_name_t;
/// A right, by its name.
pub type mach_port_t = c_uint;
/// Several rights.
pub type mach_port_array_t = *mut mach_port_t;

/// No port.
pub const MACH_PORT_NULL: mach_port_t = 0;
/// A port that died.
pub const MACH_PORT_DEAD: mach_port_t = !0;

/// Whether a name can denote a right.
#[inline]
pub const fn MACH_PORT_VALID(name: mach_port_name_t) -> bool {
    name != MACH_PORT_NULL && name != MACH_PORT_DEAD
}

/// The place in the name space that a name stands for.
#[inline]
pub const fn MACH_PORT_INDEX(name: mach_port_name_t) -> natural_t {
    name >> 8
}

/// The generation of a name, in the upper byte.
#[inline]
pub const fn MACH_PORT_GEN(name: mach_port_name_t) -> natural_t {
    (name & 0xff) << 24
}

/// The name of an index and a generation as [`MACH_PORT_GEN`] gives it.
#[inline]
pub const fn MACH_PORT_MAKE(index: natural_t, generation: natural_t) -> mach_port_name_t {
    (index << 8) | (generation >> 24)
}

/// One kind of right.
pub type mach_port_right_t = natural_t;

/// To send.
pub const MACH_PORT_RIGHT_SEND: mach_port_right_t = 0;
/// To receive; each port has one.
pub const MACH_PORT_RIGHT_RECEIVE: mach_port_right_t = 1;
/// To send one message.
pub const MACH_PORT_RIGHT_SEND_ONCE: mach_port_right_t = 2;
/// To receive from several ports.
pub const MACH_PORT_RIGHT_PORT_SET: mach_port_right_t = 3;
/// What a right to send becomes when its port dies.
pub const MACH_PORT_RIGHT_DEAD_NAME: mach_port_right_t = 4;
/// No longer in use.
pub const MACH_PORT_RIGHT_LABELH: mach_port_right_t = 5;
/// How many kinds there are.
pub const MACH_PORT_RIGHT_NUMBER: mach_port_right_t = 6;

/// The rights that one name denotes, a bit for each.
pub type mach_port_type_t = natural_t;
/// The rights of several names.
pub type mach_port_type_array_t = *mut mach_port_type_t;

/// The bit of a kind of right.
#[inline]
pub const fn MACH_PORT_TYPE(right: mach_port_right_t) -> mach_port_type_t {
    1 << (right + 16)
}

/// Nothing.
pub const MACH_PORT_TYPE_NONE: mach_port_type_t = 0;
/// To send.
pub const MACH_PORT_TYPE_SEND: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND);
/// To receive.
pub const MACH_PORT_TYPE_RECEIVE: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE);
/// To send one message.
pub const MACH_PORT_TYPE_SEND_ONCE: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE);
/// A port set.
pub const MACH_PORT_TYPE_PORT_SET: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET);
/// A dead name.
pub const MACH_PORT_TYPE_DEAD_NAME: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME);
/// No longer in use.
pub const MACH_PORT_TYPE_LABELH: mach_port_type_t = MACH_PORT_TYPE(MACH_PORT_RIGHT_LABELH);
/// To send and to receive.
pub const MACH_PORT_TYPE_SEND_RECEIVE: mach_port_type_t =
    MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE;
/// Either right to send.
pub const MACH_PORT_TYPE_SEND_RIGHTS: mach_port_type_t =
    MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE;
/// Any right to a port.
pub const MACH_PORT_TYPE_PORT_RIGHTS: mach_port_type_t =
    MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE;
/// Any right to a port, also a dead one.
pub const MACH_PORT_TYPE_PORT_OR_DEAD: mach_port_type_t =
    MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME;
/// Anything a name can denote.
pub const MACH_PORT_TYPE_ALL_RIGHTS: mach_port_type_t =
    MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET;
/// A dead-name or send-possible notification is requested.
pub const MACH_PORT_TYPE_DNREQUEST: mach_port_type_t = 0x8000_0000;
/// A send-possible notification is requested and armed.
pub const MACH_PORT_TYPE_SPREQUEST: mach_port_type_t = 0x4000_0000;
/// A send-possible notification is requested and not armed.
pub const MACH_PORT_TYPE_SPREQUEST_DELAYED: mach_port_type_t = 0x2000_0000;

/// A count of user references.
pub type mach_port_urefs_t = natural_t;
/// A change of user references.
pub type mach_port_delta_t = integer_t;
/// The place of a message among those received from a port.
pub type mach_port_seqno_t = natural_t;
/// How often a send right was made of a receive right.
pub type mach_port_mscount_t = natural_t;
/// A count of messages.
pub type mach_port_msgcount_t = natural_t;
/// A count of rights.
pub type mach_port_rights_t = natural_t;
/// Whether there are send rights.
pub type mach_port_srights_t = c_uint;

/// User references go no higher; there they stay.
pub const MACH_PORT_UREFS_MAX: mach_port_urefs_t = 0xffff;
/// There are no send rights.
pub const MACH_PORT_SRIGHTS_NONE: mach_port_srights_t = 0;
/// There are send rights.
pub const MACH_PORT_SRIGHTS_PRESENT: mach_port_srights_t = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_bits() {
        assert_eq!(MACH_PORT_TYPE_SEND, 0x0001_0000);
        assert_eq!(MACH_PORT_TYPE_DEAD_NAME, 0x0010_0000);
        assert_eq!(MACH_PORT_TYPE_ALL_RIGHTS, 0x001f_0000);
    }

    #[test]
    fn fact_2_a_name_is_index_and_generation() {
        assert_eq!(MACH_PORT_INDEX(0x107), 1);
        assert_eq!(MACH_PORT_GEN(0x107), 0x0700_0000);
        assert_eq!(MACH_PORT_MAKE(1, MACH_PORT_GEN(0x107)), 0x107);
        assert!(
            MACH_PORT_VALID(0x107)
                && !MACH_PORT_VALID(MACH_PORT_NULL)
                && !MACH_PORT_VALID(MACH_PORT_DEAD)
        );
    }
}
