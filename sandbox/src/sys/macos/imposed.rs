//! A program that locks the process up and executes the one that is meant: the system's own `sandbox-exec`, after a shell
//! that sets limits. `posix_spawn` can do neither.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mach_ports::platform::spawn::BeforeExec;

use super::{limits, seatbelt};
use crate::{EnterError, Profile};

const SHELL: &str = "/bin/sh";

#[derive(Debug)]
pub(crate) struct Imposed {
    arguments: Vec<OsString>,
}

impl Imposed {
    pub(crate) fn new(profile: &Profile, program: &OsStr) -> Result<Self, EnterError> {
        let path = find(program);
        let text = seatbelt::text(profile, Some(seatbelt::Executed(&path)))?;
        let script = script(profile);
        Ok(Self {
            // The shell calls what follows the script `$0` and `$@`.
            arguments: ["sh", "-c", &script, &text].map(OsString::from).into(),
        })
    }

    pub(crate) fn before_exec(&self) -> Option<Arc<dyn BeforeExec>> {
        None
    }

    pub(crate) fn wrapper(&self) -> Option<(&OsStr, &[OsString])> {
        Some((OsStr::new(SHELL), &self.arguments))
    }
}

/// Where a program is: along this process's `PATH`, if it is named without a slash.
fn find(name: &OsStr) -> PathBuf {
    if name.as_encoded_bytes().contains(&b'/') {
        return name.into();
    }
    let search = std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into());
    std::env::split_paths(&search)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .unwrap_or_else(|| Path::new(name).into())
}

fn script(profile: &Profile) -> String {
    let mut script = String::new();
    for (resource, soft, _) in limits::of(profile) {
        let option = match resource {
            libc::RLIMIT_CORE => "-c",
            libc::RLIMIT_CPU => "-t",
            _ => "-n",
        };
        // A limit that is lower already stays.
        script += &format!(
            "[ \"$(ulimit {option})\" != unlimited ] && [ \"$(ulimit {option})\" -le {soft} ] || ulimit {option} {soft} || exit 126\n"
        );
    }
    script + "exec /usr/bin/sandbox-exec -p \"$0\" \"$@\""
}
