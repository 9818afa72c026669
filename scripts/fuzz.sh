#!/usr/bin/env bash
# Fuzzes, on any Rust toolchain with a C++ compiler:
#
#     scripts/fuzz.sh TARGET [SECONDS]    one of tests/fuzz/targets, for 20 minutes if nothing else is said
#     scripts/fuzz.sh smoke               each of them, for a few seconds
#
# What is found grows in tests/fuzz/corpus. An input that crashes is left in tests/fuzz/artifacts: once it is mended it
# moves to tests/fuzz/seeds, which tests/tests/fuzz.rs plays on each run of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."

targets="calls descriptions messages packets reply server typed"
host=$(rustc -vV | sed -n 's/^host: //p')
# For the host as if it were another machine: what cargo runs while it builds is not to be fuzzed.
build() {
    RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Ccodegen-units=1 \
        -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
        -Clink-arg=-Wl,-z,nostart-stop-gc" \
        cargo build --release --locked --manifest-path tests/fuzz/Cargo.toml --target "$host"
}

# fuzz TARGET ARGUMENT...
fuzz() {
    local target=$1 folder=${CARGO_TARGET_DIR:-tests/fuzz/target}
    shift
    mkdir -p "tests/fuzz/corpus/$target" "tests/fuzz/artifacts/$target"
    "$folder/$host/release/$target" -artifact_prefix="tests/fuzz/artifacts/$target/" -timeout=60 -rss_limit_mb=2048 \
        -max_len=4096 -verbosity=0 -print_funcs=0 -print_final_stats=1 "$@" "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target"
}

build
case ${1:-} in
smoke)
    for target in $targets; do
        echo "== $target"
        # The same inputs each time: what fails must fail again.
        fuzz "$target" -max_total_time=3 -seed=1
    done
    ;;
"")
    echo "one of: $targets, smoke" >&2
    exit 2
    ;;
*) fuzz "$1" -max_total_time="${2:-1200}" ;;
esac
