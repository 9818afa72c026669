//! Kernels that cannot lock a process up: this one, which denies that it can.
#![allow(clippy::unwrap_used)] // All of this is test code, which clippy sees in test functions only.

use std::collections::BTreeMap;
use std::env::consts::ARCH;
use std::thread;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

use crate::common::{Finished, run, sample};

/// The program on a kernel without these calls.
fn run_without(calls: &[i64], flags: &[&str]) -> Finished {
    let filter = SeccompFilter::new(
        calls
            .iter()
            .map(|call| (*call, Vec::new()))
            .collect::<BTreeMap<_, _>>(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::ENOSYS.cast_unsigned()),
        ARCH.try_into().unwrap(),
    );
    let filter: BpfProgram = filter.unwrap().try_into().unwrap();
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // It is this thread's, and that of what it starts.
            apply_filter(&filter).unwrap();
            run(flags, &[sample("tiny.png")])
        });
        thread.join().unwrap()
    })
}

#[test]
fn what_the_kernel_lacks_is_said_with_the_way_to_go_on() {
    let (landlock, filters) = (libc::SYS_landlock_create_ruleset, libc::SYS_seccomp);
    for (calls, missing, words, locked) in [
        (
            &[landlock][..],
            "the kernel has no landlock",
            &["files"][..],
            "ports only, but files",
        ),
        (
            &[filters],
            "the kernel has no seccomp filters",
            &["system-calls"],
            "ports only, but system-calls",
        ),
        (
            &[landlock, filters],
            "the kernel has no landlock",
            &["files", "system-calls", "signals"],
            "ports only, but files and system-calls and signals",
        ),
    ] {
        let done = run_without(calls, &[]);
        assert_eq!(done.code(), 1, "{}", done.stderr);
        assert!(done.stderr.contains(missing), "{}", done.stderr);
        let way_out = words
            .iter()
            .flat_map(|word| ["--without", word])
            .collect::<Vec<_>>();
        let told = format!("To go on all the same, add {}\n", way_out.join(" "));
        assert!(done.stderr.ends_with(&told), "{}", done.stderr);
        assert_eq!(
            (&*done.stdout, done.out.path().read_dir().unwrap().count()),
            ("", 0)
        );

        let done = run_without(calls, &way_out);
        assert_eq!(done.code(), 0, "{}", done.stderr);
        assert!(
            done.line("tiny.png").join(" ").ends_with(locked),
            "{}",
            done.stdout
        );
    }
}
