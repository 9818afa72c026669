//! The other process: this program again.

use std::env;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::OnceLock;

use launcher::{Child, Launcher};

use crate::Result;

/// The first argument of a process that has a role.
pub(crate) const PEER: &str = "peer";

/// What a process is to do, with an argument for those roles that have one.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) argument: String,
}

impl Role {
    /// The argument, which is a number.
    pub(crate) fn number(&self) -> Result<usize> {
        Ok(self.argument.parse()?)
    }
}

/// The role of this process, if a benchmark has started it.
pub(crate) fn role() -> Option<Role> {
    let mut arguments = env::args().skip(1);
    (arguments.next()? == PEER).then(|| Role {
        name: arguments.next().unwrap_or_default(),
        argument: arguments.next().unwrap_or_default(),
    })
}

/// This program. It is looked for once: a launch that is measured has not to do that.
pub(crate) fn program() -> Result<&'static Path> {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    if PROGRAM.get().is_none() {
        let _ = PROGRAM.set(env::current_exe()?);
    }
    Ok(PROGRAM.get().ok_or("this program has no path")?)
}

/// This program again, in a role.
pub(crate) fn again(role: &str) -> Result<Launcher> {
    let mut launcher = Launcher::new(program()?);
    launcher.args([PEER, role]);
    Ok(launcher)
}

/// A process that does its part until it is dropped.
#[derive(Debug)]
pub(crate) struct Peer(Process);

#[derive(Debug)]
enum Process {
    /// One of the launcher, which ends it.
    Launched(Child),
    /// One of the standard library.
    Spawned(process::Child),
}

impl Peer {
    /// Starts it with what `give` gives it.
    pub(crate) fn start(role: &str, give: impl FnOnce(&mut Launcher)) -> Result<Self> {
        let mut launcher = again(role)?;
        give(&mut launcher);
        Self::launch(launcher)
    }

    /// Starts what the launcher describes.
    pub(crate) fn launch(mut launcher: Launcher) -> Result<Self> {
        let child = launcher.kill_on_drop(true).spawn()?;
        Ok(Self(Process::Launched(child)))
    }

    /// Its process id.
    pub(crate) fn id(&self) -> i32 {
        match &self.0 {
            Process::Launched(child) => child.id(),
            Process::Spawned(child) => child.id().cast_signed(),
        }
    }

    /// Waits for the end of one that ends by itself, which must be a success.
    pub(crate) fn succeeded(mut self) -> Result<()> {
        let status = match &mut self.0 {
            Process::Launched(child) => child.wait()?,
            Process::Spawned(child) => child.wait()?,
        };
        if status.success() {
            Ok(())
        } else {
            Err(format!("the other process has ended with {status}").into())
        }
    }
}

impl From<process::Child> for Peer {
    fn from(child: process::Child) -> Self {
        Self(Process::Spawned(child))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Process::Spawned(child) = &mut self.0 {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
