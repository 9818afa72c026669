//! Processes, as Linux tells of them.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::calls::Name;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/exe"))
}

pub(crate) fn identify_senders(port: Name) -> bool {
    embedded_mach::linux::identify_senders(port).unwrap_or(false)
}

/// Each right is a pair of sockets until it has been received. What else a message takes is a few more.
pub(crate) fn room_for_rights(count: usize) -> io::Result<()> {
    const ELSE: usize = 4;
    embedded_mach::linux::room_for_descriptors(2 * count + ELSE)
}

pub(crate) fn raise_descriptor_limit(on: bool) {
    embedded_mach::linux::raise_descriptor_limit(on);
}

pub(crate) fn wait_for_closings(patience: Duration) -> bool {
    embedded_mach::linux::wait_for_closings(patience)
}
