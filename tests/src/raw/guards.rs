//! Ports with options: contexts and guards.

use mach_ports::ffi::kern_return::kern_return_t;
use mach_ports::ffi::port::{
    MACH_PORT_GUARD_INFO, MACH_PORT_NULL, mach_port_delta_t, mach_port_name_t, mach_port_options_t,
};
use mach_ports::ffi::{extra, mach_port};

use super::{Given, given, target};

/// `mach_port_construct` with a queue limit, which counts only with its flag.
pub fn construct(flags: u32, qlimit: u32, context: u64) -> Given<mach_port_name_t> {
    let mut options = mach_port_options_t {
        flags,
        ..Default::default()
    };
    options.mpl.mpl_qlimit = qlimit;
    let mut name = MACH_PORT_NULL;
    // SAFETY: `options` can be read and `name` be written.
    let code = unsafe {
        mach_port::mach_port_construct(target(), &raw mut options, context, &raw mut name)
    };
    given(code, name)
}

/// `mach_port_destruct`.
pub fn destruct(name: mach_port_name_t, delta: mach_port_delta_t, guard: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { mach_port::mach_port_destruct(target(), name, delta, guard) }
}

/// `mach_port_get_context`.
pub fn context(name: mach_port_name_t) -> Given<u64> {
    let mut context = 0;
    // SAFETY: `context` can be written.
    given(
        unsafe { extra::mach_port_get_context(target(), name, &raw mut context) },
        context,
    )
}

/// `mach_port_set_context`.
pub fn set_context(name: mach_port_name_t, context: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_set_context(target(), name, context) }
}

/// `mach_port_guard`.
pub fn guard(name: mach_port_name_t, guard: u64, strict: bool) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_guard(target(), name, guard, strict.into()) }
}

/// `mach_port_guard_with_flags`.
pub fn guard_with_flags(name: mach_port_name_t, guard: u64, flags: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_guard_with_flags(target(), name, guard, flags) }
}

/// `mach_port_assert_attributes` with `MACH_PORT_GUARD_INFO`.
pub fn assert_guard(name: mach_port_name_t, guard: u64) -> kern_return_t {
    let mut words = [guard as i32, (guard >> 32) as i32];
    // SAFETY: as many words can be read as the call is told.
    unsafe {
        extra::mach_port_assert_attributes(
            target(),
            name,
            MACH_PORT_GUARD_INFO,
            words.as_mut_ptr(),
            words.len() as u32,
        )
    }
}

/// `mach_port_unguard`.
pub fn unguard(name: mach_port_name_t, guard: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_unguard(target(), name, guard) }
}

/// `mach_port_swap_guard`.
pub fn swap_guard(name: mach_port_name_t, old: u64, new: u64) -> kern_return_t {
    // SAFETY: takes no pointer.
    unsafe { extra::mach_port_swap_guard(target(), name, old, new) }
}
