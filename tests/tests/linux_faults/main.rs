//! Linux: what becomes of a program whose system calls fail, and of two of which one is killed or stopped.
//!
//! A driver runs a program call by call, and does something at the n-th of those that count: it has the call fail with an
//! error, or kills or stops who makes it. It needs nothing of the library's, and so finds all call sites.
//!
//! Each run of the tests takes some of all steps and errors, others with each number in `RENDEZVOUS_FAULTS`, and all of them
//! if that is `all`.
//!
//! - `filter`, `names`: a program's system calls, and what they are called; `driver`: what happens to them;
//! - `scenes`: what a program does meanwhile; `helper`: an honest peer of it, in this process;
//! - `calls`: calls that fail; `signals`: processes that are killed or stopped; `draw`: which of them are tried.
#![cfg(target_os = "linux")]

mod calls;
mod draw;
mod driver;
mod filter;
mod helper;
mod names;
mod scenes;
mod signals;
