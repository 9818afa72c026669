//! What the embedded Mach asks of Linux, as safe functions.
//!
//! All unsafe code that talks to the kernel below us is in this folder; nothing here knows what a port is.

pub(crate) mod advice;
mod again;
pub(crate) mod ahead;
pub(crate) mod alarm;
pub(crate) mod aside;
pub(crate) mod bytes;
pub(crate) mod clock;
pub(crate) mod crew;
mod direct;
pub(crate) mod environment;
pub(crate) mod exception;
pub(crate) mod file;
pub(crate) mod folder;
pub(crate) mod foreign;
pub(crate) mod fork;
pub(crate) mod host;
pub(crate) mod limits;
pub(crate) mod look;
pub(crate) mod mapping;
pub(crate) mod maps;
pub(crate) mod memory;
pub(crate) mod movable;
pub(crate) mod numbers;
pub(crate) mod packet;
pub(crate) mod pagemap;
pub(crate) mod parker;
mod pen;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod processors;
pub(crate) mod random;
pub(crate) mod room;
pub(crate) mod seam;
pub(crate) mod semaphore;
pub(crate) mod signals;
pub(crate) mod smaps;
pub(crate) mod socket;
pub(crate) mod threads;
pub(crate) mod unclosed;
pub(crate) mod unread;
pub(crate) mod usage;
pub(crate) mod user;
pub(crate) mod watch;
