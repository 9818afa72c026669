#!/usr/bin/env bash
# Runs the tests of the crate ipc-channel on Linux, with its macOS backend on the embedded Mach.
#
#     scripts/ipc-channel.sh [TEST-ARGUMENT...]
#
# It has cargo fetch the crate, works on a copy of it, has the backend chosen that macOS would have, and links it with
# the C library. The backend and the tests stay as they are published.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
version=0.23.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Nothing of it is debugged.
export CARGO_PROFILE_DEV_DEBUG=none CARGO_PROFILE_TEST_DEBUG=none
target=${CARGO_TARGET_DIR:-$root/target}

cargo build --locked -p embedded-mach-c --target-dir "$target"

mkdir -p "$work/fetched/src"
touch "$work/fetched/src/lib.rs"
cat >"$work/fetched/Cargo.toml" <<MANIFEST
[package]
name = "fetched"
edition = "2021"
[dependencies]
ipc-channel = "=$version"
MANIFEST
host=$(rustc -vV | sed -n 's/^host: //p')
manifest=$(cargo metadata --format-version 1 --filter-platform "$host" --manifest-path "$work/fetched/Cargo.toml" |
    grep -o "\"manifest_path\":\"[^\"]*/ipc-channel-$version/Cargo.toml\"" | cut -d '"' -f 4)

crate=$work/ipc-channel
cp -r "$(dirname "$manifest")" "$crate"
chmod -R u+w "$crate"
# What is said of Linux is said of no system, and what is said of macOS of Linux.
sed -i 's/target_os = "linux"/target_os = "none"/; s/target_os = "macos"/target_os = "linux"/' \
    "$crate/Cargo.toml" "$crate/src/platform/mod.rs" "$crate/src/platform/test.rs"
# Benchmarks are not run.
awk -v RS= -v ORS='\n\n' '!/^\[\[bench\]\]/ && !/^\[dev-dependencies.criterion\]/' "$crate/Cargo.toml" >"$work/manifest"
sed 's/^build = false$/build = "build.rs"/' "$work/manifest" >"$crate/Cargo.toml"
rm -f "$crate/Cargo.lock"
cat >"$crate/build.rs" <<BUILD
fn main() {
    println!("cargo:rustc-link-search=native=$target/debug");
    println!("cargo:rustc-link-lib=dylib=embedded_mach");
    println!("cargo:rustc-link-arg=-Wl,-rpath,$target/debug");
}
BUILD
cargo test --manifest-path "$crate/Cargo.toml" --target-dir "$target/ipc-channel" --tests -- "$@"
