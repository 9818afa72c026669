//! The client's side: calls.

mod connect;
mod error;
mod handle;
mod reply_port;
mod typed;

pub use connect::{ConnectError, connect};
pub use error::CallError;
pub use handle::Client;
pub use typed::TypedClient;

pub(crate) use connect::{Answer, Question, SCHEMA_ID};
