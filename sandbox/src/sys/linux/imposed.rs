//! The lock that a new process puts on before it executes its program.

use std::ffi::OsStr;
use std::io;
use std::sync::Arc;

use mach_ports::platform::spawn::{Attributes, BeforeExec};

use super::filter;
use super::lock::{Lock, Threads};
use super::namespaces::Namespaces;
use super::{files, loader};
use crate::profile::For;
use crate::sys::{limits, search};
use crate::{EnterError, Profile};

#[derive(Debug)]
pub(crate) struct Imposed(Arc<Lock>);

impl Imposed {
    pub(crate) fn new(profile: &Profile, program: &OsStr) -> Result<Self, EnterError> {
        let mut needed = loader::system();
        needed.push((files::executing(), search::program(program)));
        Ok(Self(Arc::new(Lock {
            ruleset: files::Rules::of(profile, needed).ruleset()?,
            filters: filter::programs(profile, For::Executing)?,
            limits: limits::of(profile),
            // Executing a program makes it visible again.
            is_hidden: false,
            namespaces: Namespaces::of(profile, For::Executing).0,
        })))
    }

    pub(crate) fn apply(&self, attributes: &mut Attributes) -> io::Result<()> {
        attributes.before_exec(Arc::clone(&self.0) as _)
    }
}

// SAFETY: both parts of the lock are system calls only, on what was laid out before.
unsafe impl BeforeExec for Lock {
    fn clone_flags(&self) -> i32 {
        self.namespaces.flags()
    }

    fn first(&self) -> Result<(), i32> {
        Lock::first(self, Threads::This).map_err(|failed| failed.errno)
    }

    fn last(&self) -> Result<(), i32> {
        Lock::last(self, Threads::This).map_err(|failed| failed.errno)
    }
}
