//! What it costs a process to be watched: as it starts, for each library, and for each that comes and goes.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use launcher::Launcher;

use crate::groups::watched::{self, monitors};
use crate::harness::peer::Role;
use crate::harness::rounds::race;
use crate::harness::series::Race;
use crate::harness::{Contender, Counts};
use crate::{Result, sys};

const RELOADS: &str = "reloads";

/// How often the library comes and goes in one turn.
const TIMES: u32 = 100;

/// Monitors that each contender has.
const MONITORS: [(&str, usize); 3] = [
    ("not watched", 0),
    ("one monitor", 1),
    ("eight monitors", 8),
];

/// Launches of a program that does nothing, until its end.
pub(super) fn launches() -> Vec<Contender> {
    let contender =
        |(name, count)| Contender::timing(name, [], 1, move || launch(count, OsStr::new("")));
    MONITORS.map(contender).into()
}

/// The same of one that has more libraries than that, all told in one message.
pub(super) fn crowded_launches(counts: &Counts) -> Result<Vec<Race>> {
    let level = |further: &usize| {
        let copies = Copies::new(*further)?;
        let contender = |(name, count)| {
            let list = copies.list();
            Contender::timing(name, [], 1, move || launch(count, &list))
        };
        let mut contenders = [MONITORS[0], MONITORS[1]].map(contender);
        Ok(Race {
            level: Some(*further as u64),
            series: race(&mut contenders, counts.launches)?,
        })
    };
    sys::FURTHER_LIBRARIES.iter().map(level).collect()
}

/// Copies of a library, each of which is one of its own to the loader. They go with the value.
struct Copies {
    folder: PathBuf,
    count: usize,
}

impl Copies {
    fn new(count: usize) -> Result<Self> {
        let name = format!("mach-rendezvous-benches-{}-{count}", std::process::id());
        let copies = Self {
            folder: std::env::temp_dir().join(name),
            count,
        };
        std::fs::create_dir(&copies.folder)?;
        for path in copies.paths() {
            std::fs::copy(sys::library_file()?, path)?;
        }
        Ok(copies)
    }

    fn paths(&self) -> impl Iterator<Item = PathBuf> {
        (0..self.count).map(|number| self.folder.join(format!("{number}.so")))
    }

    /// As the loader takes a list of what it is to load first.
    fn list(&self) -> OsString {
        let mut list = OsString::new();
        for path in self.paths() {
            list.push(path);
            list.push(":");
        }
        list
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // It is in the folder for what nobody needs any more.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn launch(count: usize, further: &OsStr) -> Result<Duration> {
    let monitors = monitors(count)?;
    let begun = Instant::now();
    let mut launcher = Launcher::new(sys::TRUE);
    if !further.is_empty() {
        launcher.env("LD_PRELOAD", further);
    }
    for monitor in &monitors {
        launcher.image_monitor(monitor);
    }
    let child = launcher.spawn()?;
    let status = child.wait()?;
    let taken = begun.elapsed();
    if status.success() {
        Ok(taken)
    } else {
        Err(format!("the child has ended with {status}").into())
    }
}

/// A library that comes and goes: two messages.
pub(super) fn reloads() -> Result<Vec<Contender>> {
    MONITORS
        .map(|(name, count)| watched::contender(RELOADS, name, count, TIMES))
        .into_iter()
        .collect()
}

pub(super) fn serve(role: &Role) -> Option<Result<()>> {
    (role.name == RELOADS).then(|| watched::work(TIMES, reload))
}

/// Has the library come and go.
fn reload() -> Result<()> {
    // SAFETY: it is a library of the system's, and nothing of it is used.
    let failed = unsafe {
        let library = libc::dlopen(sys::LIBRARY.as_ptr(), libc::RTLD_NOW);
        library.is_null() || libc::dlclose(library) != 0
    };
    if failed {
        return Err("the library does not load".into());
    }
    Ok(())
}
