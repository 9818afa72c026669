//! Trailers: what the kernel puts behind a received message.

use core::ffi::{c_int, c_uint};

use super::{mach_msg_option_t, mach_msg_size_t};
use crate::headers::port::{mach_port_name_t, mach_port_seqno_t};
use crate::headers::vm_types::mach_port_context_t;

/// The format of a trailer, or how much of it is wanted.
pub type mach_msg_trailer_type_t = c_uint;
/// The size of a trailer in bytes.
pub type mach_msg_trailer_size_t = c_uint;
/// What a message filter said.
pub type mach_msg_filter_id = c_int;

/// The only format.
pub const MACH_MSG_TRAILER_FORMAT_0: mach_msg_trailer_type_t = 0;
/// No filter said anything.
pub const MACH_MSG_FILTER_POLICY_ALLOW: mach_msg_filter_id = 0;

/// Element: nothing but format and size.
pub const MACH_RCV_TRAILER_NULL: mach_msg_trailer_type_t = 0;
/// Element: and the sequence number.
pub const MACH_RCV_TRAILER_SEQNO: mach_msg_trailer_type_t = 1;
/// Element: and the sender's security token.
pub const MACH_RCV_TRAILER_SENDER: mach_msg_trailer_type_t = 2;
/// Element: and the sender's audit token.
pub const MACH_RCV_TRAILER_AUDIT: mach_msg_trailer_type_t = 3;
/// Element: and the receive right's context.
pub const MACH_RCV_TRAILER_CTX: mach_msg_trailer_type_t = 4;
/// Element: and the filter's verdict.
pub const MACH_RCV_TRAILER_AV: mach_msg_trailer_type_t = 7;
/// Element: and the labels.
pub const MACH_RCV_TRAILER_LABELS: mach_msg_trailer_type_t = 8;
/// The option bits that ask for elements.
pub const MACH_RCV_TRAILER_MASK: mach_msg_option_t = 0xf << 24;

/// The option bits that ask for a trailer of format `x`.
#[inline]
pub const fn MACH_RCV_TRAILER_TYPE(x: mach_msg_trailer_type_t) -> mach_msg_option_t {
    ((x & 0xf) << 28) as mach_msg_option_t
}

/// The option bits that ask for the elements up to `x`.
#[inline]
pub const fn MACH_RCV_TRAILER_ELEMENTS(x: mach_msg_trailer_type_t) -> mach_msg_option_t {
    ((x & 0xf) << 24) as mach_msg_option_t
}

/// Which elements an option word asks for.
#[inline]
pub const fn GET_RCV_ELEMENTS(options: mach_msg_option_t) -> mach_msg_trailer_type_t {
    (options as mach_msg_trailer_type_t >> 24) & 0xf
}

/// The size of the trailer that an option word asks for.
#[inline]
pub const fn REQUESTED_TRAILER_SIZE(options: mach_msg_option_t) -> mach_msg_trailer_size_t {
    let size = match GET_RCV_ELEMENTS(options) {
        MACH_RCV_TRAILER_NULL => size_of::<mach_msg_trailer_t>(),
        MACH_RCV_TRAILER_SEQNO => size_of::<mach_msg_seqno_trailer_t>(),
        MACH_RCV_TRAILER_SENDER => size_of::<mach_msg_security_trailer_t>(),
        MACH_RCV_TRAILER_AUDIT => size_of::<mach_msg_audit_trailer_t>(),
        MACH_RCV_TRAILER_CTX => size_of::<mach_msg_context_trailer_t>(),
        _ => size_of::<mach_msg_max_trailer_t>(),
    };
    size as mach_msg_trailer_size_t
}

/// Format and size.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size, this field included.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
}

/// With the sequence number.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_seqno_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size of the trailer.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
    /// Messages received from the port before this one.
    pub msgh_seqno: mach_port_seqno_t,
}

/// Effective user and group of a sender.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct security_token_t {
    /// User, group.
    pub val: [c_uint; 2],
}

/// With the security token.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_security_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size of the trailer.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
    /// Messages received from the port before this one.
    pub msgh_seqno: mach_port_seqno_t,
    /// Who sent it.
    pub msgh_sender: security_token_t,
}

/// Who a sender is, by the kernel's word.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct audit_token_t {
    /// Audit user, effective user and group, real user and group, process, session, process version.
    pub val: [c_uint; 8],
}

