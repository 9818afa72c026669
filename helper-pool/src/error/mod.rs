//! What can go wrong with a call, with a helper and with its start.

mod call;
mod fault;
mod lost;
mod start;

pub use call::PoolError;
pub use fault::Fault;
pub use lost::{Loss, LostHelper};
pub use start::{BuildError, NoHelper, StartCause, StartError};
