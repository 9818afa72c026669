//! The library that programs are watched by: the one that is embedded, or another one that somebody wants to try.

use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::OwnedFd;
use std::sync::LazyLock;

/// Names a file to be used as the library: one for another processor, or one that has a fault.
const OTHER: &str = "IMAGE_AGENT_TEST_LIBRARY";

pub(crate) static LIBRARY: LazyLock<Vec<u8>> = LazyLock::new(|| match std::env::var_os(OTHER) {
    Some(path) => std::fs::read(path).expect("a library"),
    None => image_agent::linux::LIBRARY.to_vec(),
});

/// A descriptor of it.
pub(super) fn descriptor() -> OwnedFd {
    if std::env::var_os(OTHER).is_none() {
        return image_agent::linux::library().expect("memory");
    }
    let mut file: File = tempfile::tempfile().expect("a file");
    file.write_all(&LIBRARY).expect("room");
    file.rewind().expect("a file");
    file.into()
}
