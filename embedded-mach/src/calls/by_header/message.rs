//! Messages: `mach/message.h`.
//!
//! A message is a header; a complex one goes on with a count of descriptors and the descriptors; then come the bytes.
//! C packs all of it to four bytes: see [`mach_msg_ool_descriptor_t`] for the one place where that matters.

pub use super::extra::{
    mach_msg_overwrite, mach_msg_receive, mach_msg_server, mach_msg_server_once,
};
pub use crate::calls::message::{mach_msg, mach_msg_destroy, mach_msg_send};
pub use crate::headers::message::*;
