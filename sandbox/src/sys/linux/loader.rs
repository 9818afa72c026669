//! What it takes to execute any program: the system's loader and its libraries.

use std::path::PathBuf;

use landlock::{AccessFs, BitFlags};

use super::files::{executing, reading};

/// By the names that the C libraries' specifications give them.
const LOADERS: [&str; 6] = [
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-linux-riscv64-lp64d.so.1",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-musl-aarch64.so.1",
    "/lib/ld-musl-riscv64.so.1",
];

const LIBRARIES: [&str; 7] = [
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/ld.so.preload",
];

/// What any program needs, as far as it is there.
pub(super) fn system() -> Vec<(BitFlags<AccessFs>, PathBuf)> {
    let loaders = LOADERS.iter().map(|path| (executing(), path.into()));
    let libraries = LIBRARIES.iter().map(|path| (reading(), path.into()));
    loaders.chain(libraries).collect()
}
