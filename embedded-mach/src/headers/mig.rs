//! What `mach/mig.h` and `mach/mig_errors.h` declare beside their calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_snake_case, reason = "the names are those of the C header")]

use core::ffi::{c_char, c_int, c_uint};
use core::ptr;

use crate::headers::kern_return::kern_return_t;
use crate::headers::message::{
    mach_msg_header_t, mach_msg_id_t, mach_msg_size_t, mach_msg_type_descriptor_t,
};
use crate::headers::ndr::NDR_record_t;
use crate::headers::vm_types::vm_address_t;

/// Takes a request apart, calls its implementation, puts the reply together.
pub type mig_stub_routine_t =
    Option<unsafe extern "C" fn(*mut mach_msg_header_t, *mut mach_msg_header_t)>;
/// Another name of [`mig_stub_routine_t`].
pub type mig_routine_t = mig_stub_routine_t;
/// Finds the routine for a request.
pub type mig_server_routine_t =
    Option<unsafe extern "C" fn(*mut mach_msg_header_t) -> mig_routine_t>;
/// An implementation, of whatever arguments.
pub type mig_impl_routine_t = Option<unsafe extern "C" fn() -> kern_return_t>;

/// Descriptors of a routine's arguments.
pub type routine_arg_descriptor_t = *mut mach_msg_type_descriptor_t;
/// Descriptors of a routine's arguments.
pub type mig_routine_arg_descriptor_t = *mut mach_msg_type_descriptor_t;
/// No descriptors.
pub const MIG_ROUTINE_ARG_DESCRIPTOR_NULL: mig_routine_arg_descriptor_t = ptr::null_mut();

/// One routine of a subsystem.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct routine_descriptor {
    /// What does the work.
    pub impl_routine: mig_impl_routine_t,
    /// What speaks the messages.
    pub stub_routine: mig_stub_routine_t,
    /// How many arguments.
    pub argc: c_uint,
    /// How many descriptors.
    pub descr_count: c_uint,
    /// The descriptors.
    pub arg_descr: routine_arg_descriptor_t,
    /// Bytes of the largest reply.
    pub max_reply_msg: c_uint,
}
/// Where a routine's description is.
pub type routine_descriptor_t = *mut routine_descriptor;
/// Another name of [`routine_descriptor`].
pub type mig_routine_descriptor = routine_descriptor;
/// Where a routine's description is.
pub type mig_routine_descriptor_t = *mut mig_routine_descriptor;
/// No routine.
pub const MIG_ROUTINE_DESCRIPTOR_NULL: mig_routine_descriptor_t = ptr::null_mut();

/// Routines with consecutive message ids.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mig_subsystem {
    /// Finds the routine for a request.
    pub server: mig_server_routine_t,
    /// The first id.
    pub start: mach_msg_id_t,
    /// The id after the last.
    pub end: mach_msg_id_t,
    /// Bytes of the largest message.
    pub maxsize: mach_msg_size_t,
    /// Unused.
    pub reserved: vm_address_t,
    /// The first routine; the others follow.
    pub routine: [mig_routine_descriptor; 1],
}
/// Where a subsystem is.
pub type mig_subsystem_t = *mut mig_subsystem;
/// No subsystem.
pub const MIG_SUBSYSTEM_NULL: mig_subsystem_t = ptr::null_mut();

/// A routine's name and id.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mig_symtab {
    /// Its name.
    pub ms_routine_name: *mut c_char,
    /// Its id.
    pub ms_routine_number: c_int,
    /// The routine.
    pub ms_routine: Option<unsafe extern "C" fn()>,
}
/// A routine's name and id.
pub type mig_symtab_t = mig_symtab;

/// The reply that says only how a request went.
#[repr(C)]
#[derive(Copy, Clone, Debug)]
pub struct mig_reply_error_t {
    /// The header.
    pub Head: mach_msg_header_t,
    /// How numbers are written.
    pub NDR: NDR_record_t,
    /// How the request went.
    pub RetCode: kern_return_t,
}

/// The client found the reply of another type.
pub const MIG_TYPE_ERROR: kern_return_t = -300;
/// The reply's id is that of another request.
pub const MIG_REPLY_MISMATCH: kern_return_t = -301;
/// The server found an error.
pub const MIG_REMOTE_ERROR: kern_return_t = -302;
/// The server has no such routine.
pub const MIG_BAD_ID: kern_return_t = -303;
/// The server found the request of another type.
pub const MIG_BAD_ARGUMENTS: kern_return_t = -304;
/// The server will not reply, or not now.
pub const MIG_NO_REPLY: kern_return_t = -305;
/// The server raised an exception.
pub const MIG_EXCEPTION: kern_return_t = -306;
/// The caller's array is too small.
pub const MIG_ARRAY_TOO_LARGE: kern_return_t = -307;
/// The server died.
pub const MIG_SERVER_DIED: kern_return_t = -308;
/// The trailer is of an unknown format.
pub const MIG_TRAILER_ERROR: kern_return_t = -309;

const _: () = {
    assert!(size_of::<mig_reply_error_t>() == 36);
    assert!(core::mem::offset_of!(mig_reply_error_t, RetCode) == 32);
};
