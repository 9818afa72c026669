//! Where bootstrap names are: the directory of this user's, and in it a folder for each.

use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::PathBuf;

use nix::unistd::geteuid;

use crate::sys::environment;

/// Names the directory in place of the usual one.
pub(crate) const DIRECTORY: &str = "EMBEDDED_MACH_BOOTSTRAP_DIR";
pub(super) const SOCKET: &str = "port";

/// A name as a file's name: what a file system cannot have is written otherwise, one to one.
pub(super) fn escaped(name: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(name.len());
    for (i, byte) in name.bytes().enumerate() {
        match byte {
            b'/' => bytes.push(1),
            1 => bytes.extend_from_slice(b"\x02a"),
            2 => bytes.extend_from_slice(b"\x02b"),
            b'.' if i == 0 => bytes.extend_from_slice(b"\x02c"),
            _ => bytes.push(byte),
        }
    }
    PathBuf::from(std::ffi::OsStr::from_bytes(&bytes))
}

/// The directory of this user's names, made if it is not there.
pub(super) fn directory() -> io::Result<PathBuf> {
    let path = match environment::get(DIRECTORY) {
        Some(path) => PathBuf::from(path),
        None => usual_directory(),
    };
    if let Err(error) = std::fs::DirBuilder::new().mode(0o700).create(&path)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    let found = std::fs::symlink_metadata(&path)?;
    let private = found.is_dir()
        && found.uid() == geteuid().as_raw()
        && found.permissions().mode() & 0o077 == 0;
    if !private {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    Ok(path)
}

/// Not by the environment, for a child may have been started without it.
fn usual_directory() -> PathBuf {
    let uid = geteuid().as_raw();
    let runtime = PathBuf::from(format!("/run/user/{uid}"));
    if std::fs::metadata(&runtime).is_ok_and(|found| found.uid() == uid) {
        runtime.join("embedded-mach")
    } else {
        PathBuf::from(format!("/tmp/embedded-mach-{uid}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_file_of_its_own() {
        for (name, file) in [
            ("org.example.server", "org.example.server"),
            ("a/b", "a\u{1}b"),
            ("..", "\u{2}c."),
            ("a\u{1}", "a\u{2}a"),
        ] {
            assert_eq!(escaped(name), PathBuf::from(file));
        }
        let longest = "\u{1}".repeat(127);
        assert!(escaped(&longest).as_os_str().len() <= 255);
    }
}
