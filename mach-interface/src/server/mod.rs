//! The server's side: requests, routines, loops.

mod call;
mod deferred;
mod reply;
mod request;
mod run;
#[cfg(feature = "tokio")]
mod serve_error;
mod service;
mod subsystem;

pub use call::{Call, Failure, deferred_routine, routine, simple_routine};
pub use deferred::{Deferred, DeferredReply};
pub use reply::Reply;
pub use request::Request;
#[cfg(feature = "tokio")]
pub use run::serve_while_used_async;
pub use run::{Running, Server, serve_on, serve_one, serve_while_used};
#[cfg(feature = "tokio")]
pub use serve_error::ServeError;
pub(crate) use service::Service;
pub use subsystem::{Outcome, SimpleResult, Subsystem};
