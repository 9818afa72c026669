//! What a volume says of itself, which whoever writes the volume has written.

use std::fmt::Write as _;
use std::path::Path;

use nix::sys::stat::stat;
use volwatch::description::{Description, MAX_BYTES, MAX_PATHS, Version, parse};

/// Reads a description of the form that the first byte says.
///
/// # Panics
/// If one is taken that could lead out of its volume, is larger than it may be, or would never be fresh; or if it says
/// something else when it is read again.
pub fn run(data: &[u8]) {
    let Some((form, bytes)) = data.split_first() else {
        return;
    };
    // Longer files are not read.
    let bytes = &bytes[..bytes
        .len()
        .min(usize::try_from(MAX_BYTES).unwrap_or(usize::MAX))];
    let name = if form % 2 == 0 { "d.toml" } else { "d.plist" };
    let version = Version::of(&stat("/").expect("the root"));
    let read = |name: &str, bytes: &[u8]| parse(Path::new(name), bytes, version);
    let Ok(description) = read(name, bytes) else {
        return;
    };
    check(&description);
    assert_eq!(read(name, bytes).expect("the same again"), description);
    // Nothing is lost or added if the same is said in the other form.
    let written = read("d.toml", written(&description).as_bytes()).expect("what was taken once");
    let path = description.path.clone();
    assert_eq!(Description { path, ..written }, description);
}

fn check(description: &Description) {
    let Description {
        sources,
        targets,
        stamps,
        ..
    } = description;
    assert!(!sources.is_empty() && !stamps.is_empty());
    for path in [sources, targets, stamps].into_iter().flatten() {
        let text = path.to_str().expect("text");
        assert!(text.len() <= 1024, "{text:?}");
        let leads_out = |name: &str| matches!(name, "" | "." | "..");
        assert!(!text.split('/').any(leads_out), "{text:?}");
    }
    for (written, recorded) in [(targets, sources), (stamps, sources), (stamps, targets)] {
        assert!(written.len() <= MAX_PATHS && recorded.len() <= MAX_PATHS);
        for path in written {
            assert!(!recorded.iter().any(|recorded| path.starts_with(recorded)));
        }
    }
}

/// A description as TOML.
fn written(description: &Description) -> String {
    let mut text = String::new();
    if let Some(id) = description.id {
        let _ = writeln!(text, "id = \"{id}\""); // writing to a string does not fail
    }
    let lists = [
        ("sources", &description.sources),
        ("targets", &description.targets),
        ("stamps", &description.stamps),
    ];
    for (key, paths) in lists {
        let paths: Vec<_> = paths.iter().map(|path| quoted(path)).collect();
        let _ = writeln!(text, "{key} = [{}]", paths.join(", "));
    }
    text
}

fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let escaped = text
        .chars()
        .map(|char| format!("\\U{:08X}", u32::from(char)));
    format!("\"{}\"", escaped.collect::<String>())
}
