//! What is peculiar to spawning on macOS: a flag closes all descriptors, an attribute gives special ports.

use std::io;
use std::os::fd::RawFd;

use crate::platform::spawn::actions::FileActions;
use crate::platform::spawn::attributes::Attributes;
use crate::platform::spawn::errno::check;
use crate::platform::spawn::inherited::InheritedPort;
use crate::right::SendRight;
use crate::sys::ffi::{extra, task_special_ports::TASK_BOOTSTRAP_PORT};

/// `POSIX_SPAWN_SETSID` of `spawn.h`, since macOS 10.15; `libc` does not have it.
pub(crate) const SETSID: i32 = 0x0400;

/// What adds an action refuses numbers from `OPEN_MAX` of `sys/syslimits.h` on, also where the soft limit is higher.
pub(crate) const fn last_descriptor() -> RawFd {
    const OPEN_MAX: RawFd = 10_240;
    OPEN_MAX - 1
}

pub(crate) fn keep(actions: &mut FileActions, descriptor: RawFd) -> io::Result<()> {
    // SAFETY: the actions are initialised.
    check(unsafe { extra::posix_spawn_file_actions_addinherit_np(actions.raw(), descriptor) })
}

pub(crate) fn close_others(
    _actions: &mut FileActions,
    attributes: &mut Attributes,
    _keep: &[RawFd],
) -> io::Result<()> {
    // Everything closes but what the actions have made or kept. They are not named once more: the kernel takes no
    // more actions than it would take descriptors.
    attributes.add_flags(libc::POSIX_SPAWN_CLOEXEC_DEFAULT)
}

pub(crate) fn give_bootstrap(
    attributes: &mut Attributes,
    right: &SendRight,
    _target: RawFd,
) -> io::Result<Option<InheritedPort>> {
    let right = right.try_clone().map_err(io::Error::other)?;
    let (raw, right) = attributes.hold(right);
    // SAFETY: the attributes are initialised. They keep the name only, and the kernel copies the right at the
    // spawn; so the right is kept beside them.
    check(unsafe {
        extra::posix_spawnattr_setspecialport_np(raw, right.name(), TASK_BOOTSTRAP_PORT)
    })?;
    Ok(None)
}

/// A child has nothing but its special ports, and looks everything else up.
pub(crate) fn pass_port(_right: &SendRight, _target: RawFd) -> io::Result<Option<InheritedPort>> {
    Ok(None)
}

pub(crate) fn passed_port() -> Option<SendRight> {
    None
}
