#!/usr/bin/env bash
# Lints and links the whole workspace for both macOS targets, and documents it, from Linux or on a Mac.
#
#     scripts/darwin.sh [TARGET...]        (default: aarch64-apple-darwin x86_64-apple-darwin)
#
# On a Mac it needs the Xcode command line tools and nothing else.
#
# On Linux it needs:
#   - rustup, to add the two targets (rustc finds its standard library there);
#   - rust-lld, which every rustup toolchain brings along: the linker;
#   - python3 with pip, to fetch the one thing Rust does not bring: the list of the symbols that
#     macOS's libSystem exports. The PyPI wheel `ziglang` has it as a text file. Nothing of Zig is run.
# What it makes of these is kept in <target dir>/darwin-sdk; nothing is written elsewhere.
#
# What this proves: the code and the examples in its documentation compile, lint clean, and call only
# symbols that macOS exports; no link in the documentation is broken.
# It runs nothing but, on a Mac, those examples: the rest is for the macOS jobs of .github/workflows/ci.yml.
set -euo pipefail
cd "$(dirname "$0")/.."
# Nothing of it is debugged.
export CARGO_PROFILE_DEV_DEBUG=none

ZIGLANG_VERSION=0.15.2
LIBSYSTEM_SHA256=4f96f1402e1950b1764ac6accd0d2b9c1ca197b7783caae5e838fd0a4b474028

if [ $# -gt 0 ]; then targets=("$@"); else targets=(aarch64-apple-darwin x86_64-apple-darwin); fi
target_dir=${CARGO_TARGET_DIR:-target}

say() { printf '\n-- %s\n' "$*"; }
die() { printf 'darwin.sh: %s\n' "$*" >&2; exit 1; }

host() { rustc -vV | sed -n 's/^host: //p'; }

# What the names of cargo's variables for a target begin with. $1: target
variable_of() { echo "CARGO_TARGET_$(echo "$1" | tr 'a-z-' 'A-Z_')"; }

# rustup's own "already installed" answer still asks the network, so look first.
add_targets() {
    local installed target
    command -v rustup >/dev/null || die "rustup is needed, for the standard library of macOS targets"
    installed=" $(rustup target list --installed | tr '\n' ' ') "
    for target in "${targets[@]}"; do
        case $installed in
            *" $target "*) ;;
            *) say "adding the Rust target $target"; rustup target add "$target" ;;
        esac
    done
}

fetch_libsystem() { # $1: where to put libSystem.tbd
    local tmp
    tmp=$(mktemp -d)
    python3 -m pip --version >/dev/null 2>&1 || die "python3 with pip is needed (Debian: apt-get install python3-pip)"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --dest "$tmp" "ziglang==$ZIGLANG_VERSION" </dev/null
    python3 - "$tmp"/ziglang-*.whl "$1" <<'PY'
import sys, zipfile
wheel, out = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive, open(out, "wb") as file:
    file.write(archive.read("ziglang/lib/libc/darwin/libSystem.tbd"))
PY
    rm -rf "$tmp"
}

# A text stub of a library: what ld64 reads instead of the dylib. $1 file, $2 install name, $3 symbols.
stub() {
    cat >"$1" <<TBD
--- !tapi-tbd
tbd-version:     4
targets:         [ x86_64-macos, arm64-macos ]
install-name:    '$2'
current-version: 1
exports:
  - targets:         [ x86_64-macos, arm64-macos ]
    symbols:         [ $3 ]
...
TBD
}

# The folder that SDKROOT names: only what Rust programs of this workspace link with.
make_sdk() { # $1: its folder
    local lib=$1/usr/lib
    mkdir -p "$lib"
    if ! echo "$LIBSYSTEM_SHA256  $lib/libSystem.tbd" | sha256sum --check --status 2>/dev/null; then
        say "fetching libSystem's symbol list (PyPI: ziglang $ZIGLANG_VERSION)"
        fetch_libsystem "$lib/libSystem.tbd"
        echo "$LIBSYSTEM_SHA256  $lib/libSystem.tbd" | sha256sum --check --quiet ||
            die "libSystem.tbd is not the file that this script was written for"
    fi
    # On macOS these two are links to libSystem as well.
    cp "$lib/libSystem.tbd" "$lib/libc.tbd"
    cp "$lib/libSystem.tbd" "$lib/libm.tbd"
    # The libc crate names iconv on Apple targets, though nothing here calls it.
    stub "$lib/libiconv.tbd" /usr/lib/libiconv.2.dylib '_iconv, _iconv_close, _iconv_open'
    # The audit token's accessors live outside libSystem.
    stub "$lib/libbsm.tbd" /usr/lib/libbsm.0.dylib \
        '_audit_token_to_asid, _audit_token_to_au32, _audit_token_to_auid, _audit_token_to_egid,
                       _audit_token_to_euid, _audit_token_to_pid, _audit_token_to_pidversion,
                       _audit_token_to_rgid, _audit_token_to_ruid'
    # What the crate `notify` calls for events of files (FSEvents.h, CFArray.h, CFRunLoop.h, CFURL.h).
    framework "$1" CoreServices \
        '_FSEventStreamCreate, _FSEventStreamGetDeviceBeingWatched, _FSEventStreamInvalidate,
                       _FSEventStreamRelease, _FSEventStreamScheduleWithRunLoop, _FSEventStreamStart,
                       _FSEventStreamStop, _FSEventsGetCurrentEventId, _FSEventsPurgeEventsForDeviceUpToEventId'
    framework "$1" CoreFoundation \
        '_CFArrayAppendValue, _CFArrayCreateMutable, _CFArrayGetCount, _CFArrayGetValueAtIndex,
                       _CFArrayInsertValueAtIndex, _CFRelease, _CFRetain, _CFRunLoopGetCurrent, _CFRunLoopIsWaiting,
                       _CFRunLoopRun, _CFRunLoopStop, _CFURLCopyAbsoluteURL, _CFURLCopyFileSystemPath,
                       _CFURLCopyLastPathComponent, _CFURLCreateCopyAppendingPathComponent,
                       _CFURLCreateCopyDeletingLastPathComponent, _CFURLCreateFilePathURL,
                       _CFURLCreateFileReferenceURL, _CFURLCreateFromFileSystemRepresentation,
                       _CFURLCreateFromFileSystemRepresentationRelativeToBase, _CFURLResourceIsReachable,
                       _kCFAllocatorDefault, _kCFRunLoopDefaultMode, _kCFTypeArrayCallBacks'
}

