#!/usr/bin/env bash
# Runs the tests under a sanitizer, on Linux with a nightly toolchain:
#
#     scripts/sanitize.sh address [CARGO-TEST-ARGUMENT...]
#     scripts/sanitize.sh thread [CARGO-TEST-ARGUMENT...]
#
# Without arguments it takes the unit tests of all crates: tests across processes count what a process has, to which a
# sanitizer adds.
# `thread` builds the standard library as well, and needs the component rust-src for that. It takes a child that shares its
# parent's memory, as launches have, for a forked one, and fails: nothing is launched under it.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc +nightly -vV | sed -n 's/^host: //p')
sanitizer=${1:-}
shift || true
build=()
case $sanitizer in
address) export ASAN_OPTIONS="detect_leaks=0:allocator_may_return_null=1:${ASAN_OPTIONS:-}" ;;
thread)
    build=(-Zbuild-std)
    export TSAN_OPTIONS="allocator_may_return_null=1:${TSAN_OPTIONS:-}"
    ;;
*)
    echo "address or thread" >&2
    exit 2
    ;;
esac
if [ $# -eq 0 ]; then
    set -- -p embedded-mach -p mach-rendezvous-ports -p mach-rendezvous-protocol -p mach-rendezvous-server \
        -p mach-rendezvous-client
    if [ "$sanitizer" = thread ]; then
        set -- "$@" --lib -- --skip spawn
    else
        set -- "$@" -p mach-rendezvous-launcher --lib
    fi
fi
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/$sanitizer"
RUSTFLAGS="-Zsanitizer=$sanitizer" cargo +nightly test "${build[@]}" --target "$host" --locked "$@"
