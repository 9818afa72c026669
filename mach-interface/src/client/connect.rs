//! Comparing the two ends of a connection.

use std::time::Duration;

use mach_ports::SendRight;

use crate::client::{CallError, Client};
use crate::describe::Interface;
use crate::kind::{FixedText, Kinds};

/// The id by which a server is asked for its interfaces' hashes. No subsystem has it.
pub(crate) const SCHEMA_ID: i32 = 0x4d52_5348;
/// Room for an interface's name.
pub(crate) const NAME: usize = 128;

/// What is asked: the base of the interface. What is answered: its hash and its name.
pub(crate) type Question = (i32,);
pub(crate) type Asked = (u64, FixedText<NAME>);

/// Why a server is not one of the interface.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server has another interface, or another version of it.
    #[error(
        "the client was made for the interface {ours:?} ({ours_hash:#018x}), the server for {theirs:?} ({theirs_hash:#018x})"
    )]
    Mismatch {
        /// The client's interface.
        ours: String,
        /// Its hash.
        ours_hash: u64,
        /// The server's.
        theirs: String,
        /// Its hash.
        theirs_hash: u64,
    },
    /// The server does not say which interface it has: it is none of this library, or has none with that base.
    #[error("the server does not say which interface it has")]
    Unknown,
    /// The server could not be asked.
    #[error("the server could not be asked for its interface")]
    Call(#[from] CallError),
}

mach_ports::debug_with_causes!(ConnectError);

/// Asks a server for the hash of its interface, and compares.
///
/// # Errors
///
/// See [`ConnectError`].
pub fn connect(
    right: SendRight,
    interface: &Interface,
    timeout: impl Into<Option<Duration>>,
) -> Result<Client, ConnectError> {
    let client = Client::new(right).with_timeout(timeout);
    let asked = client.call::<Question, Asked>(SCHEMA_ID, (interface.base,));
    compare(interface, asked)?;
    Ok(client)
}

/// [`connect`], for a task.
///
/// # Errors
///
/// See [`ConnectError`].
#[cfg(feature = "tokio")]
pub async fn connect_async(
    right: SendRight,
    interface: &Interface,
    timeout: impl Into<Option<Duration>>,
) -> Result<crate::client::AsyncClient, ConnectError> {
    let client = crate::client::AsyncClient::new(right).with_timeout(timeout);
    let asked = client.call::<Question, Asked>(SCHEMA_ID, (interface.base,));
    compare(interface, asked.await)?;
    Ok(client)
}

fn compare(
    interface: &Interface,
    asked: Result<<Asked as Kinds>::Received, CallError>,
) -> Result<(), ConnectError> {
    let (theirs_hash, theirs) = match asked {
        Err(CallError::Refused(_)) => return Err(ConnectError::Unknown),
        asked => asked?,
    };
    let ours_hash = interface.schema_hash();
    if ours_hash == theirs_hash {
        return Ok(());
    }
    Err(ConnectError::Mismatch {
        ours: interface.name.clone(),
        ours_hash,
        theirs: theirs.to_string_lossy().into_owned(),
        theirs_hash,
    })
}
