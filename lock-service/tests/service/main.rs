//! The service and its clients, in processes of their own.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod crowd;
mod daemon;
mod deaths;
mod hostile;
mod looks;
mod many;
mod observers;
mod peer;
mod sessions;
#[cfg(feature = "tokio")]
mod tasks;
mod volumes;
mod watcher;
mod wire;
mod work_loop;
