//! When what is told.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::process::Command;

use crate::harness::{Monitor, Seen, folder, launch, library, program, run};

/// Says what the loader does with it.
const TALKS: &str = r#"
    #include <unistd.h>
    __attribute__((constructor)) static void begin(void) { write(1, "constructor\n", 12); }
    __attribute__((destructor)) static void end(void) { write(1, "destructor\n", 11); }
    int value = 7;
"#;

/// Opens and closes the libraries that are its arguments.
const OPENS: &str = r#"
    #include <dlfcn.h>
    #include <stdio.h>
    #include <unistd.h>
    int main(int count, char **arguments) {
        write(1, "main\n", 5);
        for (int index = 1; index < count; index++) {
            void *library = dlopen(arguments[index], RTLD_NOW);
            if (!library) { puts(dlerror()); return 1; }
            write(1, "opened\n", 7);
            dlclose(library);
            write(1, "closed\n", 7);
        }
        return 0;
    }
"#;

const LOADER: &str = if cfg!(target_arch = "aarch64") {
    "ld-linux-aarch64.so.1"
} else {
    "ld-linux-x86-64.so.2"
};

#[test]
fn everything_is_told_before_it_happens() {
    let folder = folder();
    let talks = library(folder.path(), "talks", TALKS, &[]);
    let opens = program(folder.path(), "opens", OPENS);
    let mut monitor = Monitor::new();
    let mut child = launch(Command::new(&opens).arg(&talks), &[&monitor]);
    let mut out = child.stdout();
    let unread = out.as_raw_fd();
    // While it waits: nothing of what comes next has been said.
    let is_quiet = || is_waiting(child.id()) && bytes_in(unread) == 0;
    let mut said = |expected: &str| {
        let mut text = vec![0; expected.len()];
        out.read_exact(&mut text).expect("what it says");
        assert_eq!(String::from_utf8_lossy(&text), expected);
    };

    let Seen::Hello(hello) = monitor.see() else {
        panic!("no hello");
    };
    assert_eq!(i64::from(hello.pid), i64::from(child.id()));
    assert_eq!((hello.monitor, hello.deadline_ms), (0, monitor.deadline_ms));
    let start = monitor.see();
    assert_eq!(monitor.sender, child.id());
    assert!(
        start.loaded()[0].path == opens.to_string_lossy(),
        "{start:?}"
    );
    assert!(start.loads("libc.so.6") && start.loads(LOADER), "{start:?}");
    // As long as it waits, it does nothing, and tells nothing more.
    assert!(is_quiet());
    assert_eq!(monitor.glance(), None);
    monitor.answer();
    assert_eq!(monitor.see(), Seen::Main);
    assert!(is_quiet());
    monitor.answer();
    said("main\n");
    let loaded = monitor.see();
    assert!(
        loaded.loads("libtalks.so") && loaded.loaded().len() == 1,
        "{loaded:?}"
    );
    // Its pages are there to be looked at.
    let image = &loaded.loaded()[0];
    assert_eq!(memory(child.id(), image.load_address, 4), b"\x7fELF");
    assert!(is_quiet());
    monitor.answer();
    said("constructor\nopened\ndestructor\n");
    let unloaded = monitor.see();
    assert_eq!(unloaded.unloaded(), loaded.loaded());
    assert_eq!(memory(child.id(), image.load_address, 4), b"\x7fELF");
    assert!(is_quiet());
    monitor.answer();
    said("closed\n");
    assert_eq!(monitor.see(), Seen::Gone);
    assert!(child.wait().success());
    let times: Vec<u64> = monitor.stamps.iter().map(|stamp| stamp.timestamp).collect();
    assert!(
        times.is_sorted() && times[0] >= hello.timestamp,
        "{times:?}"
    );
    let numbers: Vec<u32> = monitor.stamps.iter().map(|stamp| stamp.sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

/// How many bytes are in a pipe.
fn bytes_in(pipe: RawFd) -> i32 {
    let mut count = -1;
    // SAFETY: the call writes one number.
    unsafe { libc::ioctl(pipe, libc::FIONREAD, &raw mut count) };
    count
}

/// Whether the process sleeps in the wait for replies.
pub(crate) fn is_waiting(pid: i32) -> bool {
    let begun = std::time::Instant::now();
    while begun.elapsed() < crate::harness::PATIENCE {
        let call = std::fs::read_to_string(format!("/proc/{pid}/syscall")).expect("a process");
        let waits = |number: &str| call.split(' ').next() == Some(number);
        if waits(&libc::SYS_ppoll.to_string()) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

pub(crate) fn memory(pid: i32, address: u64, len: usize) -> Vec<u8> {
    let file = std::fs::File::open(format!("/proc/{pid}/mem")).expect("a process");
    let mut bytes = vec![0; len];
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, address).expect("mapped memory");
    bytes
}

/// Constructors that open further libraries: each is told before it runs, and `main` after all of them.
#[test]
fn a_constructor_that_opens_libraries_waits_for_each() {
    const OPENER: &str = r#"
        #include <dlfcn.h>
        #include <unistd.h>
        __attribute__((constructor)) static void begin(void) {
            write(1, "outer\n", 6);
            dlopen(INNER, RTLD_NOW);
        }
        int used(void) { return 1; }
    "#;
    let folder = folder();
    let inner = library(folder.path(), "talks", TALKS, &[]);
    let name = format!("-DINNER=\"{}\"", inner.display());
    let outer = library(folder.path(), "outer", OPENER, &[&name]);
    let path = format!("-Wl,-rpath,{}", folder.path().display());
    let source = "int used(void); int main(void) { return !used(); }";
    let linked = crate::harness::program_with(
        folder.path(),
        "linked",
        source,
        &[outer.to_str().expect("a path"), &path],
    );
    let launched = run(&mut Command::new(linked));
    assert_eq!(launched.text(), "outer\nconstructor\ndestructor\n");
    let [Seen::Hello(_), start, inner, Seen::Main] = &launched.seen[..] else {
        panic!("{:?}", launched.seen);
    };
    assert!(start.loads("libouter.so") && !start.loads("libtalks.so"));
    assert!(inner.loads("libtalks.so"));
}

/// The input is still the program's: nothing of it is read by anybody else.
#[test]
fn input_reaches_the_program() {
    let mut monitor = Monitor::new();
    let mut child = launch(&mut Command::new("cat"), &[&monitor]);
    child.stdin().write_all(b"through").expect("a pipe");
    monitor.all();
    assert_eq!(child.output().stdout, b"through");
}
