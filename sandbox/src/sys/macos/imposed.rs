//! A program that locks the process up and executes the one that is meant: the system's own `sandbox-exec`, after a shell
//! that sets limits. `posix_spawn` can do neither.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use mach_ports::platform::spawn::BeforeExec;

use crate::sys::limits::Resource;
use crate::sys::{search, seatbelt};
use crate::{EnterError, Profile};

const SHELL: &str = "/bin/sh";

#[derive(Debug)]
pub(crate) struct Imposed {
    arguments: Vec<OsString>,
}

impl Imposed {
    pub(crate) fn new(profile: &Profile, program: &OsStr) -> Result<Self, EnterError> {
        let path = search::program(program);
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

fn script(profile: &Profile) -> String {
    let mut script = String::new();
    for limit in super::limits(profile) {
        let option = match limit.resource {
            Resource::CoreDumps => "-c",
            Resource::Memory => "-v",
            Resource::CpuTime => "-t",
            Resource::Descriptors => "-n",
        };
        let soft = limit.soft;
        // A limit that is lower already stays.
        script += &format!(
            "[ \"$(ulimit {option})\" != unlimited ] && [ \"$(ulimit {option})\" -le {soft} ] || ulimit {option} {soft} || exit 126\n"
        );
    }
    script + "exec /usr/bin/sandbox-exec -p \"$0\" \"$@\""
}
