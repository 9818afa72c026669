//! Processes that the program starts, and what cannot be watched: only the program itself speaks.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::harness::{
    Monitor, Seen, Shown, folder, launch, library, plainly, program, program_with, run,
};

/// Starts others in all ways, each of which opens its argument, and opens it itself at the end.
const FAMILY: &str = r#"
    #include <dlfcn.h>
    #include <spawn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/wait.h>
    #include <unistd.h>
    extern char **environ;
    static char **arguments;
    static void use(const char *who) {
        void *library = dlopen(arguments[2], RTLD_NOW);
        printf("%s %s\n", who, library ? "opened" : "failed");
        fflush(stdout);
        dlclose(library);
    }
    int main(int count, char **given) {
        arguments = given;
        char *again[] = {given[0], "child", given[2], 0};
        int status;
        if (!strcmp(given[1], "child")) { use("another program"); return 0; }
        if (!fork()) {
            use("forked");
            if (!fork()) { use("forked twice"); _exit(0); }
            wait(&status);
            execv(again[0], again);
        }
        wait(&status);
        if (!vfork()) execv(again[0], again);
        wait(&status);
        pid_t spawned;
        if (posix_spawn(&spawned, again[0], 0, 0, again, environ)) return 1;
        wait(&status);
        char line[4096];
        snprintf(line, sizeof line, "%s child %s", given[0], given[2]);
        system(line);
        use("itself");
        return 0;
    }
"#;

#[test]
fn only_the_program_itself_speaks() {
    let folder = folder();
    let small = library(folder.path(), "small", "", &["-nostdlib"]);
    let family = program(folder.path(), "family", FAMILY);
    let launched = run(Command::new(family).arg("first").arg(small));
    let expected = [
        "forked opened",
        "forked twice opened",
        "another program opened",
        "another program opened",
        "another program opened",
        "another program opened",
        "itself opened",
    ];
    assert_eq!(launched.text().lines().collect::<Vec<_>>(), expected);
    let [_, _, Seen::Main, Seen::Load(loaded), Seen::Unload(gone)] = &launched.seen[..] else {
        panic!("{:?}", launched.seen);
    };
    assert_eq!(loaded, gone);
}

/// Another program takes the place of the one that was launched: the agent is gone, the process is not.
#[test]
fn another_program_in_the_same_process_is_not_watched() {
    let mut monitor = Monitor::new();
    let mut child = launch(Command::new("sh").args(["-c", "exec cat"]), &[&monitor]);
    let input = child.stdin();
    let seen = monitor.all();
    assert_eq!(seen.iter().filter(|seen| **seen == Seen::Main).count(), 1);
    assert_eq!(
        seen.iter()
            .filter(|seen| matches!(seen, Seen::Load(_)))
            .count(),
        1
    );
    // It waits for input.
    assert!(std::fs::read_link(format!("/proc/{}/exe", child.id())).is_ok());
    drop(input);
    assert!(child.wait().success());
}

#[test]
fn a_program_that_is_killed_is_gone() {
    let mut monitor = Monitor::new();
    let child = launch(&mut Command::new("cat"), &[&monitor]);
    monitor.until(|seen| matches!(seen, Seen::Load(_)));
    // SAFETY: the process is this test's child, and has not been waited for.
    assert_eq!(unsafe { libc::kill(child.id(), libc::SIGKILL) }, 0);
    assert_eq!(monitor.see(), Seen::Gone);
    child.wait();
}

/// A static program loads no agent. The dynamic one that it starts does, for both have the same variables and descriptors: but
/// it is not whom the launcher meant, and the agent leaves.
#[test]
fn a_dynamic_child_of_a_static_program_does_not_speak() {
    const STARTS: &str = r#"
        #include <sys/wait.h>
        #include <unistd.h>
        int main(int count, char **arguments) {
            int status;
            if (!fork()) execv(arguments[1], arguments + 1);
            wait(&status);
            return status != 0;
        }
    "#;
    let folder = folder();
    let starts = program_with(folder.path(), "starts", STARTS, &["-static"]);
    let state = program(folder.path(), "state", crate::undisturbed::STATE);
    let command = || {
        let mut command = Command::new(&starts);
        command.arg(&state).env("OWN", "value");
        command
    };
    let launched = run(&mut command());
    assert_eq!(launched.seen, []);
    let told = String::from_utf8_lossy(&launched.output.stdout);
    assert!(told.contains("variable: OWN=value\n"), "{told}");
    assert_eq!(
        told,
        String::from_utf8_lossy(&plainly(&mut command()).stdout)
    );
}

/// A program with other rights than its user's: the loader obeys no `LD_AUDIT`.
#[test]
fn a_program_with_rights_of_its_own_is_not_watched() {
    let folder = folder();
    let program = program(folder.path(), "nothing", "int main(void) { return 0; }");
    // SAFETY: takes nothing.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("not tested: a program with the set-user-id bit, which takes root");
        return;
    }
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o4755)).unwrap();
    let mut command = Command::new(program);
    std::os::unix::process::CommandExt::uid(&mut command, 2345);
    let launched = run(&mut command);
    launched.text();
    assert_eq!(launched.seen, []);
}

/// Go's programs do not begin in the C library's `main`, so that is not told; the rest is.
#[test]
fn a_program_in_go_is_told_without_main() {
    let folder = folder();
    let source = "package main\nimport (\"fmt\"; \"os/user\")\nfunc main() { user.Current(); fmt.Println(\"ran\") }";
    std::fs::write(folder.path().join("main.go"), source).unwrap();
    let built = Command::new("go")
        .args(["build", "-o", "ran", "main.go"])
        .current_dir(folder.path())
        .env("CGO_ENABLED", "1")
        .env("HOME", folder.path())
        .env("GOFLAGS", "-mod=mod")
        .output();
    if !built.is_ok_and(|built| built.status.success()) {
        eprintln!("not tested: a program in Go, whose compiler is not here");
        return;
    }
    let launched = run(&mut Command::new(folder.path().join("ran")));
    assert_eq!(launched.text(), "ran\n");
    if launched.seen.is_empty() {
        eprintln!("not tested: Go's compiler made a static program");
        return;
    }
    assert!(launched.seen[1].loads("libc.so.6"));
    assert!(
        launched
            .seen
            .iter()
            .flat_map(Seen::loaded)
            .all(|image: &Shown| image.namespace == 0)
    );
}
