//! The command on programs of the machine. On macOS they would have to link an agent.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn imagewatch(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_imagewatch"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The objects that it writes.
fn objects(output: &Output) -> Vec<Value> {
    let text = str::from_utf8(&output.stderr).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn events<'a>(objects: &'a [Value], name: &str) -> Vec<&'a Value> {
    let events = objects.iter();
    events.filter(|object| object["event"] == name).collect()
}

/// How many images were told whose paths have this in them.
fn loaded(objects: &[Value], part: &str) -> usize {
    let loads = events(objects, "load").into_iter();
    let images = loads.flat_map(|load| load["images"].as_array().unwrap());
    images
        .filter(|image| image["path"].as_str().unwrap().contains(part))
        .count()
}

/// Whether a program is there; a line that says so if not.
fn is_there(program: &str) -> bool {
    let there = Command::new(program).arg("--version").output();
    let there = there.is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: there is no {program}");
    }
    there
}

#[test]
fn a_program_runs_as_it_would_and_its_libraries_are_told() {
    let output = imagewatch(&["--json", "--", "ls", "/"]);
    let plain = Command::new("ls").arg("/").output().unwrap();
    assert_eq!(output.stdout, plain.stdout);
    let told = objects(&output);
    assert_eq!(loaded(&told, "libc.so.6"), 1, "{told:#?}");
    assert_eq!(events(&told, "main").len(), 1);
    assert_eq!(events(&told, "exit").len(), 1);
    let summary = told.last().unwrap();
    let (event, code) = (&summary["event"], &summary["code"]);
    assert_eq!((event, code), (&"summary".into(), &0.into()));
    assert_eq!(summary["left"], summary["loaded"]);
}

#[test]
fn people_get_lines_and_the_programs_status() {
    let output = imagewatch(&["sh", "-c", "echo out; echo err >&2; exit 7"]);
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(output.stdout, b"out\n");
    let text = String::from_utf8(output.stderr).unwrap();
    for expected in [" + ", "libc.so.6", "* main\n", "err\n", "exit status: 7\n"] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
    let killed = imagewatch(&["sh", "-c", "kill -TERM $$"]);
    assert_eq!(killed.status.code(), Some(128 + 15));
}

#[test]
fn a_denied_library_kills_the_program_before_it_runs() {
    let output = imagewatch(&[
        "--json",
        "--deny",
        "libc.so.*",
        "--",
        "sh",
        "-c",
        "echo ran",
    ]);
    assert_eq!(output.status.code(), Some(126));
    assert_eq!(output.stdout, b"");
    let told = objects(&output);
    assert_eq!(events(&told, "denied").len(), 1);
    assert_eq!(events(&told, "main").len(), 0);
    assert_eq!(told.last().unwrap()["signal"], 9);
}

/// A library with a constructor of its own, opened after `main` has begun.
#[test]
fn a_denied_library_that_is_opened_later_does_not_construct() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let compile = |source: &str, options: &[&str], output: &str| {
        std::fs::write(path("a.c"), source).unwrap();
        let mut command = Command::new("cc");
        command
            .args(options)
            .args([&*path("a.c"), "-o", output, "-ldl"]);
        command.output().is_ok_and(|made| made.status.success())
    };
    let (library, program) = (path("libbad.so.1"), path("program"));
    let bad = "#include <unistd.h>\n__attribute__((constructor)) static void begin(void) { write(1, \"constructed\\n\", 12); }";
    let opens = "#include <dlfcn.h>\n#include <unistd.h>\nint main(int count, char **arguments) { write(1, \"main\\n\", 5); return !dlopen(arguments[1], RTLD_NOW); }";
    if !compile(bad, &["-shared", "-fPIC"], &library) || !compile(opens, &[], &program) {
        println!("skipped: no C compiler makes libraries");
        return;
    }
    let output = imagewatch(&["--", &program, &library]);
    assert_eq!(output.stdout, b"main\nconstructed\n", "{output:?}");
    for pattern in ["libbad*", &library] {
        let output = imagewatch(&[
            "--deny", "no-such*", "--deny", pattern, "--", &program, &library,
        ]);
        assert_eq!(
            (&*output.stdout, output.status.code()),
            (&b"main\n"[..], Some(126))
        );
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains("libbad.so.1 matches"), "{text}");
    }
}

#[test]
fn another_program_that_is_executed_is_named() {
    let arguments = ["sh", "-c", "exec sleep 0.2"];
    let real = std::fs::canonicalize("/bin/sleep").unwrap();
    let output = imagewatch(&arguments);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.contains(&format!("it has executed {}", real.display())),
        "{text}"
    );
    let output = imagewatch(&[&["--json"], &arguments[..]].concat());
    let told = objects(&output);
    assert_eq!(
        events(&told, "agent-lost")[0]["executed"],
        real.to_str().unwrap()
    );
}

