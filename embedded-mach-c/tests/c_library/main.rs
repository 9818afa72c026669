//! The C library exports what its headers declare, and C programs run with it. Rust programs export none of it.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests state what they expect, like the tests"
)]

#[path = "../headers/compilers.rs"]
mod compilers;
mod library;
mod stubs;
mod symbols;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use compilers::{Compiler, compile, compilers, run, scratch};

/// Longer than any program here gives itself.
const DEADLINE: Duration = Duration::from_secs(60);

/// Where the library is. Cargo does not build what a test cannot link with, so that these tests ask it to.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(library::build);

#[test]
fn the_library_exports_what_the_headers_declare() {
    let exported = symbols::exported(&LIBRARY.join("libembedded_mach.so"));
    assert_eq!(exported, symbols::listed());
}

#[test]
fn a_rust_program_exports_no_symbol_of_c() {
    // So that the library is in this program.
    let mut name = 0;
    // SAFETY: `name` is a live local.
    let code = unsafe {
        let task = mach::traps::mach_task_self();
        mach::mach_port::mach_port_allocate(task, 1, &mut name)
    };
    assert_eq!(code, 0);
    let defined = symbols::defined(&std::env::current_exe().unwrap());
    assert!(defined.len() > 1000, "this program has its symbols");
    let listed = symbols::listed();
    let shared: Vec<_> = defined.intersection(&listed).collect();
    assert!(shared.is_empty(), "{shared:?}");
}

#[test]
fn the_example_runs_with_the_shared_library() {
    programs(&here("examples-c/parent_child.c"), Linkage::Shared);
}

#[test]
fn the_example_runs_with_the_static_library() {
    programs(&here("examples-c/parent_child.c"), Linkage::Static);
}

#[test]
fn the_calls_work_from_c_with_the_shared_library() {
    programs(&here("tests/c/library.c"), Linkage::Shared);
}

#[test]
fn the_calls_work_from_c_with_the_static_library() {
    programs(&here("tests/c/library.c"), Linkage::Static);
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[derive(Clone, Copy, Debug)]
enum Linkage {
    Shared,
    Static,
}

/// Builds a program with each compiler, as C and as C++, and runs it.
fn programs(source: &Path, linkage: Linkage) {
    let Some(compilers) = compilers() else { return };
    let dir = scratch(&format!(
        "{linkage:?}-{}",
        source.file_stem().unwrap().display()
    ));
    for (number, compiler) in compilers.into_iter().enumerate() {
        let program = dir.join(number.to_string());
        build_program(compiler, source, linkage, &program);
        finish(
            Command::new(&program)
                .env("EMBEDDED_MACH_BOOTSTRAP_DIR", dir.join("names"))
                // Cargo's, which could lead to another library than the one just built.
                .env_remove("LD_LIBRARY_PATH"),
        );
    }
}

fn build_program(compiler: Compiler, source: &Path, linkage: Linkage, program: &Path) {
    compile(compiler, &[source.to_owned()]);
    let mut command = compiler.command();
    command.arg(source).args(["-x", "none", "-o"]).arg(program);
    match linkage {
        Linkage::Shared => command
            .arg("-L")
            .arg(&*LIBRARY)
            .arg("-lembedded_mach")
            .arg(format!("-Wl,-rpath,{}", LIBRARY.display())),
        Linkage::Static => command.arg(LIBRARY.join("libembedded_mach.a")).args([
            "-lgcc_s",
            "-lutil",
            "-lrt",
            "-lpthread",
            "-lm",
            "-ldl",
        ]),
    };
    run(&mut command);
}

/// Runs a program that must succeed before the deadline.
fn finish(command: &mut Command) {
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    wait(&mut child, &format!("{command:?}"));
}

/// Waits for a program that must succeed before the deadline.
fn wait(child: &mut Child, what: &str) {
    let deadline = Instant::now() + DEADLINE;
    // SAFETY: the child is this thread's own, and not yet waited for.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, child.id(), 0) };
    let mut ended = libc::pollfd {
        fd: i32::try_from(pidfd).unwrap(),
        events: libc::POLLIN,
        revents: 0,
    };
    let left = deadline.saturating_duration_since(Instant::now());
    // SAFETY: one live entry.
    let ready = unsafe { libc::poll(&mut ended, 1, left.as_millis() as i32) };
    // SAFETY: the descriptor was made above and is used no more.
    unsafe { libc::close(ended.fd) };
    if ready != 1 {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(ready == 1 && status.success(), "{what}: {status}");
}
