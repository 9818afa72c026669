//! A parent sees every library that its child loads, and the child waits for it.
//!
//! Crash reporters, profilers, coverage tools and policy checks need to know what code is in a process, before it runs and
//! before it goes. An [`ImageMonitor`] is told of each image (program, library) that a process loads or unloads, and of
//! the moment before `main`. The process waits for the answer to each of these, so that the monitor can look at it, or end
//! it, meanwhile. It is the system of dyld's `dyld_process_info_notify`, on ports.
//!
//! `launcher::Launcher::image_monitor` launches a child with one. [`Snapshot`] reads what is in a process that runs already.
//!
//! | | |
//! |---|---|
//! | [`ImageMonitor`], [`MonitorOptions`], [`MonitorState`] | a monitor, how it is to be, and how far it has come |
//! | [`Notice`], [`Notices`], [`Event`] | what it is told, by a handler's call or in a queue; dropping a notice answers it |
//! | [`ImageList`], [`Image`], [`Location`] | what is there, what was there, and what is behind an address |
//! | [`Program::check_watchable`] | which programs cannot be watched, and why |
//! | [`Target`], [`Claim`] | the process as its monitors share it, for launchers |
//!
//! With the feature `tokio` there is `NoticeStream`, too, from `ImageMonitor::stream`: events for tasks to wait for.
//!
//! # What the process must be like
//! On Linux a program that glibc's loader (2.35 or newer) loads, and that has no more rights than its launcher: the agent in
//! it is an audit library, which needs nothing of the program. On macOS the program must link an agent, and start it.
//!
//! # Whom to trust
//! The process speaks for itself: what it says of its images can be a lie, as anything of a process that runs hostile code.
//! An event can be believed of code that was not hostile before.
//!
//! It can neither speak for another process nor make its monitor hold memory without end. It can hold up its monitor's queue, by memory or
//! files that answer slowly where its images' headers are read, until it is killed. So monitors of processes that may be hostile have a
//! queue each, as they do unless [`ImageMonitor::on_queue`] says otherwise.

mod build_id;
mod error;
mod event;
mod image;
mod layout;
mod list;
mod monitor;
mod notice;
mod program;
mod snapshot;
mod sys;
mod target;

pub use build_id::BuildId;
pub use error::AttachError;
pub use event::{Event, ExitCause};
pub use image::{Image, ImageKind};
pub use list::{ImageList, Location, MAX_IMAGES, PastImage};
#[cfg(feature = "tokio")]
pub use monitor::NoticeStream;
pub use monitor::{ImageMonitor, MonitorOptions, MonitorState, Notices};
pub use notice::Notice;
pub use program::{Program, Unwatchable};
pub use snapshot::{Snapshot, SnapshotError};
pub use target::{Claim, Target};
