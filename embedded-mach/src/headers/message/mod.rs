//! What `mach/message.h` declares beside its calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(
    non_snake_case,
    reason = "function-like macros of the C header keep their names"
)]

mod descriptors;
mod options;
mod returns;
mod trailers;

use core::ffi::c_uint;

pub use descriptors::*;
pub use options::*;
pub use returns::*;
pub use trailers::*;

use crate::headers::port::{mach_port_name_t, mach_port_t};
use crate::headers::vm_types::{integer_t, natural_t};

/// A time limit in milliseconds.
pub type mach_msg_timeout_t = natural_t;
/// The first word of a header: dispositions of its ports, and whether the message is complex.
pub type mach_msg_bits_t = c_uint;
/// What a message is about; a matter of sender and receiver.
pub type mach_msg_id_t = integer_t;
/// A size in bytes.
pub type mach_msg_size_t = natural_t;
/// How urgent a message is.
pub type mach_msg_priority_t = c_uint;
/// A disposition: what the sender does with a right, and what the receiver got.
pub type mach_msg_type_name_t = c_uint;
/// A count of items.
pub type mach_msg_type_number_t = natural_t;
/// A size of items.
pub type mach_msg_type_size_t = natural_t;

/// The value to give where no time limit is wanted.
pub const MACH_MSG_TIMEOUT_NONE: mach_msg_timeout_t = 0;
/// No particular urgency.
pub const MACH_MSG_PRIORITY_UNSPECIFIED: mach_msg_priority_t = 0;
/// No message is larger.
pub const MACH_MSG_SIZE_MAX: mach_msg_size_t = !0;
/// Messages up to this size are sent unless memory is very short.
pub const MACH_MSG_SIZE_RELIABLE: mach_msg_size_t = 256 * 1024;

/// A simple message with no ports.
pub const MACH_MSGH_BITS_ZERO: mach_msg_bits_t = 0;
/// Disposition of the remote port.
pub const MACH_MSGH_BITS_REMOTE_MASK: mach_msg_bits_t = 0x0000_001f;
/// Disposition of the local port.
pub const MACH_MSGH_BITS_LOCAL_MASK: mach_msg_bits_t = 0x0000_1f00;
/// Disposition of the voucher.
pub const MACH_MSGH_BITS_VOUCHER_MASK: mach_msg_bits_t = 0x001f_0000;
/// All dispositions.
pub const MACH_MSGH_BITS_PORTS_MASK: mach_msg_bits_t =
    MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK | MACH_MSGH_BITS_VOUCHER_MASK;
/// The message has descriptors.
pub const MACH_MSGH_BITS_COMPLEX: mach_msg_bits_t = 0x8000_0000;
/// The bits a sender may set; others are cleared.
pub const MACH_MSGH_BITS_USER: mach_msg_bits_t = 0x801f_1f1f;
/// The message raised the receiver's importance.
pub const MACH_MSGH_BITS_RAISEIMP: mach_msg_bits_t = 0x2000_0000;
/// The message is part of a cycle of receive rights.
pub const MACH_MSGH_BITS_CIRCULAR: mach_msg_bits_t = 0x1000_0000;
/// All bits with a meaning.
pub const MACH_MSGH_BITS_USED: mach_msg_bits_t = 0xb01f_1f1f;

/// The bits of a simple message with these dispositions.
#[inline]
pub const fn MACH_MSGH_BITS(remote: mach_msg_bits_t, local: mach_msg_bits_t) -> mach_msg_bits_t {
    remote | (local << 8)
}

/// The bits of the three dispositions.
#[inline]
pub const fn MACH_MSGH_BITS_SET_PORTS(
    remote: mach_msg_bits_t,
    local: mach_msg_bits_t,
    voucher: mach_msg_bits_t,
) -> mach_msg_bits_t {
    (remote & MACH_MSGH_BITS_REMOTE_MASK)
        | ((local << 8) & MACH_MSGH_BITS_LOCAL_MASK)
        | ((voucher << 16) & MACH_MSGH_BITS_VOUCHER_MASK)
}

/// The three dispositions and whatever else is set in `other`.
#[inline]
pub const fn MACH_MSGH_BITS_SET(
    remote: mach_msg_bits_t,
    local: mach_msg_bits_t,
    voucher: mach_msg_bits_t,
    other: mach_msg_bits_t,
) -> mach_msg_bits_t {
    MACH_MSGH_BITS_SET_PORTS(remote, local, voucher) | MACH_MSGH_BITS_OTHER(other)
}