/// With the audit token.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_audit_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size of the trailer.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
    /// Messages received from the port before this one.
    pub msgh_seqno: mach_port_seqno_t,
    /// Who sent it.
    pub msgh_sender: security_token_t,
    /// Who sent it, in full.
    pub msgh_audit: audit_token_t,
}

/// With the receive right's context.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_context_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size of the trailer.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
    /// Messages received from the port before this one.
    pub msgh_seqno: mach_port_seqno_t,
    /// Who sent it.
    pub msgh_sender: security_token_t,
    /// Who sent it, in full.
    pub msgh_audit: audit_token_t,
    /// The receive right's context.
    pub msgh_context: mach_port_context_t,
}

/// Labels of mandatory access control.
#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct msg_labels_t {
    /// The sender's label.
    pub sender: mach_port_name_t,
}

/// With everything.
#[repr(C, packed(4))]
#[derive(Copy, Clone, Debug, Default, Hash, PartialOrd, PartialEq, Eq, Ord)]
pub struct mach_msg_mac_trailer_t {
    /// The format.
    pub msgh_trailer_type: mach_msg_trailer_type_t,
    /// The size of the trailer.
    pub msgh_trailer_size: mach_msg_trailer_size_t,
    /// Messages received from the port before this one.
    pub msgh_seqno: mach_port_seqno_t,
    /// Who sent it.
    pub msgh_sender: security_token_t,
    /// Who sent it, in full.
    pub msgh_audit: audit_token_t,
    /// The receive right's context.
    pub msgh_context: mach_port_context_t,
    /// What the message filter said.
    pub msgh_ad: mach_msg_filter_id,
    /// Labels.
    pub msgh_labels: msg_labels_t,
}

/// The largest trailer.
pub type mach_msg_max_trailer_t = mach_msg_mac_trailer_t;
/// The trailer that older code knows as the whole of format 0.
pub type mach_msg_format_0_trailer_t = mach_msg_security_trailer_t;

/// The size of the smallest trailer.
pub const MACH_MSG_TRAILER_MINIMUM_SIZE: mach_msg_size_t =
    size_of::<mach_msg_trailer_t>() as mach_msg_size_t;
/// The size of the largest trailer.
pub const MAX_TRAILER_SIZE: mach_msg_size_t =
    size_of::<mach_msg_max_trailer_t>() as mach_msg_size_t;
/// The size of [`mach_msg_format_0_trailer_t`].
pub const MACH_MSG_TRAILER_FORMAT_0_SIZE: mach_msg_size_t =
    size_of::<mach_msg_format_0_trailer_t>() as mach_msg_size_t;

/// The kernel's security token.
pub const KERNEL_SECURITY_TOKEN_VALUE: security_token_t = security_token_t { val: [0, 1] };
/// The kernel's audit token, which notifications carry.
pub const KERNEL_AUDIT_TOKEN_VALUE: audit_token_t = audit_token_t { val: [0; 8] };
/// An audit token of nobody.
pub const INVALID_AUDIT_TOKEN_VALUE: audit_token_t = audit_token_t {
    val: [c_uint::MAX; 8],
};

const _: () = {
    assert!(size_of::<mach_msg_trailer_t>() == 8);
    assert!(size_of::<mach_msg_seqno_trailer_t>() == 12);
    assert!(size_of::<mach_msg_security_trailer_t>() == 20);
    assert!(size_of::<mach_msg_audit_trailer_t>() == 52);
    assert!(size_of::<mach_msg_context_trailer_t>() == 60);
    assert!(size_of::<mach_msg_mac_trailer_t>() == 68);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fact_39_trailer_sizes_by_element() {
        let size = |element| {
            REQUESTED_TRAILER_SIZE(
                MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0)
                    | MACH_RCV_TRAILER_ELEMENTS(element),
            )
        };
        assert_eq!([0, 1, 2, 3, 4, 7].map(size), [8, 12, 20, 52, 60, 68]);
    }

    #[test]
    fn elements_stand_in_bits_24_to_27() {
        assert_eq!(
            MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_AUDIT),
            0x0300_0000
        );
        assert_eq!(GET_RCV_ELEMENTS(0x0700_0000 | 2), MACH_RCV_TRAILER_AV);
        assert_eq!(GET_RCV_ELEMENTS(i32::MIN), MACH_RCV_TRAILER_NULL);
    }
}
