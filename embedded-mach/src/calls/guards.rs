//! `mach_port_*`: guards.

use super::code;
use super::elsewhere::{Routine, long, on_names};
use crate::headers::kern_return::kern_return_t;
use crate::headers::mach_types::ipc_space_t;
use crate::headers::port::{MPG_IMMOVABLE_RECEIVE, MPG_STRICT, mach_port_name_t};
use crate::headers::vm_types::mach_port_context_t;

/// Guards a receive right with its context.
pub unsafe extern "C" fn mach_port_guard(
    task: ipc_space_t,
    name: mach_port_name_t,
    guard: mach_port_context_t,
    strict: crate::headers::boolean::boolean_t,
) -> kern_return_t {
    let [low, high] = long(guard);
    code(on_names(
        task,
        |kernel| kernel.guard(name, guard, strict != 0, false),
        |there| {
            let words = [name, low, high, u32::from(strict != 0)];
            there.request(Routine::Guard, &words).done()
        },
    ))
}

/// Guards a receive right, strictly or against moving.
pub unsafe extern "C" fn mach_port_guard_with_flags(
    task: ipc_space_t,
    name: mach_port_name_t,
    guard: mach_port_context_t,
    flags: u64,
) -> kern_return_t {
    let has = |flag| flags & flag != 0;
    let ([low, high], [first, second]) = (long(guard), long(flags));
    code(on_names(
        task,
        |kernel| kernel.guard(name, guard, has(MPG_STRICT), has(MPG_IMMOVABLE_RECEIVE)),
        |there| {
            let words = [name, low, high, first, second];
            there.request(Routine::GuardWithFlags, &words).done()
        },
    ))
}

/// Takes the guard off.
pub unsafe extern "C" fn mach_port_unguard(
    task: ipc_space_t,
    name: mach_port_name_t,
    guard: mach_port_context_t,
) -> kern_return_t {
    let [low, high] = long(guard);
    code(on_names(
        task,
        |kernel| kernel.unguard(name, guard),
        |there| there.request(Routine::Unguard, &[name, low, high]).done(),
    ))
}

/// Puts another guard in the place of the present one.
pub unsafe extern "C" fn mach_port_swap_guard(
    task: ipc_space_t,
    name: mach_port_name_t,
    old_guard: mach_port_context_t,
    new_guard: mach_port_context_t,
) -> kern_return_t {
    let ([low, high], [new_low, new_high]) = (long(old_guard), long(new_guard));
    code(on_names(
        task,
        |kernel| kernel.swap_guard(name, old_guard, new_guard),
        |there| {
            let words = [name, low, high, new_low, new_high];
            there.request(Routine::SwapGuard, &words).done()
        },
    ))
}
