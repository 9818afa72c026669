//! What can go wrong, and at which step.

mod launch;
mod run;
mod setting;
#[cfg(test)]
mod tests;

pub use launch::{LaunchCause, LaunchError, LaunchStep};
pub use run::RunError;
pub use setting::SettingError;

/// Which step failed, and why: a [`LaunchError`] that does not know its program yet.
pub(crate) type Failure = (LaunchStep, LaunchCause);

/// Makes a cause the failure of a step.
pub(crate) fn at<E: Into<LaunchCause>>(step: LaunchStep) -> impl FnOnce(E) -> Failure {
    move |error| (step, error.into())
}
