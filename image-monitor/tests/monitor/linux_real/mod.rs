//! Programs with the agent of this system in them.

mod deciding;
mod ends;
mod images;
mod launchers;
mod left;
mod many;
mod packages;
mod refused;
mod undisturbed;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use image_monitor::ImageMonitor;
use launcher::{Child, Launcher, Stdio};
use tempfile::TempDir;

use crate::linux_programs::{Compiled, compiled};

/// A program that loads and unloads as its input says, and says when it has.
const LOADER: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) {
    char line[4096];
    void *handle = 0;
    setvbuf(stdout, 0, _IOLBF, 0);
    puts("main");
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        if (!strncmp(line, "load ", 5)) {
            handle = dlopen(line + 5, RTLD_NOW);
            puts(handle ? "loaded" : dlerror());
        } else if (!strcmp(line, "unload")) {
            puts(dlclose(handle) ? dlerror() : "unloaded");
        } else if (!strncmp(line, "again ", 6)) {
            char *path = strchr(line + 6, ' ') + 1;
            for (int round = atoi(line + 6); round > 0; round--)
                dlclose(dlopen(path, RTLD_NOW));
            puts("done");
        } else if (!strncmp(line, "where ", 6)) {
            printf("%p\n", dlsym(handle, line + 6));
        } else if (!strncmp(line, "exec ", 5)) {
            execl(line + 5, line + 5, "600", (char *)0);
        }
    }
    return 0;
}
"#;

/// A library whose constructor and destructor leave files behind.
const LIBRARY: &str = r#"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((constructor)) static void begin(void) { close(open(getenv("CONSTRUCTED"), O_CREAT | O_WRONLY, 0600)); }
__attribute__((destructor)) static void end(void) { close(open(getenv("DESTRUCTED"), O_CREAT | O_WRONLY, 0600)); }
int some_function(int x) { return x + 1; }
"#;

/// The program, a library for it, and the files that say what has run.
pub(crate) struct Stage {
    program: Compiled,
    library: Compiled,
    folder: TempDir,
}

impl Stage {
    /// `None`, and a line that says so, without a C compiler.
    pub(crate) fn new() -> Option<Self> {
        Some(Self {
            program: compiled(LOADER, &[])?,
            library: compiled(LIBRARY, &["-shared", "-fPIC"])?,
            folder: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn library(&self) -> &Path {
        self.library.path()
    }

    pub(crate) fn constructed(&self) -> PathBuf {
        self.folder.path().join("constructed")
    }

    pub(crate) fn destructed(&self) -> PathBuf {
        self.folder.path().join("destructed")
    }

    /// The program under these.
    pub(crate) fn launch(&self, monitors: &[&ImageMonitor]) -> Loader {
        let mut launcher = Launcher::new(self.program.path());
        for monitor in monitors {
            launcher.image_monitor(monitor);
        }
        let mut child = launcher
            .env("CONSTRUCTED", self.constructed())
            .env("DESTRUCTED", self.destructed())
            .stdin(Stdio::Pipe)
            .stdout(Stdio::Pipe)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Loader {
            answers: BufReader::new(child.stdout.take().unwrap()),
            commands: child.stdin.take().unwrap(),
            child,
        }
    }
}

/// The program at work.
pub(crate) struct Loader {
    pub(crate) child: Child,
    answers: BufReader<std::io::PipeReader>,
    commands: std::io::PipeWriter,
}

impl Loader {
    pub(crate) fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }

    pub(crate) fn hear(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim_end().to_owned()
    }

    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.hear()
    }

    pub(crate) fn load(&mut self, path: &Path) {
        assert_eq!(self.ask(&format!("load {}", path.display())), "loaded");
    }
}

/// Whether this machine has the program.
pub(crate) fn is_there(program: &str) -> bool {
    Command::new("which")
        .arg(program)
        .output()
        .is_ok_and(|output| output.status.success())
}
