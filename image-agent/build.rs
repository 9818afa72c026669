//! Builds the audit library (`audit/`), which is embedded in this crate.
//!
//! Cargo builds no library without `std` beside one that has it, so the compiler is called here: for the protocol's crate, for
//! something that stands for the loader, and for the library itself. It needs what every build of a program needs, a linker.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=audit");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    // A check for another system has no linker.
    if variable("CARGO_CFG_TARGET_OS") != "linux" {
        return;
    }
    let protocol = PathBuf::from(variable("DEP_MACH_RENDEZVOUS_IMAGE_PROTOCOL_SOURCE")).join("src");
    println!("cargo::rerun-if-changed={}", protocol.display());
    let out = PathBuf::from(variable("OUT_DIR"));
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let audit = manifest.join("audit");
    let linker = Linker::find();

    let library = out.join("libimage_protocol.rlib");
    run(compiler("image_protocol", "rlib", &library).arg(protocol.join("lib.rs")));

    let loader = out.join("libloader.so");
    let soname = match &*variable("CARGO_CFG_TARGET_ARCH") {
        "x86_64" => "ld-linux-x86-64.so.2",
        "aarch64" => "ld-linux-aarch64.so.1",
        other => panic!("the agent is not written for {other}: only for x86_64 and aarch64"),
    };
    let mut command = compiler("loader", "cdylib", &loader);
    linker.apply(&mut command, &["-soname", soname]);
    run(command.arg(audit.join("loader.rs")));

    let agent = out.join("agent.so");
    let mut command = compiler("image_agent_audit", "cdylib", &agent);
    command.arg("--extern");
    command.arg(format!("image_protocol={}", library.display()));
    // Without it the loader refuses the library: parts of `core` ask for what nothing here has.
    command.args(["-C", "lto=fat", "-C", "strip=symbols"]);
    let script = audit.join("small.ld").display().to_string();
    // Calls among itself go nowhere else, all is bound at once, and nothing is in the file that is not needed.
    let small = [
        "-Bsymbolic",
        "-z",
        "now",
        "-z",
        "noseparate-code",
        "-z",
        "norelro",
        "--no-eh-frame-hdr",
        "--build-id=none",
        "--hash-style=gnu",
        "-T",
        &script,
    ];
    linker.apply(&mut command, &small);
    let mut path = std::ffi::OsString::from("link-arg=");
    path.push(&loader);
    run(command.arg("-C").arg(path).arg(audit.join("lib.rs")));
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|error| panic!("cargo sets {name}: {error}"))
}

/// The compiler, for a crate without `std`.
fn compiler(name: &str, kind: &str, output: &Path) -> Command {
    let mut command = Command::new(variable("RUSTC"));
    command.args([
        "--edition",
        "2024",
        "--crate-name",
        name,
        "--crate-type",
        kind,
    ]);
    command.args(["--target", &variable("TARGET")]);
    command.args([
        "-C",
        "panic=abort",
        "-C",
        "opt-level=s",
        "-C",
        "codegen-units=1",
    ]);
    command.args(["-C", "force-unwind-tables=no", "-C", "debuginfo=0"]);
    if variable("CARGO_CFG_TARGET_ARCH") == "aarch64" {
        // Else atomic operations ask the C library what the processor can do.
        command.args(["-C", "target-feature=-outline-atomics"]);
    }
    command.arg("-o").arg(output);
    // What was set for this crate is not for the library: a sanitizer or coverage would need a runtime.
    command.env_remove("RUSTFLAGS");
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

/// Who links, and how it is told something: a C compiler hands on what begins with `-Wl,`.
enum Linker {
    Usual,
    Given(String),
    /// The one that comes with the compiler, for a system that is not this one.
    Bundled,
}

impl Linker {
    fn find() -> Self {
        match env::var("RUSTC_LINKER") {
            Ok(linker) => Self::Given(linker),
            Err(_) if variable("TARGET") == variable("HOST") => Self::Usual,
            Err(_) => Self::Bundled,
        }
    }

    fn apply(&self, command: &mut Command, arguments: &[&str]) {
        let direct = match self {
            Self::Usual => false,
            Self::Given(linker) => {
                command.args(["-C", &format!("linker={linker}")]);
                linker.ends_with("ld") || linker.ends_with("lld")
            }
            Self::Bundled => {
                command.args(["-C", "linker=rust-lld", "-C", "linker-flavor=ld.lld"]);
                true
            }
        };
        if direct {
            command.args(
                arguments
                    .iter()
                    .map(|argument| format!("-Clink-arg={argument}")),
            );
        } else {
            command.args(
                ["-nostdlib", "-nostartfiles"].map(|argument| format!("-Clink-arg={argument}")),
            );
            command.arg(format!("-Clink-arg=-Wl,{}", arguments.join(",")));
        }
    }
}

fn run(command: &mut Command) {
    let status = command
        .status()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}
