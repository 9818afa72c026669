//! The service: ports, deferred replies and deaths around a [`Machine`](crate::state::Machine).

mod builder;
mod clients;
mod core;
mod handle;
mod looks;
mod observers;
mod processes;
mod replies;
mod run;
mod sessions;
mod subsystems;
mod volumes;
mod world;

pub use builder::{Builder, StartError};
pub use handle::{LockService, ServiceHandle};
pub(crate) use subsystems::NO_ACCESS;
pub use volumes::{Clock, NoVolumes, Volumes};
