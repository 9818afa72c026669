//! Messages: building, sending, receiving, reading.
//!
//! A [`Message`] owns what it will move and borrows what it copies or makes rights from. A
//! [`ReceivedMessage`] owns all that came with it until it is taken; what is left is released on drop.
//!
//! ```
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let port = ReceiveRight::new()?;
//! let to_port = port.make_send()?;
//! let carried = ReceiveRight::new()?;
//!
//! Message::new(7)
//!     .bytes(b"with a right")
//!     .make_send(&carried)
//!     .send(&to_port, &SendOptions::new())?;
//!
//! let mut message = port.receive(&ReceiveOptions::new())?;
//! assert_eq!((message.id(), message.body()), (7, &b"with a right"[..]));
//! let right = message.take_send(0)?.ok_or("no right")?;
//! assert_eq!(right.name(), carried.name());
//! # Ok(())
//! # }
//! ```

mod audit;
mod call;
mod data;
mod descriptor;
mod disposition;
mod layout;
mod memory;
mod notification;
mod outgoing;
mod outgoing_right;
mod parcel;
mod receive;
mod received;
mod send;
mod wire;

#[cfg(test)]
mod tests;

pub use audit::AuditToken;
pub use call::CallError;
pub use descriptor::Descriptor;
pub use disposition::Disposition;
pub use memory::OolMemory;
pub use notification::Notification;
pub use outgoing::{Message, OutOfLine};
pub use outgoing_right::OutgoingRight;
pub use receive::{ReceiveError, ReceiveOptions};
pub use received::{ReceivedMessage, ReplyRight, WrongKind};
pub use send::{ReturnedMessage, SendError, SendOptions};

pub(crate) use memory::take_words;
pub(crate) use receive::receive_on;