#[test]
fn a_delay_is_waited_each_time() {
    let output = imagewatch(&["--json", "--delay", "40", "--", "true"]);
    assert!(output.status.success());
    let told = objects(&output);
    let summary = told.last().unwrap();
    let exchanges = summary["exchanges"].as_u64().unwrap();
    let awaited = ["load", "unload", "main"].map(|name| events(&told, name).len() as u64);
    assert_eq!(exchanges, awaited.iter().sum::<u64>());
    assert!(
        exchanges >= 2 && summary["waited"].as_f64().unwrap() >= 40.0 * exchanges as f64,
        "{summary}"
    );
    assert!(summary["time"].as_f64().unwrap() >= 80.0, "{summary}");
}

#[test]
fn what_cannot_be_watched_is_refused_by_name_or_run_without() {
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("a.c"), folder.path().join("static"));
    std::fs::write(&source, "int main(void) { return 3; }").unwrap();
    let made = Command::new("cc")
        .arg("-static")
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .output();
    if !made.is_ok_and(|output| output.status.success()) {
        println!("skipped: no C compiler makes static programs");
        return;
    }
    let program = program.to_str().unwrap();
    let refused = imagewatch(&[program]);
    assert_eq!(refused.status.code(), Some(125));
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("is statically linked"), "{text}");
    let output = imagewatch(&["--json", "--unwatched", program]);
    assert_eq!(output.status.code(), Some(3));
    assert_eq!(loaded(&objects(&output), ""), 0);
}

#[test]
fn extension_modules_of_python_are_told_as_they_are_imported() {
    // What is called so may be a script that looks for the real one.
    let found = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let Some(output) = found.ok().filter(|output| output.status.success()) else {
        println!("skipped: there is no python3");
        return;
    };
    let python = str::from_utf8(&output.stdout).unwrap().trim();
    let script = "
import importlib, sysconfig, os
folder = sysconfig.get_path('platstdlib') + '/lib-dynload'
names = sorted({name.split('.')[0] for name in os.listdir(folder)} if os.path.isdir(folder) else [])
count = 0
for name in names:
    if count < 50 and not name.startswith(('_test', '_tkinter', 'xx', '_xx')):
        try:
            importlib.import_module(name)
            count += 1
        except Exception:
            pass
print(count)
";
    let output = imagewatch(&["--json", python, "-W", "ignore", "-c", script]);
    assert!(output.status.success());
    let count: usize = str::from_utf8(&output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let told = objects(&output);
    if count < 50 {
        println!("only {count} modules are there");
    }
    assert!(loaded(&told, "/lib-dynload/") >= count, "{count}");
}

#[test]
fn a_shell_and_a_compiler_do_their_work() {
    let folder = tempfile::tempdir().unwrap();
    let (source, program) = (folder.path().join("a.c"), folder.path().join("a.out"));
    std::fs::write(&source, "int main(void) { return 5; }").unwrap();
    let [source, program] = [&source, &program].map(|path| path.to_str().unwrap());
    if is_there("gcc") {
        let output = imagewatch(&["--json", "gcc", source, "-o", program]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(Command::new(program).status().unwrap().code(), Some(5));
        // What it starts is not told: that is another program.
        assert_eq!(events(&objects(&output), "main").len(), 1);
    }
    if is_there("bash") {
        let script = "(ls / | wc -l); echo $((40 + 2))";
        let output = imagewatch(&["--json", "bash", "-c", script]);
        let text = str::from_utf8(&output.stdout).unwrap();
        assert!(text.ends_with("42\n"), "{text}");
        assert_eq!(events(&objects(&output), "main").len(), 1);
    }
}

#[test]
fn a_snapshot_shows_what_a_process_has() {
    let mut child = Command::new("cat")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // When it answers it has come so far as to read.
    child.stdin.as_mut().unwrap().write_all(b"line\n").unwrap();
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut line).unwrap();
    let pid = child.id().to_string();
    let [plain, json] = [&["--pid", &pid][..], &["--json", "--pid", &pid]].map(imagewatch);
    child.kill().unwrap();
    child.wait().unwrap();
    if !plain.status.success() {
        let text = String::from_utf8(plain.stderr).unwrap();
        assert!(text.contains("Yama"), "{text}");
        return;
    }
    let text = String::from_utf8(plain.stdout).unwrap();
    assert!(text.starts_with(&format!("process {pid}, ")), "{text}");
    let object: Value = serde_json::from_slice(&json.stdout).unwrap();
    let images = object["images"].as_array().unwrap();
    assert_eq!(text.lines().count(), images.len() + 1);
    let kinds = |kind: &str| images.iter().filter(|image| image["kind"] == kind).count();
    assert_eq!((kinds("program"), kinds("loader")), (1, 1));

    let gone = imagewatch(&["--pid", "1073741824"]);
    assert_eq!(gone.status.code(), Some(125));
}
