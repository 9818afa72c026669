//! What `servers/bootstrap.h` declares beside its calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_char, c_int, c_uint};

use crate::headers::boolean::boolean_t;
use crate::headers::kern_return::kern_return_t;

/// Bytes of a service name, the closing NUL included.
pub const BOOTSTRAP_MAX_NAME_LEN: c_uint = 128;
/// Bytes of a server command, the closing NUL included.
pub const BOOTSTRAP_MAX_CMD_LEN: c_uint = 512;
/// The most names one look-up request may hold.
pub const BOOTSTRAP_MAX_LOOKUP_COUNT: c_uint = 20;

/// The call did what was asked.
pub const BOOTSTRAP_SUCCESS: kern_return_t = 0;
/// The caller may not do this, for instance check in a name that is another's.
pub const BOOTSTRAP_NOT_PRIVILEGED: kern_return_t = 1100;
/// The name is already registered.
pub const BOOTSTRAP_NAME_IN_USE: kern_return_t = 1101;
/// Nobody has checked in or registered the name.
pub const BOOTSTRAP_UNKNOWN_SERVICE: kern_return_t = 1102;
/// The name is checked in and its receive right lives.
pub const BOOTSTRAP_SERVICE_ACTIVE: kern_return_t = 1103;
/// More look-ups in one request than allowed.
pub const BOOTSTRAP_BAD_COUNT: kern_return_t = 1104;
/// The request could not be served for lack of memory.
pub const BOOTSTRAP_NO_MEMORY: kern_return_t = 1105;
/// The namespace has no subset of that kind.
pub const BOOTSTRAP_NO_CHILDREN: kern_return_t = 1106;

/// No one serves the name.
pub const BOOTSTRAP_STATUS_INACTIVE: bootstrap_status_t = 0;
/// A running server holds the name's receive right.
pub const BOOTSTRAP_STATUS_ACTIVE: bootstrap_status_t = 1;
/// The name's server is started by the first message.
pub const BOOTSTRAP_STATUS_ON_DEMAND: bootstrap_status_t = 2;

/// A service name, closed by NUL.
pub type name_t = [c_char; 128];
/// A server command, closed by NUL.
pub type cmd_t = [c_char; 512];
/// Several service names.
pub type name_array_t = *mut name_t;
/// One of the `BOOTSTRAP_STATUS_` values.
pub type bootstrap_status_t = c_int;
/// Several states.
pub type bootstrap_status_array_t = *mut bootstrap_status_t;
/// Property bits of a registered name.
pub type bootstrap_property_t = c_uint;
/// Properties of several names.
pub type bootstrap_property_array_t = *mut bootstrap_property_t;
/// Several truth values.
pub type bool_array_t = *mut boolean_t;
