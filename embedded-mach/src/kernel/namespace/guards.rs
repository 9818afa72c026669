//! Guards: contexts without which a receive right is neither destroyed nor unguarded (Mach fact 17).

use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::headers::kern_return::{KERN_INVALID_ARGUMENT, KERN_INVALID_NAME};
use crate::headers::port::{MACH_PORT_VALID, mach_port_name_t};
use crate::kernel::ports::ids::PortKey;
use crate::kernel::ports::port::{Guard, Local};
use crate::kernel::{Kernel, Result};
use crate::sys::{environment, exception};

/// Set to 1, guards raise exceptions from the start.
pub(crate) const EXCEPTIONS_VARIABLE: &str = "EMBEDDED_MACH_GUARD_EXCEPTIONS";

static EXCEPTIONS: LazyLock<AtomicBool> = LazyLock::new(|| {
    let asked = environment::get(EXCEPTIONS_VARIABLE).is_some_and(|value| value == "1");
    AtomicBool::new(asked)
});

/// Has violated guards end the process, or not.
pub(crate) fn raise_exceptions(on: bool) {
    EXCEPTIONS.store(on, Ordering::Relaxed);
}

/// What a guard forbids: those of XNU's reasons for `EXC_GUARD` that are always fatal there, and one that is if the task
/// asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// `kGUARD_EXC_DESTROY`.
    Destroy,
    /// `kGUARD_EXC_SET_CONTEXT`.
    SetContext,
    /// `kGUARD_EXC_UNGUARDED`.
    Unguarded,
    /// `kGUARD_EXC_INCORRECT_GUARD`.
    IncorrectGuard,
    /// `kGUARD_EXC_IMMOVABLE`.
    Immovable,
    /// `kGUARD_EXC_INVALID_RIGHT`, of a port for replies.
    ReplyPort,
}

/// Raises the exception of a violated guard where the program has asked for that; it does not return then.
pub(in crate::kernel) fn violated(name: mach_port_name_t, violation: Violation) {
    if EXCEPTIONS.load(Ordering::Relaxed) {
        exception::end_process(&format!("EXC_GUARD on port {name:#x}: {violation:?}"));
    }
}

impl Kernel {
    /// A port's guard, if it has one.
    pub(super) fn guard_of(&self, key: PortKey) -> Option<u64> {
        self.local(key)
            .filter(|local| local.guard != Guard::None)
            .map(|local| local.context)
    }

    fn guarded(&mut self, name: mach_port_name_t) -> Result<&mut Local> {
        if !MACH_PORT_VALID(name) {
            return Err(KERN_INVALID_NAME);
        }
        Ok(self.attributed(name)?.1)
    }

    /// `mach_port_guard`, and with `immovable` that of `mach_port_guard_with_flags`.
    pub(crate) fn guard(
        &mut self,
        name: mach_port_name_t,
        guard: u64,
        strict: bool,
        immovable: bool,
    ) -> Result<()> {
        let local = self.guarded(name)?;
        // A guard of 0 is no obstacle to another.
        if local.context != 0 {
            return Err(KERN_INVALID_ARGUMENT);
        }
        local.context = guard;
        local.guard = Guard::Set { strict };
        local.immovable |= immovable;
        Ok(())
    }

    /// `mach_port_unguard`. What must not move stays where it is without its guard, too.
    pub(crate) fn unguard(&mut self, name: mach_port_name_t, guard: u64) -> Result<()> {
        let local = self.guarded(name)?;
        check(name, local, guard, true)?;
        local.context = 0;
        local.guard = Guard::None;
        Ok(())
    }

    /// `mach_port_swap_guard`, for guards that are not strict.
    pub(crate) fn swap_guard(&mut self, name: mach_port_name_t, old: u64, new: u64) -> Result<()> {
        let local = self.guarded(name)?;
        check(name, local, old, false)?;
        local.context = new;
        Ok(())
    }

    /// `mach_port_assert_attributes`: that the port is guarded strictly, and by this guard.
    pub(crate) fn assert_guard(&mut self, name: mach_port_name_t, guard: u64) -> Result<()> {
        let local = self.attributed(name)?.1;
        check(name, local, guard, true)?;
        if local.guard != (Guard::Set { strict: true }) {
            violated(name, Violation::IncorrectGuard);
            return Err(KERN_INVALID_ARGUMENT);
        }
        Ok(())
    }

    /// `mach_port_set_context`, which a strict guard forbids.
    pub(crate) fn set_context(&mut self, name: mach_port_name_t, context: u64) -> Result<()> {
        let local = self.attributed(name)?.1;
        if local.guard == (Guard::Set { strict: true }) {
            violated(name, Violation::SetContext);
            return Err(KERN_INVALID_ARGUMENT);
        }
        local.context = context;
        Ok(())
    }

    /// A receive right came in a guarded descriptor that wants it guarded here: the guard is the address of the
    /// message. Unless it comes back to its sender, it is not to be moved on.
    pub(crate) fn guard_arrived(&mut self, port: PortKey, context: u64, immovable: bool) {
        if let Some(local) = self.local_mut(port) {
            local.context = context;
            local.guard = Guard::Set { strict: false };
            local.immovable = immovable;
        }
    }
}

/// Whether a port is guarded by `guard`, and in a way that lets go of it.
fn check(name: mach_port_name_t, local: &Local, guard: u64, strict_too: bool) -> Result<()> {
    let violation = match local.guard {
        Guard::None => Violation::Unguarded,
        Guard::Set { strict: true } if !strict_too => Violation::SetContext,
        Guard::Set { .. } if local.context != guard => Violation::IncorrectGuard,
        Guard::Set { .. } => return Ok(()),
    };
    violated(name, violation);
    Err(KERN_INVALID_ARGUMENT)
}
