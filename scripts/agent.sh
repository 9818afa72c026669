#!/usr/bin/env bash
# Lints the audit library by which a process is watched on Linux, and builds it for each processor that it is written for.
#
#     scripts/agent.sh [TARGET...]        (default: x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu)
#
# A build script compiles the library (image-agent/build.rs), so cargo's own lints do not come by. clippy-driver is what cargo calls
# for them. The library is linked with rust-lld where it is for another processor: no compiler or C library of that is needed. What
# was built is looked at by the tests of its form (image-agent/tests/agent/library.rs); the one of this processor they have anyway.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -gt 0 ]; then targets=("$@"); else targets=(x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu); fi
host=$(rustc -vV | sed -n 's/^host: //p')
sysroot=$(rustc --print sysroot)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf '\n-- %s\n' "$*"; }

# rustup's own "already installed" answer still asks the network, so look first.
for target in "${targets[@]}"; do
    [ -d "$sysroot/lib/rustlib/$target/lib" ] || rustup target add "$target"
done

# $1 target, $2 name, $3 source, then options
lint() {
    local target=$1 name=$2 source=$3
    shift 3
    CLIPPY_CONF_DIR=$PWD clippy-driver --edition 2024 --target "$target" --crate-name "$name" --crate-type lib \
        --emit metadata -C panic=abort -D warnings --out-dir "$work/$target" "$@" "$source"
}

# The file that cargo builds for a target.
built() {
    cargo check --locked --target "$1" -p mach-rendezvous-image-agent --message-format json |
        sed -n '/"build-script-executed"/ s|.*image-agent.*"out_dir":"\([^"]*\)".*|\1/agent.so|p' | tail -n 1
}

for target in "${targets[@]}"; do
    say "lints of the audit library: $target"
    mkdir "$work/$target"
    lint "$target" image_protocol image-protocol/src/lib.rs
    lint "$target" loader image-agent/audit/loader.rs
    lint "$target" image_agent_audit image-agent/audit/lib.rs \
        --extern "image_protocol=$work/$target/libimage_protocol.rmeta"
    [ "$target" != "$host" ] || continue
    say "the audit library: $target"
    library=$(built "$target")
    ls -l "$library"
    IMAGE_AGENT_TEST_LIBRARY=$library cargo test --locked -p mach-rendezvous-image-agent --test agent library::
done
