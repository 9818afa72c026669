//! Programs that make it hard for an agent: it gives up where it must, and the program does not notice.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::harness::{Launched, Monitor, Seen, folder, launch, library, program, run};

const SMALL: &str = "int value;";

/// A program of which only `main`'s body is told; it opens and closes a library with `use()`.
fn source(body: &str) -> String {
    format!(
        r#"
        #include <dlfcn.h>
        #include <errno.h>
        #include <fcntl.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <pthread.h>
        #include <signal.h>
        #include <stddef.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <unistd.h>
        static char *path;
        static void use(void) {{
            void *library = dlopen(path, RTLD_NOW);
            if (!library) {{ puts(dlerror()); exit(9); }}
            dlclose(library);
        }}
        {body}
        "#
    )
}

fn with_library(body: &str) -> (tempfile::TempDir, Command) {
    let folder = folder();
    let small = library(folder.path(), "small", SMALL, &[]);
    let program = program(folder.path(), "hostile", &source(body));
    let mut command = Command::new(program);
    command.arg(small);
    (folder, command)
}

fn ran(body: &str) -> Launched {
    let (_folder, mut command) = with_library(body);
    run(&mut command)
}

/// How often the library was told to have come and gone.
fn turns(launched: &Launched) -> usize {
    let seen = &launched.seen;
    let loads = seen.iter().filter(|seen| seen.loads("libsmall.so")).count();
    let unloads = seen
        .iter()
        .filter(|seen| seen.unloads("libsmall.so"))
        .count();
    assert_eq!(loads, unloads, "{seen:?}");
    loads
}

#[test]
fn descriptors_that_are_closed_are_not_used() {
    let launched = ran("int main(int count, char **arguments) {
            path = arguments[1];
            use();
            syscall(SYS_close_range, 3, ~0U, 0);
            use();
            return 0;
        }");
    launched.text();
    assert_eq!(turns(&launched), 1);
}

#[test]
fn what_has_got_a_number_of_the_agents_is_not_touched() {
    let launched = ran("int main(int count, char **arguments) {
            path = arguments[1];
            int ends[2];
            socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends);
            int replaced = 0;
            for (int fd = ends[1] + 1; fd < 1024; fd++)
                if (fcntl(fd, F_GETFD) >= 0) { dup2(ends[0], fd); replaced++; }
            use();
            char byte;
            ssize_t came = recv(ends[1], &byte, 1, MSG_DONTWAIT);
            printf(\"%d %zd %d\\n\", replaced > 1, came, errno == EAGAIN);
            for (int fd = ends[1] + 1; fd < 1024; fd++)
                if (fcntl(fd, F_GETFD) >= 0) replaced--;
            printf(\"%d\\n\", replaced);
            return 0;
        }");
    assert_eq!(launched.text(), "1 -1 1\n0\n");
    assert_eq!(turns(&launched), 0);
}

#[test]
fn a_low_limit_of_descriptors() {
    for limit in [8, 12, 40] {
        let (_folder, mut command) = with_library(
            "int main(int count, char **arguments) {
                path = arguments[1];
                use();
                puts(\"through\");
                return 0;
            }",
        );
        // SAFETY: a system call only.
        unsafe {
            command.pre_exec(move || {
                let limit = libc::rlimit {
                    rlim_cur: limit,
                    rlim_max: limit,
                };
                // Descriptors that are open stay so.
                libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
                Ok(())
            })
        };
        let launched = run(&mut command);
        assert_eq!(launched.text(), "through\n");
        assert_eq!(turns(&launched), 1, "{limit}: {:?}", launched.seen);
    }
}

/// A filter that does something with some system calls.
fn filtered(action: &str, calls: &[&str]) -> Launched {
    let calls: Vec<String> = calls
        .iter()
        .map(|call| {
            format!(
                "BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_{call}, 0, 1), BPF_STMT(BPF_RET | BPF_K, {action}),"
            )
        })
        .collect();
    ran(&format!(
        "int main(int count, char **arguments) {{
            path = arguments[1];
            struct sock_filter filter[] = {{
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                {}
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
            }};
            struct sock_fprog program = {{sizeof filter / sizeof *filter, filter}};
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 8;
            use();
            puts(\"through\");
            return 0;
        }}",
        calls.concat()
    ))
}

