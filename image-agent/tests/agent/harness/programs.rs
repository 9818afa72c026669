//! Programs and libraries for the tests, in C: they are made when they are needed first.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};

use tempfile::TempDir;

/// A folder that goes with the test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Compiles a program into a folder.
pub(crate) fn program(folder: &Path, name: &str, source: &str) -> PathBuf {
    program_with(folder, name, source, &[])
}

pub(crate) fn program_with(folder: &Path, name: &str, source: &str, options: &[&str]) -> PathBuf {
    compile(folder, name, source, options)
}

/// Compiles a library into a folder, as `lib<name>.so`.
pub(crate) fn library(folder: &Path, name: &str, source: &str, options: &[&str]) -> PathBuf {
    let options = [&["-shared", "-fPIC"], options].concat();
    compile(folder, &format!("lib{name}.so"), source, &options)
}

/// What was compiled before: the same source with the same options is the same file.
static COMPILED: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);

fn compile(folder: &Path, name: &str, source: &str, options: &[&str]) -> PathBuf {
    let output = folder.join(name);
    let in_folder = options.iter().any(|option| option.contains('/'));
    let key = format!("{source}{options:?}");
    let known = |key| COMPILED.lock().expect("no panic").get(key).cloned();
    if let Some(bytes) = known(&key).filter(|_| !in_folder) {
        std::fs::write(&output, bytes).expect("a file");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&output, mode).expect("its mode");
        return output;
    }
    let file = folder.join(format!("{name}.c"));
    std::fs::write(&file, source).expect("a file");
    let compiler = std::env::var_os("IMAGE_AGENT_TEST_CC").unwrap_or("cc".into());
    let made = Command::new(compiler)
        .args(["-w", "-O1", "-D_GNU_SOURCE"])
        .arg(&file)
        .arg("-o")
        .arg(&output)
        .args(options)
        .args(["-ldl", "-pthread"])
        .output()
        .expect("the C compiler that Rust links with");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    std::fs::remove_file(&file).expect("it is there");
    let bytes = std::fs::read(&output).expect("what was made");
    COMPILED.lock().expect("no panic").insert(key, bytes);
    output
}
