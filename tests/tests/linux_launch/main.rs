//! Launches on Linux: what a child is passed, and what children cost.
//!
//! An executable of its own: tests here count the descriptors of their process and change its limits.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod busy;
mod limits;
mod passed;
mod refused;
mod short;
mod users;