/// The disposition of the remote port.
#[inline]
pub const fn MACH_MSGH_BITS_REMOTE(bits: mach_msg_bits_t) -> mach_msg_type_name_t {
    bits & MACH_MSGH_BITS_REMOTE_MASK
}

/// The disposition of the local port.
#[inline]
pub const fn MACH_MSGH_BITS_LOCAL(bits: mach_msg_bits_t) -> mach_msg_type_name_t {
    (bits & MACH_MSGH_BITS_LOCAL_MASK) >> 8
}

/// The disposition of the voucher.
#[inline]
pub const fn MACH_MSGH_BITS_VOUCHER(bits: mach_msg_bits_t) -> mach_msg_type_name_t {
    (bits & MACH_MSGH_BITS_VOUCHER_MASK) >> 16
}

/// All dispositions, where they stand.
#[inline]
pub const fn MACH_MSGH_BITS_PORTS(bits: mach_msg_bits_t) -> mach_msg_bits_t {
    bits & MACH_MSGH_BITS_PORTS_MASK
}

/// The bits that are not dispositions.
#[inline]
pub const fn MACH_MSGH_BITS_OTHER(bits: mach_msg_bits_t) -> mach_msg_bits_t {
    bits & !MACH_MSGH_BITS_PORTS_MASK
}

/// Whether the header has a remote port.
#[inline]
pub const fn MACH_MSGH_BITS_HAS_REMOTE(bits: mach_msg_bits_t) -> bool {
    MACH_MSGH_BITS_REMOTE(bits) != 0
}

/// Whether the header has a local port.
#[inline]
pub const fn MACH_MSGH_BITS_HAS_LOCAL(bits: mach_msg_bits_t) -> bool {
    MACH_MSGH_BITS_LOCAL(bits) != 0
}

/// Whether the header has a voucher.
#[inline]
pub const fn MACH_MSGH_BITS_HAS_VOUCHER(bits: mach_msg_bits_t) -> bool {
    MACH_MSGH_BITS_VOUCHER(bits) != 0
}

/// Whether the message has descriptors.
#[inline]
pub const fn MACH_MSGH_BITS_IS_COMPLEX(bits: mach_msg_bits_t) -> bool {
    bits & MACH_MSGH_BITS_COMPLEX != 0
}

/// A size rounded up to the multiple of four that messages need.
#[inline]
pub const fn round_msg(size: mach_msg_size_t) -> mach_msg_size_t {
    size.wrapping_add(3) & !3
}

/// The receive right moves.
pub const MACH_MSG_TYPE_MOVE_RECEIVE: mach_msg_type_name_t = 16;
/// One reference of a send right moves.
pub const MACH_MSG_TYPE_MOVE_SEND: mach_msg_type_name_t = 17;
/// The send-once right moves.
pub const MACH_MSG_TYPE_MOVE_SEND_ONCE: mach_msg_type_name_t = 18;
/// A send right is made of a send right.
pub const MACH_MSG_TYPE_COPY_SEND: mach_msg_type_name_t = 19;
/// A send right is made of the receive right.
pub const MACH_MSG_TYPE_MAKE_SEND: mach_msg_type_name_t = 20;
/// A send-once right is made of the receive right.
pub const MACH_MSG_TYPE_MAKE_SEND_ONCE: mach_msg_type_name_t = 21;
/// Not valid: there is one receive right.
pub const MACH_MSG_TYPE_COPY_RECEIVE: mach_msg_type_name_t = 22;
/// The receive right is destroyed by the send.
pub const MACH_MSG_TYPE_DISPOSE_RECEIVE: mach_msg_type_name_t = 24;
/// One reference of a send right is destroyed by the send.
pub const MACH_MSG_TYPE_DISPOSE_SEND: mach_msg_type_name_t = 25;
/// The send-once right is destroyed by the send.
pub const MACH_MSG_TYPE_DISPOSE_SEND_ONCE: mach_msg_type_name_t = 26;

