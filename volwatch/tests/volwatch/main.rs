//! The daemon and the command, as processes.
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod bed;
mod descriptions;
mod folder;
mod helpers;
#[cfg(target_os = "linux")]
mod linux_lock;
#[cfg(target_os = "linux")]
mod linux_logind;
#[cfg(target_os = "linux")]
mod linux_mounts;
#[cfg(target_os = "linux")]
mod linux_overflow;
#[cfg(target_os = "linux")]
mod linux_slow;
#[cfg(target_os = "linux")]
mod linux_users;
mod lock;
mod order;
mod shutdown;
