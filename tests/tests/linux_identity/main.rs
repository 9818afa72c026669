//! Linux: who asks is a process, not a number or a string.
//!
//! - `reused`: a request that waits while its process ends and another one gets its pid.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects")]

mod reused;
