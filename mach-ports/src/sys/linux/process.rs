//! Processes, as Linux tells of them.

use std::io;
use std::path::PathBuf;

use crate::calls::Name;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/exe"))
}

pub(crate) fn identify_senders(port: Name) -> bool {
    embedded_mach::linux::identify_senders(port).unwrap_or(false)
}

pub(crate) fn raise_descriptor_limit(on: bool) {
    embedded_mach::linux::raise_descriptor_limit(on);
}
