//! Kinds of exceptions, which a task could have sent to a port: `mach/exception_types.h`. None are sent here.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]

use core::ffi::{c_int, c_uint};

use crate::headers::port::mach_port_t;
use crate::headers::vm_types::integer_t;

/// Memory that cannot be used so.
pub const EXC_BAD_ACCESS: c_uint = 1;
/// An instruction that is none.
pub const EXC_BAD_INSTRUCTION: c_uint = 2;
/// Arithmetic without a result.
pub const EXC_ARITHMETIC: c_uint = 3;
/// What software has to do in place of hardware.
pub const EXC_EMULATION: c_uint = 4;
/// What software raises itself.
pub const EXC_SOFTWARE: c_uint = 5;
/// A breakpoint.
pub const EXC_BREAKPOINT: c_uint = 6;
/// A system call.
pub const EXC_SYSCALL: c_uint = 7;
/// A call of Mach.
pub const EXC_MACH_SYSCALL: c_uint = 8;
/// A remote call.
pub const EXC_RPC_ALERT: c_uint = 9;
/// The process ends with a fault.
pub const EXC_CRASH: c_uint = 10;
/// The process used more than it may.
pub const EXC_RESOURCE: c_uint = 11;
/// A guard was violated.
pub const EXC_GUARD: c_uint = 12;
/// A process is kept for a look at it.
pub const EXC_CORPSE_NOTIFY: c_uint = 13;
/// The message tells of the thread.
pub const EXCEPTION_DEFAULT: c_uint = 1;
/// The message tells of the registers.
pub const EXCEPTION_STATE: c_uint = 2;
/// The message tells of both.
pub const EXCEPTION_STATE_IDENTITY: c_uint = 3;
/// Beside one of those: the codes have 64 bits.
pub const MACH_EXCEPTION_CODES: c_uint = 0x8000_0000;
/// [`EXC_BAD_ACCESS`], in a set.
pub const EXC_MASK_BAD_ACCESS: c_uint = 1 << EXC_BAD_ACCESS;
/// [`EXC_BAD_INSTRUCTION`], in a set.
pub const EXC_MASK_BAD_INSTRUCTION: c_uint = 1 << EXC_BAD_INSTRUCTION;
/// [`EXC_ARITHMETIC`], in a set.
pub const EXC_MASK_ARITHMETIC: c_uint = 1 << EXC_ARITHMETIC;
/// [`EXC_EMULATION`], in a set.
pub const EXC_MASK_EMULATION: c_uint = 1 << EXC_EMULATION;
/// [`EXC_SOFTWARE`], in a set.
pub const EXC_MASK_SOFTWARE: c_uint = 1 << EXC_SOFTWARE;
/// [`EXC_BREAKPOINT`], in a set.
pub const EXC_MASK_BREAKPOINT: c_uint = 1 << EXC_BREAKPOINT;
/// [`EXC_SYSCALL`], in a set.
pub const EXC_MASK_SYSCALL: c_uint = 1 << EXC_SYSCALL;
/// [`EXC_MACH_SYSCALL`], in a set.
pub const EXC_MASK_MACH_SYSCALL: c_uint = 1 << EXC_MACH_SYSCALL;
/// [`EXC_RPC_ALERT`], in a set.
pub const EXC_MASK_RPC_ALERT: c_uint = 1 << EXC_RPC_ALERT;
/// [`EXC_CRASH`], in a set.
pub const EXC_MASK_CRASH: c_uint = 1 << EXC_CRASH;
/// [`EXC_RESOURCE`], in a set.
pub const EXC_MASK_RESOURCE: c_uint = 1 << EXC_RESOURCE;
/// [`EXC_GUARD`], in a set.
pub const EXC_MASK_GUARD: c_uint = 1 << EXC_GUARD;
/// [`EXC_CORPSE_NOTIFY`], in a set.
pub const EXC_MASK_CORPSE_NOTIFY: c_uint = 1 << EXC_CORPSE_NOTIFY;
/// Every kind, but for those that tell of an end.
pub const EXC_MASK_ALL: c_uint = EXC_MASK_BAD_ACCESS
    | EXC_MASK_BAD_INSTRUCTION
    | EXC_MASK_ARITHMETIC
    | EXC_MASK_EMULATION
    | EXC_MASK_SOFTWARE
    | EXC_MASK_BREAKPOINT
    | EXC_MASK_SYSCALL
    | EXC_MASK_MACH_SYSCALL
    | EXC_MASK_RPC_ALERT
    | EXC_MASK_RESOURCE
    | EXC_MASK_GUARD;
/// The lowest kind.
pub const FIRST_EXCEPTION: c_uint = 1;
/// A signal, as a code of [`EXC_SOFTWARE`].
pub const EXC_SOFT_SIGNAL: c_uint = 0x1_0003;
/// The first code of the access control.
pub const EXC_MACF_MIN: c_uint = 0x2_0000;
/// The last code of the access control.
pub const EXC_MACF_MAX: c_uint = 0x2_ffff;

/// A kind.
pub type exception_type_t = c_int;
/// A code.
pub type exception_data_type_t = integer_t;
/// A code of 64 bits.
pub type mach_exception_data_type_t = i64;
/// What the message tells of.
pub type exception_behavior_t = c_int;
/// Codes.
pub type exception_data_t = *mut exception_data_type_t;
/// Codes of 64 bits.
pub type mach_exception_data_t = *mut mach_exception_data_type_t;
/// A set of kinds.
pub type exception_mask_t = c_uint;
/// Several sets.
pub type exception_mask_array_t = *mut exception_mask_t;
/// What several messages tell of.
pub type exception_behavior_array_t = *mut exception_behavior_t;
/// Several forms of registers.
pub type exception_flavor_array_t = *mut c_int;
/// Several ports.
pub type exception_port_array_t = *mut mach_port_t;
/// The first code.
pub type mach_exception_code_t = mach_exception_data_type_t;
/// The second code.
pub type mach_exception_subcode_t = mach_exception_data_type_t;
