//! Tests that need a process of their own, and tests between two processes.
//!
//! The second process is the test's own executable, started again for this one test: it finds in its environment
//! which part it is to play. A test that has played its part returns; one that fails panics, and so fails its parent.
//!
//! - `apart`: a test in a process of its own; `two`: a test between two processes;
//! - `again`: how the executable is started again; `process`: what is started, and waited for;
//! - `directory`: bootstrap names, by which the two find each other.

mod again;
mod apart;
mod directory;
mod process;
#[cfg(test)]
mod tests;
mod two;

pub use apart::{alone, alone_against_a_guard, alone_for, apart};
pub use directory::{bootstrap, check_in, look_up, serve, service_name, tell_name, told_name};
pub use process::Process;
pub use two::{Line, three, two, two_until_killed};
