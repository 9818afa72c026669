//! A profile for a child, which its parent imposes.

use std::ffi::OsStr;
use std::io;

use mach_ports::platform::spawn::Attributes;

use crate::part::Missing;
use crate::profile::For;
use crate::{EnterError, Profile, sys};

/// A profile prepared for one child, which need not know of it: what a launcher needs to start a program locked up.
///
/// The child is locked up before it executes its program. What the system's loader needs is allowed: the program itself and
/// the system's libraries can be read, and the program be executed. Without
/// [`start_processes`](Profile::start_processes) that is in the place of itself only; on Linux it can do the same with a
/// program that it has in memory. Either is locked up as before. The program can lock itself up
/// further by [`enter`](Profile::enter).
#[derive(Debug)]
pub struct Imposed {
    inner: sys::Imposed,
    missing: Vec<Missing>,
}

impl Profile {
    /// Prepares to impose this profile on a child that executes `program`, which is looked for along this process's `PATH` if
    /// it is named without a slash.
    ///
    /// # Errors
    /// As [`enter`](Self::enter), for other causes than threads.
    pub fn impose(&self, program: &OsStr) -> Result<Imposed, EnterError> {
        let missing = self.accepted(For::Executing).map_err(EnterError::Missing)?;
        let inner = sys::Imposed::new(self, program)?;
        for missing in &missing {
            tracing::warn!(?program, %missing, "a child is locked up without a part");
        }
        Ok(Imposed { inner, missing })
    }
}

impl Imposed {
    /// The parts that this system could not do and that the profile [did without](Profile::accept_without).
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }

    /// Has a child that is spawned with these attributes be locked up: by itself on Linux, by a stub that executes the program
    /// on macOS.
    ///
    /// # Errors
    /// None is known.
    pub fn apply(&self, attributes: &mut Attributes) -> io::Result<()> {
        self.inner.apply(attributes)
    }
}
