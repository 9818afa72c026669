//! Spawning on Linux: descriptors are closed by number, and ports are inherited as descriptors.

mod actions;
mod attributes;
mod child;
mod leaving;
mod process;
mod stack;

use std::io;
use std::os::fd::RawFd;

use embedded_mach::linux;

pub(crate) use actions::Actions;
pub(crate) use attributes::Attributes;
pub(crate) use process::{Handle, spawn};

use crate::platform::spawn::InheritedPort;
use crate::right::SendRight;

/// There is no limit but the process's own.
pub(crate) const fn last_descriptor() -> RawFd {
    RawFd::MAX
}

pub(crate) fn close_others(
    actions: &mut Actions,
    _attributes: &mut Attributes,
    keep: &[RawFd],
) -> io::Result<()> {
    actions.drop_others(keep)
}

pub(crate) fn give_bootstrap(
    _attributes: &mut Attributes,
    right: &SendRight,
    target: RawFd,
) -> io::Result<Option<InheritedPort>> {
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