# As `stub`, for a framework. $1 the SDK's folder, $2 its name, $3 symbols.
framework() {
    local folder=System/Library/Frameworks/$2.framework
    mkdir -p "$1/$folder"
    stub "$1/$folder/$2.tbd" "/$folder/Versions/A/$2" "$3"
}

use_lld() {
    local host sysroot lld flags target variable
    host=$(host)
    sysroot=$(rustc --print sysroot)
    lld=$sysroot/lib/rustlib/$host/bin/rust-lld
    [ -x "$lld" ] || die "no rust-lld in this toolchain: $lld"
    make_sdk "$target_dir/darwin-sdk"
    SDKROOT=$(cd "$target_dir/darwin-sdk" && pwd)
    export SDKROOT
    # Each of these would hide flags below.
    unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS RUSTDOCFLAGS CARGO_ENCODED_RUSTDOCFLAGS
    # Libraries are named by crates that call nothing in them; a real SDK's linker drops those, too.
    flags="-Clinker-flavor=ld64.lld -Clink-arg=-dead_strip_dylibs"
    for target in "${targets[@]}"; do
        variable=$(variable_of "$target")
        export "${variable}_LINKER=$lld" "${variable}_RUSTFLAGS=$flags" "${variable}_RUSTDOCFLAGS=$flags"
    done
}

# Lists the Mach-O executables that cargo reports on standard input; fails if one is anything else.
check_mach_o() { # $1: target
    python3 - "$1" 3<&0 <<'PY'
import json, os, struct, sys
target = sys.argv[1]
wanted_cpu = {"aarch64": 0x0100000C, "x86_64": 0x01000007}[target.split("-")[0]]
found = []
with os.fdopen(3) as messages:
    for line in messages:
        message = json.loads(line)
        if message.get("reason") != "compiler-artifact" or not message.get("executable"):
            continue
        # Runs in the compiler, on this machine.
        if "proc-macro" in message["target"]["kind"]:
            continue
        path = message["executable"]
        with open(path, "rb") as file:
            magic, cpu, _, filetype = struct.unpack("<4I", file.read(16))
        # MH_MAGIC_64, the target's processor, MH_EXECUTE
        if (magic, cpu, filetype) != (0xFEEDFACF, wanted_cpu, 2):
            sys.exit(f"not a Mach-O executable for {target}: {path}")
        kind = "test" if message["profile"]["test"] else "+".join(message["target"]["kind"])
        found.append((kind, message["target"]["name"], os.path.getsize(path)))
if not found:
    sys.exit(f"nothing was linked for {target}")
for kind, name, size in sorted(found):
    print(f"   {kind:8} {name:32} {size / 2**20:6.1f} MiB")
print(f"{len(found)} Mach-O executables for {target}")
PY
}

# The examples in the documentation: compiled and linked, and run where this machine can. $1: target
check_examples() {
    local runner=()
    # The linked example is handed to this in place of being run.
    [ "$1" = "$(host)" ] || runner=(env "$(variable_of "$1")_RUNNER=true")
    ${runner[@]+"${runner[@]}"} cargo test --quiet --workspace --doc --target "$1"
}

add_targets
[ "$(uname -s)" = Darwin ] || use_lld
for target in "${targets[@]}"; do
    say "clippy for $target"
    cargo clippy --quiet --workspace --all-targets --target "$target" -- -D warnings
    cargo clippy --quiet --manifest-path benches/Cargo.toml --all-targets --target "$target" -- -D warnings
    say "link for $target"
    cargo build --quiet --workspace --all-targets --target "$target" --message-format=json-render-diagnostics |
        check_mach_o "$target"
done
# No text depends on the processor.
say "documentation for ${targets[0]}"
RUSTDOCFLAGS="-D warnings" cargo doc --quiet --workspace --no-deps --target "${targets[0]}"
say "examples in it for ${targets[0]}"
check_examples "${targets[0]}"
