#!/usr/bin/env bash
# Packs every crate as it would be published, and builds each from what is in its package alone.
#
#     scripts/package.sh
#
# In a folder of its own each time: cargo keeps what it unpacks of such packages by that folder's name, and would take an
# older one of the same version for the new one.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
# It is built to see that it can be.
export CARGO_PROFILE_DEV_DEBUG=none
# The examples and the tests are published by nobody.
cargo package --workspace --exclude harness --exclude hello --exclude imagewatch --exclude thumbnails \
    --exclude mach-rendezvous-tests --locked --target-dir "$target" "$@"
