//! Tasks of tokio: they receive, send, call, serve and wait for children, and may be dropped at any point.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod calling;
mod cancelling;
mod interfaces;
#[cfg(target_os = "linux")]
mod linux_shortage;
mod many;
mod processes;
mod receiving;
mod sending;
mod support;
