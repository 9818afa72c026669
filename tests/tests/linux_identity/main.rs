//! Linux: who asks is a process, not a number or a string.
//!
//! - `programs`: a process that asks as one program and is looked at as another;
//! - `reused`: a request that waits while its process ends and another one gets its pid.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod programs;
mod reused;
