//! What is peculiar to spawning on Linux: descriptors are closed by number, and ports are inherited as
//! descriptors.

use std::io;
use std::os::fd::RawFd;

use embedded_mach::linux;

use crate::platform::spawn::actions::FileActions;
use crate::platform::spawn::attributes::Attributes;
use crate::platform::spawn::errno::check;
use crate::platform::spawn::inherited::InheritedPort;
use crate::right::SendRight;

/// `POSIX_SPAWN_SETSID` of `spawn.h`, since glibc 2.26.
pub(crate) const SETSID: i32 = libc::POSIX_SPAWN_SETSID as i32;

/// There is no limit but the process's own.
pub(crate) const fn last_descriptor() -> RawFd {
    RawFd::MAX
}

pub(crate) fn keep(actions: &mut FileActions, descriptor: RawFd) -> io::Result<()> {
    // Takes the close-on-exec flag away where the numbers are equal.
    // SAFETY: the actions are initialised.
    check(unsafe { libc::posix_spawn_file_actions_adddup2(actions.raw(), descriptor, descriptor) })
}

pub(crate) fn close_others(
    actions: &mut FileActions,
    _attributes: &mut Attributes,
    keep: &[RawFd],
) -> io::Result<()> {
    let above = keep.iter().max().map_or(0, |highest| highest + 1);
    // Closing a number that is not open is no error here.
    for gap in (0..above).filter(|number| !keep.contains(number)) {
        actions.close(gap)?;
    }
    // SAFETY: the actions are initialised.
    check(unsafe { libc::posix_spawn_file_actions_addclosefrom_np(actions.raw(), above) })
}

pub(crate) fn give_bootstrap(
    attributes: &mut Attributes,
    right: &SendRight,
    target: RawFd,
) -> io::Result<Option<InheritedPort>> {
    // Only to keep the port's senders from going to zero between this call and the spawn.
    attributes.hold(right.try_clone().map_err(io::Error::other)?);
    let (descriptor, value) = linux::bootstrap_for_child(right.name(), target)
        .map_err(|code| io::Error::other(crate::Error::new("bootstrap_for_child", code)))?;
    Ok(Some(InheritedPort {
        descriptor,
        variable: linux::BOOTSTRAP_VARIABLE,
        value,
    }))
}

pub(crate) fn pass_port(right: &SendRight, target: RawFd) -> io::Result<Option<InheritedPort>> {
    let (descriptor, value) = linux::port_for_child(right.name(), target)
        .map_err(|code| io::Error::other(crate::Error::new("port_for_child", code)))?;
    Ok(Some(InheritedPort {
        descriptor,
        variable: linux::PASSED_PORT_VARIABLE,
        value,
    }))
}

pub(crate) fn passed_port() -> Option<SendRight> {
    // SAFETY: the call gives its caller one reference to a send right.
    unsafe { SendRight::from_raw(linux::passed_port()?) }
}
