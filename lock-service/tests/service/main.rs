//! The service and its clients, in processes of their own.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod daemon;
mod deaths;
mod peer;
mod sessions;
mod volumes;
mod watcher;
mod work_loop;
