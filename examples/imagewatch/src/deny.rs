//! Which libraries may not run.

use std::path::Path;

use glob::Pattern;

/// The pattern that a library matches: by its path as the loader has it, by its file's name, or by where links lead to.
pub(crate) fn denied<'a>(path: &Path, patterns: &'a [Pattern]) -> Option<&'a Pattern> {
    let real = path.canonicalize().ok();
    let name = path.file_name().map(Path::new);
    let names = [Some(path), name, real.as_deref()];
    patterns.iter().find(|pattern| {
        let mut names = names.iter().flatten();
        names.any(|name| pattern.matches_path(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_names_and_links_are_denied() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (
            folder.path().join("libreal.so.1"),
            folder.path().join("libnice.so"),
        );
        std::fs::write(&real, "").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let is_denied = |pattern: &str| denied(&link, &[Pattern::new(pattern).unwrap()]).is_some();
        for pattern in [
            "libnice.so",
            "libnice*",
            "*/libnice.so",
            "*/libreal.so.?",
            "/*",
        ] {
            assert!(is_denied(pattern), "{pattern}");
        }
        for pattern in ["nice", "libnice", "*.so.2", "lib*.a"] {
            assert!(!is_denied(pattern), "{pattern}");
        }
        assert!(denied(&link, &[]).is_none());
    }
}
