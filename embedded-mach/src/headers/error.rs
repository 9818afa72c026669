//! What `mach/error.h` declares beside its calls.
#![allow(non_camel_case_types, reason = "the names are those of the C header")]
#![allow(non_upper_case_globals, reason = "the names are those of the C header")]

use core::ffi::c_int;

use crate::headers::kern_return::kern_return_t;

/// An error code of any Mach subsystem.
pub type mach_error_t = kern_return_t;
/// A function that gives an error.
pub type mach_error_fn_t = Option<unsafe extern "C" fn() -> mach_error_t>;

/// No error.
pub const err_none: mach_error_t = 0;
/// No error.
pub const ERR_SUCCESS: mach_error_t = err_none;
/// The absent function.
pub const ERR_ROUTINE_NIL: mach_error_fn_t = None;

/// The system bits of an error of system `x`.
#[inline]
pub const fn err_system(x: c_int) -> mach_error_t {
    (x & 0x3f) << 26
}

/// The subsystem bits of an error of subsystem `x`.
#[inline]
pub const fn err_sub(x: c_int) -> mach_error_t {
    (x & 0xfff) << 14
}

/// Which system an error is of.
#[inline]
pub const fn err_get_system(err: mach_error_t) -> c_int {
    (err >> 26) & 0x3f
}

/// Which subsystem an error is of.
#[inline]
pub const fn err_get_sub(err: mach_error_t) -> c_int {
    (err >> 14) & 0xfff
}

/// The number of the error in its subsystem.
#[inline]
pub const fn err_get_code(err: mach_error_t) -> c_int {
    err & 0x3fff
}

/// All system bits.
pub const system_emask: mach_error_t = err_system(0x3f);
/// All subsystem bits.
pub const sub_emask: mach_error_t = err_sub(0xfff);
/// All code bits.
pub const code_emask: mach_error_t = 0x3fff;

/// The kernel.
pub const err_kern: mach_error_t = err_system(0x0);
/// User space libraries.
pub const err_us: mach_error_t = err_system(0x1);
/// Servers in user space.
pub const err_server: mach_error_t = err_system(0x2);
/// The oldest message interface.
pub const err_ipc: mach_error_t = err_system(0x3);
/// Mach messages: sends are subsystem 0, receives 1, MIG 2.
pub const err_mach_ipc: mach_error_t = err_system(0x4);
/// Messages between machines.
pub const err_dipc: mach_error_t = err_system(0x7);
/// Virtual memory.
pub const err_vm: mach_error_t = err_system(0x8);
/// Free for a program's own errors.
pub const err_local: mach_error_t = err_system(0x3e);
/// The oldest message interface, compatible spelling.
pub const err_ipc_compat: mach_error_t = err_system(0x3f);

/// The highest system number.
pub const err_max_system: c_int = 0x3f;

/// A Unix `errno` as a Mach error.
#[inline]
pub const fn unix_err(errno: mach_error_t) -> mach_error_t {
    err_kern | err_sub(3) | errno
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_send_error() {
        let invalid_dest = 0x1000_0003;
        assert_eq!(invalid_dest & system_emask, err_mach_ipc);
        assert_eq!(
            (
                err_get_system(invalid_dest),
                err_get_sub(invalid_dest),
                err_get_code(invalid_dest)
            ),
            (4, 0, 3)
        );
        assert_eq!(err_get_sub(0x1000_4003), 1);
        assert_eq!(err_get_system(-305), 0x3f);
        assert_eq!(unix_err(2), 0xc002);
    }
}
