//! The audit library, and how a process is started with it.
//!
//! The process must be a direct child of the one that made the descriptors, dynamically linked with glibc 2.35 or newer, of
//! the same word size, and have no other rights than who starts it (setuid). In another one the library says nothing, closes
//! what it was passed, and is unloaded: the monitor hears that it has no senders.
//!
//! 1. Get the library's descriptor ([`library`]), and for each monitor one of a way to its port
//!    (`mach_ports::platform::pass_port`). Choose numbers for them in the child.
//! 2. Write what the variable is to say ([`Launch`](image_protocol::environment::Launch)), and set what [`environment`] returns, in the child only.
//! 3. Start the child with the descriptors under these numbers.
//!
//! Before anything of the program runs, variables and descriptors are as they would be without this; only the agent's own
//! descriptors, two for each monitor, are at numbers just below 1024 (or the limit, if that is lower), and closed on `exec`.

mod environment;
mod library;

pub use environment::{STATIC_TLS, environment};
pub use library::{LIBRARY, library};
