//! A pool of helper processes behind a typed interface.
//!
//! Dangerous work happens in another process. A [`HelperPool`] starts such processes, gives them calls, and replaces those that
//! crash, hang past the deadline, grow beyond a limit or break the protocol: each costs the call it was at, whose error says
//! how it was lost, and no more.
//!
//! # Example
//! Both sides in one program, which starts itself again:
//!
//! ```standalone_crate
//! use std::error::Error;
//! use std::time::Duration;
//!
//! use helper_pool::HelperPool;
//! use launcher::{Launcher, Profile};
//! use mach_interface::subsystem;
//! use mach_ports::{OolMemory, ReturnCode};
//!
//! #[subsystem(base = 5000)]
//! trait Decoder {
//!     fn decode(&self, file: OolMemory, edge: u32) -> Result<(OolMemory, u32), ReturnCode>;
//! }
//!
//! struct Images;
//!
//! impl Decoder for Images {
//!     fn decode(&self, file: OolMemory, edge: u32) -> Result<(OolMemory, u32), ReturnCode> {
//!         if &file[..] == b"bad" {
//!             std::process::abort(); // what a broken decoder does
//!         }
//!         Ok((file, edge))
//!     }
//! }
//!
//! fn main() -> Result<(), Box<dyn Error>> {
//!     if std::env::args().nth(1).is_some_and(|argument| argument == "--helper") {
//!         return Ok(helper_pool::serve(DecoderServer::new(Images))?);
//!     }
//!     let exe = std::env::current_exe()?;
//!     let pool = HelperPool::<DecoderClient>::builder(Launcher::new(exe).arg("--helper"))
//!         .helpers(2)
//!         .profile(Profile::ports_only())
//!         .deadline(Duration::from_secs(20))
//!         .build()?;
//!
//!     let file = OolMemory::copy_of(b"good")?;
//!     let (pixels, size) = pool.call(|decoder| decoder.decode(file, 256))?;
//!     assert_eq!((&pixels[..], size), (&b"good"[..], 256));
//!
//!     let file = OolMemory::copy_of(b"bad")?;
//!     let error = pool.call(|decoder| decoder.decode(file, 256)).unwrap_err();
//!     assert!(error.to_string().starts_with("the helper ended: signal: 6"), "{error}");
//!
//!     assert!(pool.stop(Duration::from_secs(20)));
//!     assert_eq!(pool.stats().total.crashed, 1);
//!     Ok(())
//! }
//! ```
//!
//! # What costs what
//! | what happens | what it costs |
//! |---|---|
//! | a helper crashes, exits, panics or is killed | the calls that are in flight on it ([`Loss::Ended`], [`Loss::Panicked`]) |
//! | it hangs past the deadline, or is stopped | the call ([`Loss::TimedOut`]) |
//! | it has too much memory | the calls that are in flight on it ([`Loss::Memory`]) |
//! | it answers what the interface does not allow, or not at all | the call ([`Loss::Protocol`], [`Loss::Breach`], [`Loss::Dropped`], [`Loss::Closed`]) |
//! | it ends while it has nothing to do | nothing |
//! | it does not come to serve | time: the next start waits, and after [some in a row](Builder::start_attempts) callers are told why ([`NoHelper`]) |
//! | its routine fails | the call, and not the helper ([`PoolError::Failed`]) |
//! | a call is cancelled | the helper ([`CancelToken`]) |
//! | the parent dies | all helpers end: [`serve`] sees to that |
//!
//! # Limits
//! - A helper's memory is looked at 20 times a second. What it must never have, its sandbox has to refuse.
//! - That the parent has died a helper notices once it has called [`serve`], and while its process is not stopped.
//! - Processes that a helper has started are not the pool's: they must notice by themselves that their parent is gone.
//! - Pools are not for a process that was forked from theirs.
//!
//! # Events
//! What happens to helpers is told by `tracing`, at `debug` what is usual and at `warn` what is not. Fields that begin with
//! `monotonic_counter.` count, as subscribers that make metrics of events expect it; [`HelperPool::stats`] has the same numbers.

#[cfg(feature = "tokio")]
mod asynchronous;
mod builder;
mod error;
mod helper;
mod inner;
mod jobs;
mod options;
mod pool;
mod serve;
mod session;
mod settings;
mod stats;
mod sys;

pub use builder::Builder;
pub use error::{BuildError, Fault, Loss, LostHelper, NoHelper, PoolError, StartCause, StartError};
pub use jobs::Job;
pub use options::{CallOptions, CancelToken};
pub use pool::HelperPool;
pub use serve::{ServeError, serve};
pub use session::Session;
pub use settings::{HelperCount, Stderr};
pub use stats::{Stats, Totals};
