//! Which programs are refused, and by which name.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use image_monitor::{Program, Unwatchable};
use tempfile::TempDir;

/// A program in a folder of its own.
pub(crate) struct Compiled {
    path: PathBuf,
    _folder: TempDir,
}

impl Compiled {
    /// What a compiler makes of a source file; `None`, and a line that says so, where it does not.
    pub(crate) fn made(
        name: &str,
        source: &str,
        compile: impl FnOnce(&Path, &Path) -> Command,
    ) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (file, path) = (folder.path().join(name), folder.path().join("program"));
        fs::write(&file, source).unwrap();
        let mut command = compile(&file, &path);
        if !command.output().is_ok_and(|output| output.status.success()) {
            println!("skipped: this does not compile here: {command:?}");
            return None;
        }
        Some(Self {
            path,
            _folder: folder,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Compiles a program in C; `None`, and a line that says so, where that cannot be done.
pub(crate) fn compiled(source: &str, options: &[&str]) -> Option<Compiled> {
    compiled_by("cc", source, options)
}

pub(crate) fn compiled_by(compiler: &str, source: &str, options: &[&str]) -> Option<Compiled> {
    Compiled::made("a.c", source, |file, program| {
        let mut command = Command::new(compiler);
        command.args(options).arg(file).arg("-o").arg(program);
        command
    })
}

const EMPTY: &str = "int main(void) { return 0; }";

fn refusal(path: &Path) -> Unwatchable {
    Program::new(path).check_watchable().unwrap_err()
}

/// A copy of an ordinary program with some of its bytes changed.
fn altered(at: usize, bytes: &[u8]) -> Compiled {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    let mut program = fs::read(std::env::current_exe().unwrap()).unwrap();
    program[at..at + bytes.len()].copy_from_slice(bytes);
    // So much is looked at.
    program.truncate(64 * 1024);
    fs::write(&path, program).unwrap();
    Compiled {
        path,
        _folder: folder,
    }
}

#[test]
fn ordinary_programs_are_watched_and_absent_ones_are_left_to_the_launch() {
    for name in ["sh", "ls", "/bin/sh"] {
        Program::new(name).check_watchable().unwrap();
    }
    Program::new(&altered(0, b"\x7fELF").path)
        .check_watchable()
        .unwrap();
    for absent in ["/no/such/program", "no-such-program-anywhere", ""] {
        Program::new(absent).check_watchable().unwrap();
    }
}

#[test]
fn scripts_are_what_their_interpreters_are() {
    let folder = tempfile::tempdir().unwrap();
    let script = |name: &str, text: String| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let plain = script("plain", "#!/bin/sh\ntrue\n".to_owned());
    let nested = script("nested", format!("#! \t{} with words\n", plain.display()));
    let itself = folder.path().join("itself");
    script("itself", format!("#!{}\n", itself.display()));
    let none = script("none", "true\n".to_owned());
    Program::new(&plain).check_watchable().unwrap();
    Program::new(&nested).check_watchable().unwrap();
    for path in [itself, none] {
        assert!(matches!(refusal(&path), Unwatchable::NoElf { .. }));
    }
    if let Some(program) = compiled(EMPTY, &["-static"]) {
        let of_static = script("static", format!("#!{}\n", program.path.display()));
        let error = refusal(&of_static);
        assert!(matches!(&error, Unwatchable::Static { path } if *path == program.path));
    }
}

#[test]
fn static_programs_are_refused() {
    for options in [&["-static"][..], &["-static-pie"]] {
        if let Some(program) = compiled(EMPTY, options) {
            let error = refusal(&program.path);
            assert!(matches!(error, Unwatchable::Static { .. }), "{error}");
        }
    }
}

#[test]
fn another_loader_is_refused() {
    let musl = "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1";
    if let Some(program) = compiled(EMPTY, &[musl]) {
        let error = refusal(&program.path);
        let Unwatchable::OtherLoader { loader, .. } = &error else {
            panic!("{error}");
        };
        assert_eq!(loader, Path::new("/lib/ld-musl-x86_64.so.1"));
    }
}

#[test]
fn other_classes_and_processors_are_refused() {
    // The class, the byte order, the processor.
    for (at, byte) in [(4, 1), (5, 2), (18, 8)] {
        let error = refusal(&altered(at, &[byte]).path);
        assert!(
            matches!(error, Unwatchable::OtherClass { .. }),
            "{at}: {error}"
        );
    }
    let error = refusal(&altered(4, &[77]).path);
    assert!(matches!(error, Unwatchable::NoElf { .. }), "{error}");
}

#[test]
fn programs_with_more_rights_than_their_caller_are_refused() {
    let program = altered(0, b"\x7fELF");
    let set_user = Permissions::from_mode(0o4755);
    fs::set_permissions(&program.path, set_user.clone()).unwrap();
    // The caller's own user has the same rights.
    Program::new(&program.path).check_watchable().unwrap();
    let other = Program {
        user: Some(12_345),
        ..Program::new(&program.path)
    };
    assert!(matches!(
        other.check_watchable(),
        Err(Unwatchable::Privileged { .. })
    ));
    if nix::unistd::geteuid().is_root() {
        chown(&program.path, Some(12_345), None).unwrap();
        fs::set_permissions(&program.path, set_user).unwrap();
        assert!(matches!(
            refusal(&program.path),
            Unwatchable::Privileged { .. }
        ));
        Program {
            user: Some(12_345),
            ..Program::new(&program.path)
        }
        .check_watchable()
        .unwrap();
    } else {
        fs::set_permissions(&program.path, Permissions::from_mode(0o111)).unwrap();
        assert!(matches!(
            refusal(&program.path),
            Unwatchable::Unreadable { .. }
        ));
    }
}
