//! Why a server's task has ended.

use mach_ports::ReceiveError;
use mach_ports::dispatch::DispatchError;

/// Why a server's task has ended.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// This process is short of a resource: the ports could not be watched.
    #[error("the server's ports could not be watched")]
    Watch(#[from] DispatchError),
    /// The ports could not be received from.
    #[error("no request could be received")]
    Receive(#[from] ReceiveError),
}

mach_ports::debug_with_causes!(ServeError);
