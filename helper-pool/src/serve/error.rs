use std::io;

use mach_ports::{Error, ReceiveError};
use rendezvous_client::{ConnectError, TakeError};

/// Why a process is no helper.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// There is no parent to take a port from.
    #[error("no rendezvous with the parent")]
    Rendezvous(#[from] &'static ConnectError),
    /// The parent has left something else than a helper's port.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// The parent has left no port: it is no pool, or the port was taken by an earlier call.
    #[error("the parent left no port: helpers are started by a pool")]
    NoPort,
    /// This process is short of something.
    #[error(transparent)]
    Port(#[from] Error),
    /// A thread could not be made.
    #[error("no thread can be made to serve on")]
    Thread(#[source] io::Error),
    /// Work can no longer be received.
    #[error("no work can be received")]
    Receive(#[source] ReceiveError),
}

mach_ports::debug_with_causes!(ServeError);
