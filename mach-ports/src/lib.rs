//! Safe, owned Mach port rights, messages and dispatch sources, on macOS and Linux.
//!
//! The same code runs on both: on macOS on the kernel's Mach IPC and libdispatch, on Linux on the embedded
//! Mach. What differs is in one list, `src/sys/mod.rs`; the raw calls are in [`ffi`] under mach2's paths.
//!
//! ```
//! use std::time::Duration;
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let port = ReceiveRight::new()?;
//! let right = port.make_send()?;
//! Message::new(1).data(b"hello").send(&right, &SendOptions::new())?;
//!
//! let message = port.receive(&ReceiveOptions::new().timeout(Duration::from_secs(5)))?;
//! assert_eq!(message.data(), Some(&b"hello"[..]));
//! assert_eq!(message.audit_token().map(|sender| sender.pid()), Some(std::process::id() as i32));
//! # Ok(())
//! # }
//! ```

mod calls;
mod causes;
mod deadline;
mod error;
#[cfg(test)]
mod error_tests;
mod file_port;
mod port_set;
mod semaphore;
mod shared_memory;
mod shortage;
mod sys;

pub mod bootstrap;
pub mod census;
pub mod dispatch;
pub mod ffi;
pub mod message;
pub mod notification;
pub mod platform;
pub mod right;
pub mod time;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use calls::Name;
#[doc(hidden)]
pub use causes::fmt_with_causes;
pub use error::{Error, ReturnCode};
pub use file_port::FilePort;
pub use message::{
    AuditToken, CallError, Descriptor, Disposition, Message, Notification, OolMemory, OutOfLine,
    OutgoingRight, ReceiveError, ReceiveOptions, ReceivedMessage, ReplyRight, ReturnedMessage,
    SendError, SendOptions, WrongKind,
};
pub use port_set::PortSet;
pub use right::{AnyRight, PortStatus, ReceiveRight, Right, RightKind, SendOnceRight, SendRight};
pub use semaphore::{Semaphore, SemaphoreError, SemaphoreHandle};
pub use shared_memory::{Mapping, SharedMemory};
