//! What a program sees of the agent: nothing.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use crate::harness::{
    Monitor, Seen, folder, launch_with, library, plainly, program, program_with, run,
};

/// Tells all that the program can see of how it was started.
pub(crate) const STATE: &str = r#"
    #include <elf.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <signal.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <sys/auxv.h>
    #include <sys/resource.h>
    #include <unistd.h>
    extern char **environ;
    int main(int count, char **arguments) {
        printf("errno: %d\n", errno);
        for (int index = 0; index < count; index++) printf("argument: %s\n", arguments[index]);
        char **variable = environ;
        for (; *variable; variable++) printf("variable: %s\n", *variable);
        // What the C library found, and what stands behind the environment.
        Elf64_auxv_t *entry = (void *)(variable + 1);
        for (; entry->a_type != AT_NULL; entry++) {
            if (entry->a_type == AT_IGNORE) continue;
            printf("auxiliary: %lu", entry->a_type);
            switch (entry->a_type) {
                case AT_PHENT: case AT_PHNUM: case AT_PAGESZ: case AT_UID: case AT_EUID: case AT_GID: case AT_EGID:
                case AT_SECURE: case AT_CLKTCK: case AT_HWCAP: case AT_FLAGS:
                    printf(" %lu", entry->a_un.a_val);
            }
            printf(" %d\n", getauxval(entry->a_type) == entry->a_un.a_val);
        }
        sigset_t mask;
        sigprocmask(SIG_BLOCK, 0, &mask);
        printf("signals:");
        for (int signal = 1; signal < 65; signal++) {
            struct sigaction action;
            sigaction(signal, 0, &action);
            printf(" %d%d", sigismember(&mask, signal), action.sa_handler == SIG_DFL);
        }
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        printf("\nlimit: %lu\n", limit.rlim_cur);
        // Below those that nobody counts up to.
        int last = limit.rlim_cur < 1024 ? limit.rlim_cur - 16 : 1008;
        printf("descriptors:");
        for (int fd = 0; fd < last; fd++) if (fcntl(fd, F_GETFD) >= 0) printf(" %d", fd);
        printf("\nnext: %d %d\n", dup(0), open("/dev/null", O_RDONLY));
        int stray = 0;
        for (int fd = last; fd < limit.rlim_cur && fd < 4096; fd++) {
            int flags = fcntl(fd, F_GETFD);
            if (flags >= 0 && !(flags & FD_CLOEXEC)) stray++;
        }
        printf("inherited by others: %d\n", stray);
        printf("library path: %d\n", getenv("LD_AUDIT") != 0);
        return 3;
    }
"#;

fn same(command: impl Fn() -> Command) -> String {
    let plain = plainly(&mut command());
    let launched = run(&mut command());
    assert_eq!(text(&launched.output), text(&plain));
    assert!(launched.seen.contains(&Seen::Main), "{:?}", launched.seen);
    text(&plain)
}

fn text(output: &Output) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = output;
    let [stdout, stderr] = [stdout, stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{stdout}{stderr}{status}")
}

#[test]
fn a_program_is_started_as_without() {
    let folder = folder();
    let state = program(folder.path(), "state", STATE);
    let told = same(|| {
        let mut command = Command::new(&state);
        command
            .args(["one", "two"])
            .env("A", "first")
            .env("Z", "last");
        command
    });
    assert!(
        told.contains("variable: A=first\n") && told.contains("exit status: 3"),
        "{told}"
    );
    assert!(told.contains("auxiliary: 6 4096 1\n") && told.contains("inherited by others: 0"));
    // With few variables, and none.
    for variables in [&["ONE=1"][..], &["ONE=1", "TWO=2"], &[]] {
        same(|| {
            let mut command = Command::new(&state);
            command.env_clear();
            command.envs(
                variables
                    .iter()
                    .filter_map(|variable| variable.split_once('=')),
            );
            command
        });
    }
}

