//! What the kernel tells of ports: `mach/notify.h`.
//!
//! A notification is a message to the send-once right given with the request. The structures hold the trailer that a
//! receive without trailer options leaves room for; the messages themselves end before it.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_snake_case, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::headers::message::{
    mach_msg_body_t, mach_msg_header_t, mach_msg_port_descriptor_t, mach_msg_security_trailer_t,
    mach_msg_type_number_t,
};
use crate::headers::ndr::NDR_record_t;
use crate::headers::port::{mach_port_name_t, mach_port_t};

/// No notification has a lower id.
pub const MACH_NOTIFY_FIRST: c_int = 64;
/// The name with the request is gone.
pub const MACH_NOTIFY_PORT_DELETED: c_int = 65;
/// A port whose queue was full takes messages again.
pub const MACH_NOTIFY_SEND_POSSIBLE: c_int = 66;
/// The receive right was about to be destroyed; here it is.
pub const MACH_NOTIFY_PORT_DESTROYED: c_int = 69;
/// The last send right is gone.
pub const MACH_NOTIFY_NO_SENDERS: c_int = 70;
/// A send-once right was destroyed unused.
pub const MACH_NOTIFY_SEND_ONCE: c_int = 71;
/// The port behind a name died.
pub const MACH_NOTIFY_DEAD_NAME: c_int = 72;
/// No notification has a higher id.
pub const MACH_NOTIFY_LAST: c_int = 77;

/// Where notifications go.
pub type notify_port_t = mach_port_t;

/// [`MACH_NOTIFY_PORT_DELETED`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_port_deleted_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// How the numbers are written.
    pub NDR: NDR_record_t,
    /// The name that is gone.
    pub not_port: mach_port_name_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

/// [`MACH_NOTIFY_SEND_POSSIBLE`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_send_possible_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// How the numbers are written.
    pub NDR: NDR_record_t,
    /// The name that can be sent to.
    pub not_port: mach_port_name_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

/// [`MACH_NOTIFY_PORT_DESTROYED`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_port_destroyed_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// One descriptor.
    pub not_body: mach_msg_body_t,
    /// The receive right.
    pub not_port: mach_msg_port_descriptor_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

/// [`MACH_NOTIFY_NO_SENDERS`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_no_senders_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// How the numbers are written.
    pub NDR: NDR_record_t,
    /// The make-send count when the last sender went.
    pub not_count: mach_msg_type_number_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

/// [`MACH_NOTIFY_SEND_ONCE`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_send_once_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

/// [`MACH_NOTIFY_DEAD_NAME`] as it is received.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mach_dead_name_notification_t {
    /// The header.
    pub not_header: mach_msg_header_t,
    /// How the numbers are written.
    pub NDR: NDR_record_t,
    /// The name, with one more reference as a dead name.
    pub not_port: mach_port_name_t,
    /// The trailer.
    pub trailer: mach_msg_security_trailer_t,
}

// Sizes of the messages: what precedes the trailer.
const _: () = {
    assert!(core::mem::offset_of!(mach_port_deleted_notification_t, not_port) == 32);
    assert!(core::mem::offset_of!(mach_port_deleted_notification_t, trailer) == 36);
    assert!(core::mem::offset_of!(mach_send_possible_notification_t, trailer) == 36);
    assert!(core::mem::offset_of!(mach_port_destroyed_notification_t, not_port) == 28);
    assert!(core::mem::offset_of!(mach_port_destroyed_notification_t, trailer) == 40);
    assert!(core::mem::offset_of!(mach_no_senders_notification_t, not_count) == 32);
    assert!(core::mem::offset_of!(mach_no_senders_notification_t, trailer) == 36);
    assert!(core::mem::offset_of!(mach_send_once_notification_t, trailer) == 24);
    assert!(core::mem::offset_of!(mach_dead_name_notification_t, not_port) == 32);
    assert!(core::mem::offset_of!(mach_dead_name_notification_t, trailer) == 36);
};
