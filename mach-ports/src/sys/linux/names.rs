//! Bootstrap names, which are files on Linux and may be removed.

pub(crate) fn renew(name: &str) -> Result<(), i32> {
    embedded_mach::linux::renew_service(name)
}