#[test]
fn an_auditor_and_tunables_of_the_users_own_are_obeyed_and_seen() {
    const OWN: &str = r#"
        #include <unistd.h>
        unsigned la_version(unsigned version) { write(1, "own auditor\n", 12); return version; }
    "#;
    let folder = folder();
    let own = library(folder.path(), "own", OWN, &[]);
    let other = library(
        folder.path(),
        "other",
        &OWN.replace("own auditor", "too auditor"),
        &[],
    );
    let state = program(folder.path(), "state", STATE);
    let audits = [
        None,
        Some(own.display().to_string()),
        Some(format!("{}:{}", own.display(), other.display())),
        Some(String::new()),
    ];
    let tunables = [
        None,
        Some("glibc.malloc.perturb=7"),
        Some("glibc.rtld.optional_static_tls=600:glibc.malloc.perturb=7"),
    ];
    for audit in &audits {
        for tunables in tunables {
            let told = same(|| {
                let mut command = Command::new(&state);
                command.env_clear().env("BEFORE", "1").env("Z", "2");
                command.envs(audit.iter().map(|value| ("LD_AUDIT", value)));
                command.envs(tunables.map(|value| ("GLIBC_TUNABLES", value)));
                command
            });
            if let Some(audit) = audit {
                assert!(
                    told.contains(&format!("variable: LD_AUDIT={audit}\n")),
                    "{told}"
                );
                assert_eq!(told.contains("own auditor\n"), !audit.is_empty(), "{told}");
                assert_eq!(
                    told.contains("too auditor\n"),
                    audit.contains(':'),
                    "{told}"
                );
            }
            if let Some(tunables) = tunables {
                assert!(
                    told.contains(&format!("variable: GLIBC_TUNABLES={tunables}\n")),
                    "{told}"
                );
            }
        }
    }
}

/// Nobody else sees it either: `/proc` shows the memory in which the kernel put the environment. (The C library has a copy made of
/// its tunables, so their first place is not known any more.)
#[test]
fn the_environment_that_others_see_has_nothing_of_it() {
    let launched = run(Command::new("cat")
        .arg("/proc/self/environ")
        .env("OWN", "value"));
    let text = launched.text();
    for name in ["LD_AUDIT", "MACH_RENDEZVOUS", "/proc/self/fd"] {
        assert!(!text.contains(name), "{name}: {text:?}");
    }
    assert!(text.contains("OWN=value"));
}

/// Programs of every kind, as far as they are on the machine.
const PROGRAMS: [&[&str]; 39] = [
    &["ls", "/"],
    &["cat", "/etc/passwd"],
    &[
        "bash",
        "-c",
        "echo $((6 * 7)); ls /proc/self/fd | head -4; exit 4",
    ],
    &["sh", "-c", "env | sort | head -50; echo a | cat; exit 5"],
    &["env"],
    &[
        "python3",
        "-c",
        "import os, json, ssl, sqlite3, ctypes, decimal; print(sorted(os.environ), json.dumps([1])); os._exit(6)",
    ],
    &[
        "perl",
        "-MPOSIX",
        "-e",
        "print join(',', sort keys %ENV), floor(2.5); exit 7",
    ],
    &["awk", "BEGIN { print sin(1) }"],
    &["sed", "-n", "1p", "/etc/passwd"],
    &["grep", "-c", "root", "/etc/passwd"],
    &["find", "/etc/passwd", "-printf", "%s %m\\n"],
    &["sort", "/etc/passwd"],
    &["tar", "--version"],
    &["gzip", "--version"],
    &["git", "--version"],
    &["gcc", "--version"],
    &["cc", "-x", "c", "-E", "/dev/null"],
    &["ld", "--version"],
    &["readelf", "-h", "/bin/sh"],
    &["make", "--version"],
    &["date", "-u", "-d", "@0"],
    &["id"],
    &["uname", "-s"],
    &["md5sum", "/etc/passwd"],
    &["sha256sum", "/etc/passwd"],
    &["stat", "-c", "%s", "/etc/passwd"],
    &["xargs", "-a", "/etc/hostname", "echo"],
    &["od", "-c", "/etc/hostname"],
    &["tr", "a", "b"],
    &["wc", "/etc/passwd"],
    &["expr", "1", "+", "1"],
    &["false"],
    &["timeout", "20", "sh", "-c", "kill -TERM $$"],
    &["nice", "echo", "1"],
    &["openssl", "version"],
    &["curl", "--version"],
    &["ldd", "/bin/sh"],
    &["dd", "if=/etc/passwd", "bs=64", "count=1", "status=none"],
    &["getconf", "PAGESIZE"],
];

