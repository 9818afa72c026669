//! Why an agent did not start.

use rendezvous_client::{ConnectError, TakeError};

/// Why an agent did not start. There is none on Linux, where the loader starts it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The launcher's side: what it says of the monitors is not of this version. Build both from one version of the crates.
    #[error(
        "the launcher's variable {} is not one that this version understands; build both from one version",
        image_protocol::environment::VARIABLE
    )]
    Variable,
    /// The program's side: it has an agent already.
    #[error("the agent has been started before")]
    Started,
    /// The rendezvous: the ports could not be had.
    #[error("the monitors' ports could not be had: {0}")]
    Connect(#[from] &'static ConnectError),
    /// The launcher's side: what it left for a monitor is no send right.
    #[error("a monitor's port could not be taken: {0}")]
    Take(#[from] TakeError),
    /// This process is out of ports or memory.
    #[error(transparent)]
    Port(#[from] mach_ports::Error),
}
