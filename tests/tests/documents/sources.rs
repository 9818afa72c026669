//! The files of this repository that people write.

use std::path::Path;

/// One of them.
pub(crate) struct Source {
    /// Where it is, from the repository's folder on.
    pub(crate) path: String,
    pub(crate) text: String,
}

const WRITTEN: [&str; 4] = ["rs", "c", "h", "md"];

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().expect("the repository's folder")
}

/// All of them.
pub(crate) fn sources() -> Vec<Source> {
    let (package, root) = (Path::new(env!("CARGO_MANIFEST_DIR")), root());
    assert!(
        package.join("Cargo.toml").exists(),
        "the sources are not in {} any more",
        root.display()
    );
    let mut sources = Vec::new();
    collect(root, "", &mut sources);
    sources
}

fn collect(folder: &Path, path: &str, sources: &mut Vec<Source>) {
    for entry in folder.read_dir().expect("a folder").flatten() {
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let file = entry.path();
        // What cargo builds is marked as not worth keeping.
        let kept = !name.starts_with('.') && !file.join("CACHEDIR.TAG").exists();
        let kind = entry.file_type().expect("a kind of file");
        if kind.is_dir() && kept {
            collect(&file, &format!("{path}{name}/"), sources);
        } else if kind.is_file()
            && WRITTEN
                .iter()
                .any(|kind| file.extension().is_some_and(|is| is == *kind))
        {
            let text = std::fs::read_to_string(&file).expect("text");
            let path = format!("{path}{name}");
            sources.push(Source { path, text });
        }
    }
}

/// The names of the tests in a Rust source.
pub(crate) fn tests_in(text: &str) -> impl Iterator<Item = &str> {
    let mut marked = false;
    text.lines().filter_map(move |line| {
        let line = line.trim_start();
        if line.starts_with("#[") {
            marked |= line == "#[test]";
            return None;
        }
        let name = line
            .strip_prefix("fn ")
            .and_then(|rest| rest.split('(').next());
        name.filter(|_| std::mem::take(&mut marked))
    })
}
