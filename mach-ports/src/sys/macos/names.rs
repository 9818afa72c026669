//! Bootstrap names: launchd keeps them.

pub(crate) fn trouble() -> Option<String> {
    None
}
