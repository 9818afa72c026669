//! The C and C++ compilers of this machine.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

/// A compiler, with the language it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compiler {
    program: &'static str,
    language: &'static str,
    standard: &'static str,
}

const KNOWN: [Compiler; 4] = [
    Compiler {
        program: "gcc",
        language: "c",
        standard: "-std=c11",
    },
    Compiler {
        program: "clang",
        language: "c",
        standard: "-std=c11",
    },
    Compiler {
        program: "g++",
        language: "c++",
        standard: "-std=c++17",
    },
    Compiler {
        program: "clang++",
        language: "c++",
        standard: "-std=c++17",
    },
];

/// The compilers to test with, or nothing where the environment says that there is none.
pub(crate) fn compilers() -> Option<Vec<Compiler>> {
    if env::var_os("EMBEDDED_MACH_SKIP_C").as_deref() == Some(OsStr::new("1")) {
        return None;
    }
    let found: Vec<Compiler> = KNOWN
        .into_iter()
        .filter(|compiler| answers(compiler.program))
        .collect();
    assert!(
        found.iter().any(|compiler| compiler.language == "c"),
        "the headers are tested with a C compiler: install gcc or clang, or set EMBEDDED_MACH_SKIP_C=1"
    );
    Some(found)
}

fn answers(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

impl Compiler {
    /// The compiler, asked for its language with all warnings being errors. What follows is a source.
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new(self.program);
        command
            .args([self.standard, "-Wall", "-Wextra", "-pedantic", "-Werror"])
            .arg("-I")
            .arg(include_dir())
            .args(["-x", self.language]);
        command
    }
}

/// Has the compiler check the files; panics with what it said.
pub(crate) fn compile(compiler: Compiler, sources: &[PathBuf]) {
    assert!(!sources.is_empty());
    run(compiler.command().args(sources).arg("-fsyntax-only"));
}

/// Runs a command that must succeed; its output. Panics with what it said.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}:\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn include_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// An empty directory of this test's own.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("c").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).unwrap();
    }
    fs::create_dir_all(&dir).unwrap();
    dir
}
