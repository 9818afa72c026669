//! Bootstrap names, which are files on Linux and may be removed.

pub(crate) fn trouble() -> Option<String> {
    embedded_mach::linux::last_bootstrap_trouble()
}

pub(crate) fn renew(name: &str) -> Result<(), i32> {
    embedded_mach::linux::renew_service(name)
}
