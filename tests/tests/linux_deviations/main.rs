//! Where Linux differs, and what it does instead: the deviations that the embedded Mach's documentation lists.
#![cfg(target_os = "linux")]

mod bootstrap;
mod ended_tasks;
mod guard_exceptions;
mod guard_violations;
mod messages;
mod moving;
mod names;
mod semaphores;