fn is_here(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

#[test]
fn twenty_programs_do_the_same() {
    let mut ran = BTreeSet::new();
    for arguments in PROGRAMS {
        let [name, rest @ ..] = arguments else {
            continue;
        };
        if !is_here(name) {
            eprintln!("not tested: {name} is not here");
            continue;
        }
        let command = || {
            let mut command = Command::new(name);
            // With a variable that is set they are all in the same order.
            command.args(rest).env("WATCHED", "perhaps");
            command
        };
        let plain = plainly(&mut command());
        let launched = run(&mut command());
        // Where a library lies is another place each time.
        let told = |output| match *name {
            "ldd" => text(output)
                .lines()
                .filter_map(|line| line.split('(').next().map(str::to_owned))
                .collect(),
            _ => text(output),
        };
        assert_eq!(told(&launched.output), told(&plain), "{arguments:?}");
        ran.insert(*name);
    }
    assert!(ran.len() >= 20, "{ran:?}");
}

/// Functions that are bound at their first call are called without a detour from then on, as without an agent.
#[test]
fn calls_of_libraries_go_straight_to_their_functions() {
    const CALLS: &str = r#"
        #include <dlfcn.h>
        #include <elf.h>
        #include <link.h>
        #include <stdio.h>
        #include <string.h>
        int value(void);
        int main(void) {
            int sum = value() + value();
            Elf64_Rela *relocations = 0;
            Elf64_Sym *symbols = 0;
            const char *names = 0;
            unsigned long bytes = 0;
            for (Elf64_Dyn *entry = _r_debug.r_map->l_ld; entry->d_tag != DT_NULL; entry++) {
                if (entry->d_tag == DT_JMPREL) relocations = (void *)entry->d_un.d_ptr;
                if (entry->d_tag == DT_PLTRELSZ) bytes = entry->d_un.d_val;
                if (entry->d_tag == DT_SYMTAB) symbols = (void *)entry->d_un.d_ptr;
                if (entry->d_tag == DT_STRTAB) names = (void *)entry->d_un.d_ptr;
            }
            for (unsigned long index = 0; index < bytes / sizeof *relocations; index++) {
                Elf64_Rela *one = &relocations[index];
                if (strcmp(names + symbols[ELF64_R_SYM(one->r_info)].st_name, "value")) continue;
                void **place = (void **)(_r_debug.r_map->l_addr + one->r_offset);
                printf("%d %d\n", sum, *place == dlsym(RTLD_DEFAULT, "value"));
            }
            return 0;
        }
    "#;
    let folder = folder();
    let value = library(folder.path(), "value", "int value(void) { return 4; }", &[]);
    let path = format!("-Wl,-rpath,{}", folder.path().display());
    let options = [value.to_str().unwrap(), &path, "-fplt", "-Wl,-z,lazy"];
    let calls = program_with(folder.path(), "calls", CALLS, &options);
    let told = same(|| Command::new(&calls));
    assert_eq!(told, "8 1\nexit status: 0");
}

/// Libraries with thread-local storage of the old model need room that the loader has laid out before it knew of them.
#[test]
fn a_library_with_static_thread_local_storage_starts() {
    let folder = folder();
    let build = |name: &str, bytes: usize| {
        let source = format!(
            "__thread char store[{bytes}] __attribute__((tls_model(\"initial-exec\")));\nchar *storage(void) {{ return store; }}"
        );
        let storage = library(folder.path(), name, &source, &["-ftls-model=initial-exec"]);
        let path = format!("-Wl,-rpath,{}", folder.path().display());
        let source = "char *storage(void); int main(void) { return storage()[1]; }";
        let options = [storage.to_str().unwrap(), &path];
        program_with(folder.path(), &format!("uses-{name}"), source, &options)
    };
    let small = build("small", 2000);
    assert!(run(&mut Command::new(small)).seen.contains(&Seen::Main));

    // One that is too large does not start: the loader says so itself. With as much as it needs it does.
    let large = build("large", 100_000);
    let launched = run(&mut Command::new(&large));
    let said = String::from_utf8_lossy(&launched.output.stderr);
    assert!(said.contains("static TLS"), "{said}");
    assert_eq!(launched.output.status.code(), Some(127));
    // It was there, and never came to the first message about images.
    assert!(
        matches!(launched.seen[..], [Seen::Hello(_)]),
        "{:?}",
        launched.seen
    );
    let mut monitor = Monitor::new();
    let child = launch_with(&mut Command::new(large), &[&monitor], 110_000);
    assert!(monitor.all().contains(&Seen::Main));
    assert!(child.wait().success());
}
