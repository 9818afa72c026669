//! Programs of packages that a machine may lack: those with an allocator that insists on static thread-local storage, and those of
//! other languages and C libraries.

use std::path::Path;
use std::process::Command;

use image_monitor::{Event, ExitCause, ImageMonitor, MonitorOptions, Program, Unwatchable};
use launcher::{LaunchCause, Launcher, Stdio};

use crate::LONG;
use crate::linux_programs::{Compiled, compiled_by};
use crate::linux_real::is_there;

/// Runs a program under a monitor: the events, but for the images in them, and its code.
fn watched(launcher: &mut Launcher, options: MonitorOptions) -> (Vec<Event>, Option<i32>) {
    let (monitor, notices) = ImageMonitor::queue(options).unwrap();
    let child = launcher
        .stdin(Stdio::Null)
        .stdout(Stdio::Null)
        .stderr(Stdio::Null)
        .kill_on_drop(true)
        .image_monitor(&monitor)
        .spawn()
        .unwrap();
    let mut events: Vec<Event> = Vec::new();
    while !matches!(events.last(), Some(Event::Exit(_))) {
        events.push(notices.next_timeout(LONG).unwrap().answer());
    }
    (events, child.wait_timeout(LONG).unwrap().unwrap().code())
}

fn loads(events: &[Event], name: &str) -> bool {
    let images = events.iter().flat_map(Event::images);
    let mut names = images.filter_map(|image| image.path.file_name());
    names.any(|found| found.to_string_lossy().starts_with(name))
}

/// It would not start with any auditor, had the launcher not asked for room.
#[test]
fn redis_starts() {
    if !is_there("redis-server") {
        println!("skipped: there is no redis-server (package redis-server)");
        return;
    }
    let mut launcher = Launcher::new("redis-server");
    let (events, code) = watched(launcher.arg("--version"), MonitorOptions::new());
    assert_eq!(code, Some(0));
    assert_eq!(events.last(), Some(&Event::Exit(ExitCause::Ended)));
    assert!(events.contains(&Event::Main) && loads(&events, "libc.so"));
}

#[test]
fn a_preloaded_jemalloc_is_told_and_works() {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib64",
        "/usr/lib",
    ];
    let mut paths = folders
        .map(|folder| Path::new(folder).join("libjemalloc.so.2"))
        .into_iter();
    let Some(path) = paths.find(|path| path.exists()) else {
        println!("skipped: there is no libjemalloc.so.2 (package libjemalloc2)");
        return;
    };
    for arguments in [
        &["true"][..],
        &["sh", "-c", "ls / | sort | head -2; exit 3"],
    ] {
        let mut launcher = Launcher::new(arguments[0]);
        launcher.args(&arguments[1..]).env("LD_PRELOAD", &path);
        let (events, code) = watched(&mut launcher, MonitorOptions::new());
        assert_eq!(
            code,
            Some(if arguments.len() > 1 { 3 } else { 0 }),
            "{events:?}"
        );
        assert!(loads(&events, "libjemalloc.so") && events.contains(&Event::Main));
    }
}

#[test]
fn programs_of_musl_are_refused_by_name_or_run_unwatched() {
    for (options, is_static) in [(&[][..], false), (&["-static"], true)] {
        let source = "int main(void) { return 6; }";
        let Some(program) = compiled_by("musl-gcc", source, options) else {
            return;
        };
        let error = Program::new(program.path()).check_watchable().unwrap_err();
        match &error {
            Unwatchable::Static { path } => assert!(is_static && path == program.path()),
            Unwatchable::OtherLoader { loader, .. } => {
                assert!(!is_static && loader.to_string_lossy().contains("musl"));
            }
            other => panic!("{other}"),
        }
        runs_unwatched(program.path(), 6);
    }
}

/// It is refused, and where that is asked for it runs, its end is told, and nothing else.
fn runs_unwatched(program: &Path, code: i32) {
    let (monitor, _notices) = ImageMonitor::queue(MonitorOptions::new()).unwrap();
    let refused = Launcher::new(program)
        .image_monitor(&monitor)
        .spawn()
        .unwrap_err();
    assert!(
        matches!(refused.cause(), LaunchCause::Unwatchable(_)),
        "{refused}"
    );
    let options = MonitorOptions::new().allow_unwatched(true);
    let (events, found) = watched(&mut Launcher::new(program), options);
    assert_eq!(events, [Event::Exit(ExitCause::NeverAttached)]);
    assert_eq!(found, Some(code));
}

/// Go's compiler, with what it has compiled before kept where cargo keeps its own.
fn go(source: &str, with_c: bool) -> Option<Compiled> {
    Compiled::made("main.go", source, |file, program| {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
        let mut command = Command::new("go");
        command
            .arg("build")
            .arg("-o")
            .arg(program)
            .arg(file)
            .env("CGO_ENABLED", if with_c { "1" } else { "0" })
            .env("GOCACHE", cache)
            .env("GOENV", "off")
            .env("GOTOOLCHAIN", "local")
            .env("GO111MODULE", "off");
        command
    })
}

/// What begins in Go's own code has no moment before `main` that anybody knows of; what begins in the C library's has.
#[test]
fn programs_in_go_are_refused_if_they_are_static_and_else_watched_to_their_end() {
    if !is_there("go") {
        println!("skipped: there is no go (package golang-go)");
        return;
    }
    let source =
        "package main\nimport (\"os\"; \"os/user\")\nfunc main() { user.Current(); os.Exit(5) }";
    if let Some(program) = go(source, false) {
        let error = Program::new(program.path()).check_watchable().unwrap_err();
        assert!(matches!(error, Unwatchable::Static { .. }), "{error}");
        runs_unwatched(program.path(), 5);
    }
    let with_c = source.replacen("import", "import \"C\"\nimport", 1);
    for (source, begins_in_c) in [(source, false), (&with_c, true)] {
        let Some(program) = go(source, true) else {
            continue;
        };
        let (events, code) = watched(&mut Launcher::new(program.path()), MonitorOptions::new());
        assert_eq!(code, Some(5));
        assert!(loads(&events, "libc.so"), "{events:?}");
        assert!(!begins_in_c || events.contains(&Event::Main), "{events:?}");
        assert_eq!(events.last(), Some(&Event::Exit(ExitCause::Ended)));
    }
}
