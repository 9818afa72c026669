//! The function that is fuzzed, and the helper that runs it.

use helper_pool::ServeError;
use mach_interface::{Ool, OolArray, subsystem};
use mach_ports::ReturnCode;

use crate::records;

/// A helper.
#[subsystem(base = 0x6675_7a7a)]
pub(crate) trait Target {
    /// Runs the function on an input. That it fails is no finding, only that it does not return.
    fn run(&self, input: Ool<u8>) -> Result<(), ReturnCode>;
}

/// What is fuzzed: call a function of your own here.
pub(crate) fn run(input: &[u8]) {
    // A parser may refuse what it likes.
    let _ = records::parse(input);
}

struct Runner;

impl Target for Runner {
    fn run(&self, input: OolArray<u8>) -> Result<(), ReturnCode> {
        run(&input);
        Ok(())
    }
}

/// Runs what the parent sends, until the parent lets go of this process, or is gone.
pub(crate) fn serve() -> Result<(), ServeError> {
    helper_pool::serve(TargetServer::new(Runner))
}
