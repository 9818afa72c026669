//! The files of this process's own code, which are in its memory anyway: a backtrace looks for names in them.

use std::path::{Path, PathBuf};

use landlock::{AccessFs, BitFlags};

/// Which files they are, and that they may be read. None are known where there is no `/proc`.
pub(super) fn files() -> Vec<(BitFlags<AccessFs>, PathBuf)> {
    let text = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let mut all: Vec<_> = text.lines().filter_map(code).collect();
    all.dedup();
    all.into_iter()
        .map(|path| (AccessFs::ReadFile.into(), path.to_owned()))
        .collect()
}

/// The file of a mapping that can be executed: `address permissions offset device inode path`.
fn code(line: &str) -> Option<&Path> {
    let permissions = line.split(' ').nth(1)?;
    let path = line.find('/').map(|at| &line[at..])?;
    permissions.contains('x').then(|| Path::new(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_what_can_be_executed() {
        let line = "55d0-55d1 r-xp 00002000 08:01 1234                       /usr/bin/a b";
        assert_eq!(code(line), Some(Path::new("/usr/bin/a b")));
        assert_eq!(code(&line.replace("r-xp", "r--p")), None);
        assert_eq!(code("7ffc-7ffd r-xp 00000000 00:00 0    [vdso]"), None);
        assert_eq!(code(""), None);
    }

    #[test]
    fn the_program_is_its_own_code() {
        let program = std::env::current_exe().unwrap();
        assert!(files().iter().any(|(_, path)| *path == program));
    }
}
