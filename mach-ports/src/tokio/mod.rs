//! Ports for tasks of tokio: the feature `tokio`.
//!
//! | to wait for | use |
//! |---|---|
//! | messages | [`Receiver`], a port or a set in a runtime: [`Receiver::receive`], or as a `Stream` |
//! | room in a full queue | [`Message::send_async`](crate::Message::send_async), [`SendRight::send_possible`](crate::SendRight::send_possible) |
//! | a reply | [`Message::call_async`](crate::Message::call_async) |
//! | the exit of a process | [`ExitEvent::occurred`](crate::dispatch::ExitEvent::occurred) |
//!
//! No thread waits for a port. On Linux the runtime itself waits for the port's descriptor, on macOS a dispatch source wakes the
//! task; those sources share one queue. Who waits for room is woken by the kernel's send-possible notification, at one port for
//! all. Both kinds of runtime do, the one of the current thread too. One that has deadlines to keep, or room to wait for, has its
//! timers on (`enable_all`).
//!
//! # When a future is dropped
//!
//! - A message is received by the very poll that returns it: none is lost.
//! - A message was sent if its future has said so. One whose future is dropped before was not sent and never will be; the
//!   rights that it was to move are released. Who wants them back waits for
//!   [`send_possible`](crate::SendRight::send_possible) and sends without waiting, or sets a deadline.
//! - A call that is dropped once its request was sent destroys its reply port: the reply goes nowhere, and the rights in it are
//!   released.
//!
//! ```
//! use std::time::Duration;
//! use mach_ports::tokio::Receiver;
//! use mach_ports::{Message, ReceiveOptions, ReceiveRight, SendOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let port = ReceiveRight::new()?;
//! let right = port.make_send()?;
//! // More than the queue has room for: the sender waits for the receiver.
//! let sender = tokio::spawn(async move {
//!     for id in 0..100 {
//!         Message::new(id).send_async(&right, &SendOptions::new()).await?;
//!     }
//!     Ok::<_, mach_ports::SendError>(())
//! });
//! let receiver = Receiver::new(port)?;
//! let options = ReceiveOptions::new().timeout(Duration::from_secs(60));
//! for id in 0..100 {
//!     assert_eq!(receiver.receive(&options).await?.id(), id);
//! }
//! sender.await??;
//! # Ok(())
//! # })
//! # }
//! ```

mod call;
mod receiver;
mod room;
mod send;
mod time;

pub use receiver::{Receiver, Source};

pub(crate) use room::{displace, look_again};
