//! Bootstrap names, which are files on Linux.

pub(crate) fn trouble() -> Option<String> {
    embedded_mach::linux::last_bootstrap_trouble()
}
