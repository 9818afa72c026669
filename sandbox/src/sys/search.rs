//! Where a program is.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where programs are where there is no `PATH`.
const USUAL: &str = "/bin:/usr/bin";

/// The place of a program: along this process's `PATH`, if it is named without a slash.
pub(super) fn program(name: &OsStr) -> PathBuf {
    along(name, std::env::var_os("PATH").as_deref())
}

fn along(name: &OsStr, search: Option<&OsStr>) -> PathBuf {
    if name.as_encoded_bytes().contains(&b'/') {
        return name.into();
    }
    std::env::split_paths(search.unwrap_or(OsStr::new(USUAL)))
        .map(|folder| folder.join(name))
        .find(|path| can_be_executed(path))
        // Executing it will say that there is none.
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
        let find = |name: &str, search| along(OsStr::new(name), search);
        assert_eq!(
            find("sh", Some(OsStr::new("/nowhere:/bin"))),
            Path::new("/bin/sh")
        );
        assert_eq!(find("sh", None), Path::new("/bin/sh"));
        assert_eq!(find("./sh", None), Path::new("./sh"));
        assert_eq!(find("no-such-program", None), Path::new("no-such-program"));
    }
}
