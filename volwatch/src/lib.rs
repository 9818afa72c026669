//! Watches volumes, has what is stale on them rebuilt once they are quiet, and guards that by locks.
//!
//! Several processes must not rebuild the same thing at once; whoever holds a lock may crash; whoever shuts the machine down
//! must know that nothing is half done. A [`Daemon`] runs all of it; `volwatch` is the command; [`client::Client`] asks a
//! daemon from a program.
//!
//! ```no_run
//! use volwatch::{Daemon, settings::Settings};
//!
//! let settings = Settings::read("/etc/volwatch.toml".as_ref())?;
//! let daemon = Daemon::start(settings)?; // volumes can be locked from here on
//! let handle = daemon.handle(); // stops it, from any thread
//! daemon.run();
//! # drop(handle);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | [`description`] | what a volume says of itself, and what of that is refused |
//! | [`beneath`] | files beneath a volume's root, and never elsewhere |
//! | [`record`] | whether a volume is stale |
//! | [`schedule`] | when volumes are looked at: pure, with a clock that is given |
//! | [`volumes`] | what is mounted, and which of it is watched |
//! | [`watch`] | noticing changes |
//! | [`settings`] | the daemon's configuration |
//! | [`client`], [`wire`], [`status`] | asking a daemon |

pub mod beneath;
pub mod client;
pub mod command;
mod daemon;
pub mod description;
pub mod record;
pub mod schedule;
pub mod settings;
pub mod status;
mod sys;
mod table;
pub mod volumes;
pub mod watch;
pub mod wire;

pub use daemon::{Daemon, DaemonHandle, StartError};

/// The 128 bits by which a volume is known: its file system's UUID, or one that was given to it.
pub type VolumeId = uuid::Uuid;
