//! The library, from Cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::compilers::run;

/// Builds the library, shared and static; the folder that both are in.
///
/// Packages and targets are chosen like this for the sake of Cargo's features: all that the library needs is then the
/// same as for `cargo test --workspace`, and has been compiled.
pub(crate) fn build() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let said = run(Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--offline", "--workspace", "--lib"])
        .args(["--test", "c_library"])
        .arg("--message-format=json-render-diagnostics")
        .arg("--manifest-path")
        .arg(manifest)
        .arg("--target-dir")
        .arg(target)
        // Flags for this build, such as those of a coverage run, are not for that one.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET"));
    folder(&said).expect("Cargo says where it puts the library")
}

/// The folder of the shared library in Cargo's messages.
fn folder(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().map(serde_json::from_str);
    let files = messages.flat_map(|message: Result<Value, _>| files(&message.unwrap()));
    let library = files
        .into_iter()
        .find(|file| file.ends_with("libembedded_mach.so"))?;
    library.parent().map(Path::to_owned)
}

/// The files of which a message tells.
fn files(message: &Value) -> Vec<PathBuf> {
    let names = message["filenames"].as_array();
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    names.map(PathBuf::from).collect()
}
