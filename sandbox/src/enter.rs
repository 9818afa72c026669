//! A process that locks itself up.

use crate::part::Missing;
use crate::profile::For;
use crate::{EnterError, Profile, sys};

impl Profile {
    /// Locks this process up, for good.
    ///
    /// To be called first of all in `main`. A process may enter several profiles; each takes something away and gives
    /// nothing back.
    ///
    /// On Linux, where one more descriptor stays open: the process's own folder below `/proc`.
    ///
    /// # Errors
    /// A part cannot be had: see [`EnterError`]. There is no half of it, but for
    /// [`EnterError::Call`].
    ///
    /// ```no_run
    /// use sandbox::Profile;
    ///
    /// Profile::ports_only().enter()?;
    /// assert!(std::fs::read("/etc/passwd").is_err());
    /// # Ok::<(), sandbox::EnterError>(())
    /// ```
    pub fn enter(&self) -> Result<Entered, EnterError> {
        let missing = self.accepted(For::Entering).map_err(EnterError::Missing)?;
        sys::enter(self)?;
        for missing in &missing {
            tracing::warn!(%missing, "locked up without a part");
        }
        Ok(Entered { missing })
    }
}

/// That this process is locked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    missing: Vec<Missing>,
}

impl Entered {
    /// The parts that this system could not do and that the profile [did without](Profile::accept_without); none if it is
    /// locked up as the profile says.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }
}
