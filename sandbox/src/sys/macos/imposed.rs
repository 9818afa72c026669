//! What a new process is to do before it executes its program: a stub does it, for `posix_spawn` cannot.

use std::ffi::{CString, OsStr};
use std::io;

use mach_ports::platform::spawn::{Attributes, ResourceLimit};

use crate::sys::{search, seatbelt};
use crate::{EnterError, Profile};

#[derive(Debug)]
pub(crate) struct Imposed {
    text: CString,
    limits: Vec<ResourceLimit>,
}

impl Imposed {
    pub(crate) fn new(profile: &Profile, program: &OsStr) -> Result<Self, EnterError> {
        let path = search::program(program);
        let text = seatbelt::text(profile, Some(seatbelt::Executed(&path)))?;
        let text = CString::new(text).map_err(|error| EnterError::Call {
            step: "write the profile for the system's sandbox",
            source: error.into(),
        })?;
        let limits = super::limits(profile).map(|limit| ResourceLimit {
            resource: limit.resource.number(),
            soft: limit.soft,
            hard: limit.hard,
        });
        Ok(Self {
            text,
            limits: limits.collect(),
        })
    }

    pub(crate) fn apply(&self, attributes: &mut Attributes) -> io::Result<()> {
        attributes.sandbox(&self.text, &self.limits)
    }
}
