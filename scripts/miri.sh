#!/usr/bin/env bash
# Runs under Miri what touches no system that it does not know: the parts that decide, read and count. On any system with a
# nightly toolchain and its component miri.
set -euo pipefail
cd "$(dirname "$0")/.."

export MIRIFLAGS="-Zmiri-disable-isolation ${MIRIFLAGS:-}" CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/miri"

# parts PACKAGE FILTER...
parts() {
    local package=$1
    shift
    cargo +nightly miri test --locked -p "$package" --lib -- "$@"
}

parts mach-rendezvous-protocol wire:: name:: text:: key::
parts mach-rendezvous-server table::
parts mach-rendezvous-client route::
parts embedded-mach headers:: calls::error_strings wire::layout wire::spare kernel::ports::spin kernel::messages::kmsg \
    kernel::other_tasks::directory::places