/// No right.
pub const MACH_MSG_TYPE_PORT_NONE: mach_msg_type_name_t = 0;
/// A name, nothing behind it.
pub const MACH_MSG_TYPE_PORT_NAME: mach_msg_type_name_t = 15;
/// On arrival: a receive right.
pub const MACH_MSG_TYPE_PORT_RECEIVE: mach_msg_type_name_t = MACH_MSG_TYPE_MOVE_RECEIVE;
/// On arrival: a send right.
pub const MACH_MSG_TYPE_PORT_SEND: mach_msg_type_name_t = MACH_MSG_TYPE_MOVE_SEND;
/// On arrival: a send-once right.
pub const MACH_MSG_TYPE_PORT_SEND_ONCE: mach_msg_type_name_t = MACH_MSG_TYPE_MOVE_SEND_ONCE;
/// The last disposition that was given a number in order.
pub const MACH_MSG_TYPE_LAST: mach_msg_type_name_t = 22;
/// A disposition that is said elsewhere, at run time.
pub const MACH_MSG_TYPE_POLYMORPHIC: mach_msg_type_name_t = !0;

/// Whether a disposition makes or moves a right.
#[inline]
pub const fn MACH_MSG_TYPE_PORT_ANY(x: mach_msg_type_name_t) -> bool {
    x >= MACH_MSG_TYPE_MOVE_RECEIVE && x <= MACH_MSG_TYPE_MAKE_SEND_ONCE
}

/// Whether a disposition makes or moves a right to send.
#[inline]
pub const fn MACH_MSG_TYPE_PORT_ANY_SEND(x: mach_msg_type_name_t) -> bool {
    x >= MACH_MSG_TYPE_MOVE_SEND && x <= MACH_MSG_TYPE_MAKE_SEND_ONCE
}

/// Whether a disposition is one of a message that has arrived.
#[inline]
pub const fn MACH_MSG_TYPE_PORT_ANY_RIGHT(x: mach_msg_type_name_t) -> bool {
    x >= MACH_MSG_TYPE_MOVE_RECEIVE && x <= MACH_MSG_TYPE_MOVE_SEND_ONCE
}

/// What every message begins with.
///
/// To the sender the *remote* port is the destination and the *local* port the one to reply to; to the receiver it is
/// the other way round.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_header_t {
    /// Dispositions, and whether the message is complex.
    pub msgh_bits: mach_msg_bits_t,
    /// Bytes of the message, without the trailer.
    pub msgh_size: mach_msg_size_t,
    /// Where the message goes; on arrival where a reply goes.
    pub msgh_remote_port: mach_port_t,
    /// Where a reply goes; on arrival where the message came in.
    pub msgh_local_port: mach_port_t,
    /// A voucher.
    pub msgh_voucher_port: mach_port_name_t,
    /// What the message is about.
    pub msgh_id: mach_msg_id_t,
}

/// What follows the header of a complex message.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_body_t {
    /// How many descriptors follow.
    pub msgh_descriptor_count: mach_msg_size_t,
}

/// The beginning of a complex message.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_base_t {
    /// The header.
    pub header: mach_msg_header_t,
    /// The count of descriptors.
    pub body: mach_msg_body_t,
}

/// The smallest message that can be sent.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_empty_send_t {
    /// The header.
    pub header: mach_msg_header_t,
}

/// The smallest message that can be received.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_empty_rcv_t {
    /// The header.
    pub header: mach_msg_header_t,
    /// The smallest trailer.
    pub trailer: mach_msg_trailer_t,
}

const _: () = {
    assert!(size_of::<mach_msg_header_t>() == 24);
    assert!(size_of::<mach_msg_body_t>() == 4);
    assert!(size_of::<mach_msg_base_t>() == 28);
    assert!(size_of::<mach_msg_empty_rcv_t>() == 32);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_of_a_call() {
        let bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(bits, 0x1513);
        assert_eq!(MACH_MSGH_BITS_REMOTE(bits), MACH_MSG_TYPE_COPY_SEND);
        assert_eq!(MACH_MSGH_BITS_LOCAL(bits), MACH_MSG_TYPE_MAKE_SEND_ONCE);
        assert_eq!(
            MACH_MSGH_BITS_SET(19, 21, 0, MACH_MSGH_BITS_COMPLEX),
            0x8000_1513
        );
        assert!(!MACH_MSGH_BITS_HAS_VOUCHER(bits) && !MACH_MSGH_BITS_IS_COMPLEX(bits));
    }

    #[test]
    fn sizes_are_rounded_to_four() {
        assert_eq!([24, 25, 27, 28].map(round_msg), [24, 28, 28, 28]);
    }
}
