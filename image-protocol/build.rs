//! Tells crates that depend on this one where its source is.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!(
        "cargo::metadata=source={}",
        std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")
    );
}
