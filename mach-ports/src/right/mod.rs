//! Owned port rights.
//!
//! A value of one of these types is one reference to one right in this task's name space: dropping the
//! value releases exactly that reference. The kernel gives all send and receive rights of one port the
//! same name, so a [`ReceiveRight`] and a [`SendRight`] may show the same [`Name`](crate::Name) and still be two things.
//!
//! ```
//! use mach_ports::ReceiveRight;
//!
//! let port = ReceiveRight::new()?;
//! let right = port.make_send()?;
//! assert_eq!(right.clone().references()?, 2);
//! assert_eq!(right.references()?, 1);
//! drop(port);
//! assert!(right.is_dead()); // the name stays, as a dead name
//! # Ok::<(), mach_ports::Error>(())
//! ```
//!
//! A forked child holds none of its parent's rights (its name space starts empty), so values that it
//! inherited must be forgotten there, not dropped.

mod any;
mod kind;
mod owned;
mod receive;
mod request;
mod send;
mod send_once;

#[cfg(test)]
mod tests;

pub use any::AnyRight;
pub use kind::RightKind;
pub use owned::Right;
pub use receive::{PortStatus, ReceiveRight};
pub use send::SendRight;
pub use send_once::SendOnceRight;

pub(crate) use any::release;
