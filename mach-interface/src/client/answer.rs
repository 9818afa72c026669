//! What a call brought.

use mach_ports::AuditToken;

use crate::client::CallError;
use crate::code;

/// The results of a call, and who sent them.
#[derive(Debug)]
#[non_exhaustive]
pub struct Answer<T> {
    /// The results.
    pub results: T,
    /// Who sent the reply, by the kernel's word; `None` if the trailer does not say.
    pub replier: Option<AuditToken>,
}

impl<T> Answer<T> {
    /// The results, and who sent them.
    ///
    /// # Errors
    ///
    /// [`CallError::Malformed`]: the trailer does not say.
    pub fn told<R: From<AuditToken>>(self) -> Result<(T, R), CallError> {
        let replier = self.replier.map(R::from);
        let replier = replier.ok_or(CallError::Malformed(code::TRAILER_ERROR))?;
        Ok((self.results, replier))
    }
}
