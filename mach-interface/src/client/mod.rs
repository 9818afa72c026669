//! The client's side: calls.

mod answer;
#[cfg(feature = "tokio")]
mod asynchronous;
mod connect;
mod error;
mod handle;
mod limits;
mod reply_port;
#[cfg(feature = "tokio")]
mod reply_ports;
mod reply_to;
mod typed;

pub use answer::Answer;
#[cfg(feature = "tokio")]
pub use asynchronous::AsyncClient;
#[cfg(feature = "tokio")]
pub use connect::connect_async;
pub use connect::{ConnectError, connect};
pub use error::CallError;
pub use handle::Client;
pub use limits::Limits;
pub use reply_to::ReplyTo;
pub use typed::TypedClient;

pub(crate) use connect::{Asked, Question, SCHEMA_ID};
