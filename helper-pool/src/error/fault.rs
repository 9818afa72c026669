use mach_interface::CallError;

/// What the closure of a call may fail with.
///
/// A closure that only calls routines fails with their [`CallError`]. One that looks at the results as well, and finds that no
/// sound helper would send such, says so with [`Fault::breach`]: the helper is replaced then.
///
/// ```
/// # use helper_pool::Fault;
/// # use mach_interface::CallError;
/// /// What a closure does with the length that a helper told.
/// fn checked(told: Result<u32, CallError>, most: u32) -> Result<u32, Fault> {
///     let length = told?;
///     if length > most {
///         return Err(Fault::breach(format!("{length} of at most {most} bytes")));
///     }
///     Ok(length)
/// }
/// assert!(checked(Ok(3), 2).is_err());
/// ```
#[derive(thiserror::Error)]
// Exhaustive: a call fails, or its results are wrong.
pub enum Fault {
    /// A routine was not called, or failed.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The results are not what a sound helper sends.
    #[error("the helper's answer makes no sense")]
    Breach(#[source] Box<dyn std::error::Error + Send + Sync>),
}

mach_ports::debug_with_causes!(Fault);

impl Fault {
    /// The results are not what a sound helper sends, for this reason.
    pub fn breach(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Breach(reason.into())
    }
}
