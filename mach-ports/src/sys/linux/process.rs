//! Processes, as Linux tells of them.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) fn executable_path(pid: i32) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/exe"))
}

pub(crate) fn raise_descriptor_limit(on: bool) {
    embedded_mach::linux::raise_descriptor_limit(on);
}

pub(crate) fn wait_for_closings(patience: Duration) -> bool {
    embedded_mach::linux::wait_for_closings(patience)
}
