//! What it takes to execute a program: the system's loader, its libraries, and the program.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

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

/// Where a program is: along `search`, if it is named without a slash.
pub(super) fn program(name: &OsStr, search: Option<&OsStr>) -> PathBuf {
    if name.as_encoded_bytes().contains(&b'/') {
        return name.into();
    }
    std::env::split_paths(search.unwrap_or(OsStr::new("/bin:/usr/bin")))
        .map(|folder| folder.join(name))
        .find(|path| can_be_executed(path))
        .unwrap_or_else(|| name.into())
}

fn can_be_executed(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_is_looked_for_along_the_path() {
        let find = |name: &str, search| program(OsStr::new(name), search);
        assert_eq!(
            find("sh", Some(OsStr::new("/nowhere:/bin"))),
            Path::new("/bin/sh")
        );
        assert_eq!(find("sh", None), Path::new("/bin/sh"));
        assert_eq!(find("./sh", None), Path::new("./sh"));
        assert_eq!(find("no-such-program", None), Path::new("no-such-program"));
    }
}