#[test]
fn a_filter_that_kills_for_making_sockets_and_passing_descriptors() {
    let launched = filtered(
        "SECCOMP_RET_KILL_PROCESS",
        &[
            "socketpair",
            "socket",
            "sendmsg",
            "connect",
            "prlimit64",
            "readlinkat",
            "getppid",
        ],
    );
    assert_eq!(launched.text(), "through\n");
    assert_eq!(turns(&launched), 1);
}

#[test]
fn a_filter_that_refuses_what_the_agent_needs() {
    for call in [
        "sendto",
        "recvmsg",
        "ppoll",
        "getsockopt",
        "clock_gettime",
        "rt_sigprocmask",
    ] {
        let launched = filtered("SECCOMP_RET_ERRNO | EPERM", &[call]);
        assert_eq!(launched.text(), "through\n", "{call}");
    }
}

/// Nothing but reading, writing and ending: the agent has nothing to say at the end.
#[test]
fn the_strictest_filter() {
    let launched = ran("int main(int count, char **arguments) {
            path = arguments[1];
            use();
            write(1, \"through\\n\", 8);
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) return 8;
            // As exit does at its end, but for the call that ends all threads.
            syscall(SYS_exit, 0);
        }");
    assert_eq!(launched.text(), "through\n");
    assert_eq!(turns(&launched), 1);
}

