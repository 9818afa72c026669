//! A child's task port for its parent.
//!
//! On Mach, who has a task's port can list that task's port names, make and release rights there, and ask to be notified
//! there. Systems no longer hand out that port to others, so here a child that agrees [offers](Offer) a port of its own
//! which stands for it: what comes to it is passed on to the task's real port, and the kernel answers the sender. The
//! parent has it as a [`TaskPort`].
//!
//! Both sides must agree, and neither does by itself: the launcher by `Launcher::task_port`, the child by
//! `ConnectOptions::offer_task_port`. The child answers its direct parent only, and takes the offer back by dropping it.
//!
//! Only the calls on port names are passed on (MIG's subsystem `mach_port`, ids from 3200): not those on memory, threads
//! and the like.
//!
//! ```
//! use std::time::Duration;
//! use task_port::{Expected, Offer, Right};
//!
//! // Both sides in one process; the rendezvous carries the right between two.
//! let (expected, right) = Expected::new()?;
//! let offer = Offer::to_own_process(right)?;
//! let task = expected.accept(Duration::from_secs(10))?;
//!
//! let name = task.allocate(Right::Receive)?;
//! assert!(task.names()?.iter().any(|held| held.name == name));
//! task.mod_refs(name, Right::Receive, -1)?;
//! drop(offer);
//! assert!(task.names().is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod expected;
mod interface;
mod notify;
mod offer;
mod task;

pub use error::{AcceptError, TaskError};
pub use expected::Expected;
pub use interface::{MachPort, MachPortClient};
pub use notify::NameNotification;
pub use offer::{Offer, OfferError};
pub use task::{HeldName, Queue, Right, TaskPort};
