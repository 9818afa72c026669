//! The client's side: calls.

#[cfg(feature = "tokio")]
mod asynchronous;
mod connect;
mod error;
mod handle;
mod reply_port;
#[cfg(feature = "tokio")]
mod reply_ports;
mod typed;

#[cfg(feature = "tokio")]
pub use asynchronous::AsyncClient;
#[cfg(feature = "tokio")]
pub use connect::connect_async;
pub use connect::{ConnectError, connect};
pub use error::CallError;
pub use handle::Client;
pub use typed::TypedClient;

pub(crate) use connect::{Answer, Question, SCHEMA_ID};