#[test]
fn a_thread_that_is_to_be_cancelled_goes_on_until_it_may_be() {
    let launched = ran("static void *thread(void *unused) {
            pthread_cancel(pthread_self());
            use();
            int old;
            pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
            puts(\"goes on\");
            pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
            pthread_testcancel();
            puts(\"never\");
            return 0;
        }
        int main(int count, char **arguments) {
            path = arguments[1];
            pthread_t other;
            void *result;
            pthread_create(&other, 0, thread, 0);
            pthread_join(other, &result);
            puts(result == PTHREAD_CANCELED ? \"cancelled\" : \"not cancelled\");
            use();
            return 0;
        }");
    assert_eq!(launched.text(), "goes on\ncancelled\n");
    assert_eq!(turns(&launched), 2);
}

/// Signals come when the wait is over, and none is lost.
#[test]
fn signals_wait_until_the_exchange_is_over() {
    let (_folder, mut command) = with_library(
        "static volatile int ticks;
        static void tick(int signal) { ticks++; }
        int main(int count, char **arguments) {
            path = arguments[1];
            signal(SIGUSR1, tick);
            struct itimerval timer = {{0, 1000}, {0, 1000}};
            signal(SIGALRM, tick);
            setitimer(ITIMER_REAL, &timer, 0);
            for (int turn = 0; turn < 20; turn++) use();
            while (ticks < 5);
            memset(&timer, 0, sizeof timer);
            setitimer(ITIMER_REAL, &timer, 0);
            sigset_t mask;
            sigprocmask(SIG_BLOCK, 0, &mask);
            printf(\"%d\\n\", sigismember(&mask, SIGUSR1));
            return 0;
        }",
    );
    let mut monitor = Monitor::new();
    let child = launch(&mut command, &[&monitor]);
    let mut told = 0;
    loop {
        let seen = monitor.see();
        if seen == Seen::Gone {
            break;
        }
        if seen.loads("libsmall.so") {
            told += 1;
            // Some come while it waits.
            assert!(crate::order::is_waiting(child.id()));
            // SAFETY: the process is this test's child.
            unsafe { libc::kill(child.id(), libc::SIGUSR1) };
            let all = signals(child.id(), "SigBlk");
            for signal in [libc::SIGUSR1, libc::SIGALRM, libc::SIGTERM] {
                assert_ne!(all & 1 << (signal - 1), 0, "{signal}: {all:x}");
            }
            assert_ne!(signals(child.id(), "ShdPnd") & 1 << (libc::SIGUSR1 - 1), 0);
        }
        monitor.answer();
    }
    let output = child.output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "0\n", "{output:?}");
    assert_eq!(told, 20);
}

/// A set of signals of a process, by its name in the process's status.
fn signals(pid: i32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a process");
    let mut sets = status.lines().filter_map(|line| line.strip_prefix(name));
    let set = sets.next().expect("a set").trim_matches([':', '\t']);
    u64::from_str_radix(set, 16).expect("a number")
}

#[test]
fn the_smallest_stacks_there_are() {
    let launched = ran("static void *thread(void *unused) { use(); return 0; }
        int main(int count, char **arguments) {
            path = arguments[1];
            pthread_attr_t attributes;
            pthread_attr_init(&attributes);
            // Other processors have larger ones.
            if (pthread_attr_setstacksize(&attributes, 16384) && pthread_attr_setstacksize(&attributes, 131072)) return 7;
            for (int turn = 0; turn < 4; turn++) {
                pthread_t other;
                if (pthread_create(&other, &attributes, thread, 0)) return 6;
                pthread_join(other, 0);
            }
            puts(\"through\");
            return 0;
        }");
    assert_eq!(launched.text(), "through\n");
    assert_eq!(turns(&launched), 4);
}

#[test]
fn threads_that_load_at_once() {
    let launched = ran(
        "static void *thread(void *unused) { for (int turn = 0; turn < 50; turn++) use(); return 0; }
        int main(int count, char **arguments) {
            path = arguments[1];
            pthread_t others[4];
            for (int index = 0; index < 4; index++) pthread_create(&others[index], 0, thread, 0);
            for (int index = 0; index < 4; index++) pthread_join(others[index], 0);
            puts(\"through\");
            return 0;
        }",
    );
    assert_eq!(launched.text(), "through\n");
    assert!(turns(&launched) > 0);
    let mut there = false;
    // The library comes and goes by turns, whoever has it open at the time.
    for seen in &launched.seen[3..] {
        assert!(if there {
            seen.unloads("libsmall.so")
        } else {
            seen.loads("libsmall.so")
        });
        there = !there;
    }
}

/// The process ends while another thread waits for the monitor: neither waits for the other.
#[test]
fn an_end_while_another_thread_loads() {
    let (_folder, given) = with_library(
        "static void *thread(void *unused) { for (;;) use(); }
        int main(int count, char **arguments) {
            path = arguments[1];
            pthread_t other;
            pthread_create(&other, 0, thread, 0);
            char byte;
            read(0, &byte, 1);
            _exit(5);
        }",
    );
    for turns in 1..6 {
        let mut command = Command::new(given.get_program());
        command.args(given.get_args());
        let mut monitor = Monitor::new();
        let mut child = launch(&mut command, &[&monitor]);
        for _ in 0..turns {
            monitor.answer();
            monitor.until(|seen| seen.loads("libsmall.so"));
        }
        // It is not answered, and the process ends all the same.
        drop(child.stdin());
        assert_eq!(monitor.see(), Seen::Gone);
        assert_eq!(child.wait().code(), Some(5));
    }
}

/// The loader ends the process in order, and waits for the thread that loads; that waits for the monitor, and not for ever.
#[test]
fn an_orderly_end_while_another_thread_waits() {
    let (_folder, mut command) = with_library(
        "static void *thread(void *unused) { use(); for (;;) pause(); }
        int main(int count, char **arguments) {
            path = arguments[1];
            pthread_t other;
            pthread_create(&other, 0, thread, 0);
            char byte;
            read(0, &byte, 1);
            exit(5);
        }",
    );
    let mut monitor = Monitor::with_deadline(std::time::Duration::from_millis(200));
    let mut child = launch(&mut command, &[&monitor]);
    monitor.until(|seen| seen.loads("libsmall.so"));
    drop(child.stdin());
    // No answer.
    assert_eq!(monitor.see(), Seen::Gone);
    assert_eq!(child.wait().code(), Some(5));
}

/// Handlers at the end open and close libraries still; when the loader itself ends, nothing more is told.
#[test]
fn what_handlers_load_at_the_end_is_told_and_the_end_is_not() {
    let launched = ran("int main(int count, char **arguments) {
            path = arguments[1];
            dlopen(path, RTLD_NOW);
            atexit(use);
            return 0;
        }");
    launched.text();
    let events = &launched.seen[3..];
    assert!(matches!(events, [Seen::Load(_)]), "{events:?}");
}
