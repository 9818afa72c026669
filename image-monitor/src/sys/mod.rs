//! What a platform supplies. Everything outside this folder is the same code on every platform.
//!
//! | item | what it is |
//! |---|---|
//! | `exit::code` | how a child has ended, without reaping it, if that can be asked |
//! | `memory::Mapped` | reads an image's bytes where a child has mapped it, if that can be done |
//! | `program::check` | refuses a program of which it is known that no agent can be in it |
//! | `snapshot::take` | which images a running process has, if that can be found out |

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_vendor = "apple")]
mod macos;

#[cfg(target_os = "linux")]
pub(crate) use linux::{exit, memory, program, snapshot};
#[cfg(target_vendor = "apple")]
pub(crate) use macos::{exit, memory, program, snapshot};
